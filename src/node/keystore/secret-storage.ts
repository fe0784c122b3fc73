/**
 * Web3 Secret Storage, version 3: a private key under a password, as other Ethereum programs read and write it.
 * Source: ethereum.org, "Web3 Secret Storage Definition".
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { systemRandom } from "../../adapters/system-random.ts";
import { type Address, parseAddress } from "../../crypto/address.ts";
import type { PrivateKey } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { assert } from "../../primitives/assert.ts";
import { fromHex, toHex } from "../../primitives/hex.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { type Stretching, sealKey, unsealKey } from "./key-cipher.ts";
import { parseKey } from "./signer.ts";

/** Why a key file gives no key. None of them holds anything of the key or of the password. */
export type StorageFault =
  /** Not of this format, or of a kind that nobody writes any more. */
  | { readonly code: "NotAKeyFile"; readonly why: string }
  /** Deriving the key would take more memory or time than an honest file asks for. Nothing was tried. */
  | { readonly code: "TooCostly"; readonly why: string }
  | { readonly code: "WrongPassword" }
  /** The key inside is not that of the address outside: the file was put together by somebody. */
  | { readonly code: "WrongAddress"; readonly claimed: Address; readonly found: Address };

/** Characters of a key file: five times what any program writes. */
export const KEY_FILE_CHARS_MAX = 4_096;

/** Bytes of memory that scrypt may take: 512 MiB, twice what go-ethereum's usual parameters ask for. */
const SCRYPT_BYTES_MAX = 536_870_912;

/** Steps of scrypt, n x r x p: four times go-ethereum's usual 2^21, up to some ten seconds. */
const SCRYPT_STEPS_MAX = 8_388_608;

/** Rounds of PBKDF2: eight times those of the format's own example, up to some ten seconds. */
const PBKDF2_ROUNDS_MAX = 2_097_152;

/** What scrypt is given for new files: those of go-ethereum, a second of work and 256 MiB. */
const NEW_FILE_COST = { n: 262_144, r: 8, p: 1 } as const;
assert(128 * NEW_FILE_COST.n * NEW_FILE_COST.r <= SCRYPT_BYTES_MAX, "what is written can be read");

const digits = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const saltDigits = z.string().regex(/^(?:[0-9a-f]{2}){1,128}$/);
const count = z.int().min(1).max(0xffff_ffff);

const fileSchema = z.object({
  version: z.literal(3),
  address: z.string().optional(),
  crypto: z
    .object({
      cipher: z.literal("aes-128-ctr"),
      cipherparams: z.object({ iv: digits(16) }),
      ciphertext: digits(32),
      mac: digits(32),
    })
    .and(
      z.discriminatedUnion("kdf", [
        z.object({
          kdf: z.literal("scrypt"),
          kdfparams: z.object({
            dklen: z.literal(32),
            n: count,
            r: count,
            p: count,
            salt: saltDigits,
          }),
        }),
        z.object({
          kdf: z.literal("pbkdf2"),
          kdfparams: z.object({
            dklen: z.literal(32),
            c: count,
            prf: z.literal("hmac-sha256"),
            salt: saltDigits,
          }),
        }),
      ]),
    ),
});

type KeyFile = z.infer<typeof fileSchema>;

/** The address that a key file says it is of; undefined when it says none. Nothing is checked by the key. */
export function claimedAddress(text: string): Result<Address | undefined, StorageFault> {
  const file = parseFile(text);
  return file.ok ? accept(addressIn(file.value)) : file;
}

/** Takes the key out of the text of a key file. Takes seconds, since that is what keeps guessers away. */
export async function decryptKey(
  text: string,
  password: string,
): Promise<Result<PrivateKey, StorageFault>> {
  const file = parseFile(text);
  if (!file.ok) return file;
  const costly = costOf(file.value);
  if (costly !== undefined) return reject({ code: "TooCostly", why: costly });
  const key = await unlock(file.value, password);
  if (key === undefined) return reject({ code: "WrongPassword" });
  const claimed = addressIn(file.value);
  const found = signatureBackend.addressOf(key);
  return claimed === undefined || claimed === found
    ? accept(key)
    : reject({ code: "WrongAddress", claimed, found });
}

