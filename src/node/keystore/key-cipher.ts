/**
 * The ciphers of Web3 Secret Storage: a password is stretched to 32 bytes, of which half encrypt a key and half prove
 * the password. Node's own functions do it: they give the bytes that any other library gives, in a fourth of the time.
 */
import { createCipheriv, pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { scrypt as scryptWithoutLimits } from "hash-wasm";
import { keccak256 } from "../../crypto/keccak.ts";

/** How a password is stretched. */
export type Stretching =
  /** RFC 7914: takes 128 x n x r bytes of memory, and n x r x p steps. `n` is a power of 2. */
  | {
      readonly kdf: "scrypt";
      readonly n: number;
      readonly r: number;
      readonly p: number;
      readonly salt: Uint8Array;
    }
  /** RFC 8018 with HMAC-SHA-256: `c` rounds. */
  | { readonly kdf: "pbkdf2"; readonly c: number; readonly salt: Uint8Array };

/** A key as a key file holds it. */
export type SealedKey = {
  /** The key's 32 bytes, encrypted. */
  readonly ciphertext: Uint8Array;
  /** 16 bytes: where the cipher's counter starts. */
  readonly iv: Uint8Array;
  /** 32 bytes: only who has the password can make them. */
  readonly mac: Uint8Array;
};

/** Bytes that a password is stretched to. */
const STRETCHED_BYTES = 32;

/** Bytes that scrypt takes beside its table: OpenSSL counts these as well, and they are far below this. */
const SCRYPT_REST_BYTES_MAX = 16_777_216;

/**
 * RFC 7914 wants n below 2^(16 x r), and OpenSSL refuses any other. Web3 Secret Storage does not care: the example in
 * its own definition has r = 1 and n = 2^18.
 */
const SCRYPT_COST_BITS = 16;

const stretchByScrypt = promisify<
  string,
  Uint8Array,
  number,
  ScryptOptions,
  Uint8Array<ArrayBuffer>
>(scrypt);
const stretchByPbkdf2 = promisify(pbkdf2);

/** Encrypts a key of 32 bytes. `iv` is 16 bytes that were never used under this password and salt. */
export async function sealKey(
  key: Uint8Array,
  iv: Uint8Array,
  password: string,
  stretching: Stretching,
): Promise<SealedKey> {
  const stretched = await stretch(password, stretching);
  const ciphertext = applyCipher(key, iv, stretched);
  return { ciphertext, iv, mac: macOf(ciphertext, stretched) };
}

/** The bytes of a sealed key; undefined where the password is another one. */
export async function unsealKey(
  { ciphertext, iv, mac }: SealedKey,
  password: string,
  stretching: Stretching,
): Promise<Uint8Array | undefined> {
  const stretched = await stretch(password, stretching);
  if (!timingSafeEqual(macOf(ciphertext, stretched), mac)) return undefined;
  return applyCipher(ciphertext, iv, stretched);
}

function stretch(password: string, stretching: Stretching): Promise<Uint8Array> {
  const { salt } = stretching;
  if (stretching.kdf === "pbkdf2") {
    return stretchByPbkdf2(password, salt, stretching.c, STRETCHED_BYTES, "sha256");
  }
  const { n, p, r } = stretching;
  if (n >= 2 ** (SCRYPT_COST_BITS * r)) {
    const cost = { costFactor: n, blockSize: r, parallelism: p };
    const inputs = { password, salt, hashLength: STRETCHED_BYTES, outputType: "binary" } as const;
    return scryptWithoutLimits({ ...cost, ...inputs });
  }
  const maxmem = 128 * n * r + 128 * r * p + SCRYPT_REST_BYTES_MAX;
  return stretchByScrypt(password, salt, STRETCHED_BYTES, { N: n, r, p, maxmem });
}

/** AES in counter mode: the same both ways. */
function applyCipher(bytes: Uint8Array, iv: Uint8Array, stretched: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-128-ctr", stretched.subarray(0, 16), iv);
  return new Uint8Array(Buffer.concat([cipher.update(bytes), cipher.final()]));
}

function macOf(ciphertext: Uint8Array, stretched: Uint8Array): Uint8Array {
  return keccak256(new Uint8Array(Buffer.concat([stretched.subarray(16, 32), ciphertext])));
}
