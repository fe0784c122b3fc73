/** Tests of the ciphers of key files, against the library that other programs use. */
import { describe, expect } from "bun:test";
import { Wallet } from "@ethereumjs/wallet";
import { integration, unit } from "../../../test/kind.ts";
import type { PrivateKey } from "../../crypto/signature.ts";
import { fromHex, toHex } from "../../primitives/hex.ts";
import { type Stretching, sealKey, unsealKey } from "./key-cipher.ts";
import { decryptKey } from "./secret-storage.ts";

const KEY = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d" as PrivateKey;
const IV = new Uint8Array(16).fill(0xfe);
const SALT = new Uint8Array(32).fill(0x5a);

/**
 * Cheap ways to stretch: dear ones run the same code for longer. The third is beyond the limit of RFC 7914. The
 * passwords: plain, with a space at its end, beyond ASCII, and longer than a block of any hash.
 */
const CASES: readonly { readonly stretching: Stretching; readonly password: string }[] = [
  { stretching: { kdf: "scrypt", n: 1_024, r: 8, p: 1, salt: SALT }, password: "testpassword" },
  {
    stretching: { kdf: "scrypt", n: 512, r: 3, p: 5, salt: SALT.subarray(0, 7) },
    password: "two words ",
  },
  { stretching: { kdf: "scrypt", n: 65_536, r: 1, p: 1, salt: SALT }, password: "Pässwörter 🔑" },
  { stretching: { kdf: "pbkdf2", c: 1_000, salt: SALT }, password: "long".repeat(40) },
];

describe("key files and @ethereumjs/wallet", () => {
  integration("what is sealed here opens there", async () => {
    for (const { stretching, password } of CASES) {
      const sealed = await sealKey(fromHex(KEY), IV, password, stretching);
      const { kdf, salt, ...cost } = stretching;
      const prf = kdf === "pbkdf2" ? { prf: "hmac-sha256" } : {};
      const file = {
        version: 3,
        crypto: {
          cipher: "aes-128-ctr",
          cipherparams: { iv: IV.toHex() },
          ciphertext: sealed.ciphertext.toHex(),
          kdf,
          kdfparams: { dklen: 32, salt: salt.toHex(), ...cost, ...prf },
          mac: sealed.mac.toHex(),
        },
      };
      const wallet = await Wallet.fromV3(JSON.stringify(file), password);
      expect<string>(wallet.getPrivateKeyString()).toBe(KEY);
    }
  });

  integration("what is written there opens here, and with no other password", async () => {
    const wallet = Wallet.fromPrivateKey(fromHex(KEY));
    for (const { stretching, password } of CASES) {
      const text = await wallet.toV3String(password, { ...stretching });
      expect(await decryptKey(text, password)).toEqual({ ok: true, value: KEY });
      expect(await decryptKey(text, `${password} `)).toMatchObject({
        reason: { code: "WrongPassword" },
      });
    }
  });
});

describe("unsealKey", () => {
  unit("gives the key for its password, and nothing where a byte was changed", async () => {
    const stretching = { kdf: "scrypt", n: 2, r: 1, p: 1, salt: SALT } as const;
    const sealed = await sealKey(fromHex(KEY), IV, "x", stretching);
    const [first = 0, ...rest] = sealed.ciphertext;
    const changed = { ...sealed, ciphertext: Uint8Array.of(first ^ 1, ...rest) };

    expect(toHex((await unsealKey(sealed, "x", stretching)) ?? IV)).toBe(KEY);
    expect(await unsealKey(sealed, "y", stretching)).toBeUndefined();
    expect(await unsealKey(changed, "x", stretching)).toBeUndefined();
  });
});