/** Makes the text of a key file. Takes a second or more. */
export async function encryptKey(key: PrivateKey, password: string): Promise<string> {
  const salt = systemRandom.bytes(32);
  const stretching = { kdf: "scrypt", ...NEW_FILE_COST, salt } as const;
  const sealed = await sealKey(fromHex(key), systemRandom.bytes(16), password, stretching);
  const file = {
    version: 3,
    id: randomUUID(),
    address: signatureBackend.addressOf(key).slice(2),
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: sealed.iv.toHex() },
      ciphertext: sealed.ciphertext.toHex(),
      kdf: "scrypt",
      kdfparams: { dklen: 32, ...NEW_FILE_COST, salt: salt.toHex() },
      mac: sealed.mac.toHex(),
    },
  };
  return `${JSON.stringify(file)}\n`;
}

function parseFile(text: string): Result<KeyFile, StorageFault> {
  if (text.length > KEY_FILE_CHARS_MAX) return notAKeyFile("it is too long");
  try {
    // Some programs write names and digits in capitals.
    const parsed = fileSchema.safeParse(JSON.parse(text.toLowerCase()));
    if (parsed.success) return accept(parsed.data);
    const where = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    return notAKeyFile(`this is missing or of another kind: ${where}`);
  } catch {
    // Its words are not repeated: somebody may have named the wrong file, with the key in it.
    return notAKeyFile("it is not JSON");
  }
}

function notAKeyFile(why: string): Result<never, StorageFault> {
  return reject({ code: "NotAKeyFile", why });
}

function costOf({ crypto }: KeyFile): string | undefined {
  if (crypto.kdf === "pbkdf2") {
    const { c } = crypto.kdfparams;
    return c <= PBKDF2_ROUNDS_MAX ? undefined : `${c} rounds, more than ${PBKDF2_ROUNDS_MAX}`;
  }
  const { n, p, r } = crypto.kdfparams;
  if (!/^10+$/.test(n.toString(2))) return `n is ${n}, which is no power of 2`;
  if (128 * n * r > SCRYPT_BYTES_MAX) return `${128 * n * r} bytes, more than ${SCRYPT_BYTES_MAX}`;
  const steps = n * r * p;
  return steps <= SCRYPT_STEPS_MAX ? undefined : `${steps} steps, more than ${SCRYPT_STEPS_MAX}`;
}

/** Undefined for another password, and for a key that is none of the curve. */
async function unlock({ crypto }: KeyFile, password: string): Promise<PrivateKey | undefined> {
  const sealed = {
    ciphertext: Uint8Array.fromHex(crypto.ciphertext),
    iv: Uint8Array.fromHex(crypto.cipherparams.iv),
    mac: Uint8Array.fromHex(crypto.mac),
  };
  const bytes = await unsealKey(sealed, password, stretchingOf(crypto));
  if (bytes === undefined) return undefined;
  const key = parseKey(toHex(bytes));
  return key.ok ? key.value : undefined;
}

function stretchingOf(crypto: KeyFile["crypto"]): Stretching {
  const salt = Uint8Array.fromHex(crypto.kdfparams.salt);
  if (crypto.kdf === "pbkdf2") return { kdf: crypto.kdf, c: crypto.kdfparams.c, salt };
  const { n, p, r } = crypto.kdfparams;
  return { kdf: crypto.kdf, n, p, r, salt };
}

function addressIn({ address }: KeyFile): Address | undefined {
  if (address === undefined) return undefined;
  const parsed = parseAddress(address.startsWith("0x") ? address : `0x${address}`);
  return parsed.ok ? parsed.value : undefined;
}
