/** Tests of keys in files and in memory. */
import { describe, expect } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { adversarial, golden, integration, unit } from "../../../test/kind.ts";
import type { Hash, PrivateKey } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { openKey } from "./open-key.ts";
import { readSecretFile, writeSecretFile } from "./secret-file.ts";
import { claimedAddress, decryptKey, encryptKey } from "./secret-storage.ts";
import { createSigner, parseKey } from "./signer.ts";

const KEY = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d" as PrivateKey;
const ADDRESS = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";
const PASSWORD = "testpassword";

/** The two examples of the format's definition. Both hold the same key. */
const PBKDF2_EXAMPLE = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262_144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};
const SCRYPT_EXAMPLE = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262_144,
      r: 1,
      p: 8,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

/** Deriving takes a second on an idle machine, and many on one that others use. */
const PATIENCE_MS = 180_000;

function withParameters(parameters: Readonly<Record<string, unknown>>): string {
  const { crypto } = SCRYPT_EXAMPLE;
  const kdfparams = { ...crypto.kdfparams, ...parameters };
  return JSON.stringify({ ...SCRYPT_EXAMPLE, crypto: { ...crypto, kdfparams } });
}

async function inFolder(use: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "channels-keys-"));
  try {
    await use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("decryptKey", () => {
  golden(
    "opens the examples of the format's definition",
    async () => {
      for (const example of [PBKDF2_EXAMPLE, SCRYPT_EXAMPLE]) {
        expect(await decryptKey(JSON.stringify(example), PASSWORD)).toEqual({
          ok: true,
          value: KEY,
        });
      }
    },
    PATIENCE_MS,
  );

  unit(
    "a wrong password, and a key that is not the one that the file names, are refused",
    async () => {
      const text = JSON.stringify({ ...PBKDF2_EXAMPLE, address: "ff".repeat(20) });

      expect(await decryptKey(text, "Testpassword")).toMatchObject({
        reason: { code: "WrongPassword" },
      });
      expect(await decryptKey(text, PASSWORD)).toEqual({
        ok: false,
        reason: { code: "WrongAddress", claimed: `0x${"ff".repeat(20)}`, found: ADDRESS } as never,
      });
    },
    PATIENCE_MS,
  );

  adversarial("a file that asks for too much memory or time is not tried", async () => {
    const costly = [
      withParameters({ n: 2 ** 26 }),
      withParameters({ r: 2 ** 20 }),
      withParameters({ p: 2 ** 16 }),
      withParameters({ n: 262_143 }),
      withParameters({ n: 1 }),
      JSON.stringify({
        ...PBKDF2_EXAMPLE,
        crypto: {
          ...PBKDF2_EXAMPLE.crypto,
          kdfparams: { ...PBKDF2_EXAMPLE.crypto.kdfparams, c: 4_000_000_000 },
        },
      }),
    ];
    for (const text of costly) {
      expect(await decryptKey(text, PASSWORD)).toMatchObject({ reason: { code: "TooCostly" } });
    }
  });

  adversarial("anything else is refused without being repeated", async () => {
    const { crypto } = SCRYPT_EXAMPLE;
    const others = [
      KEY,
      `"${KEY}"`,
      "{}",
      JSON.stringify({ ...SCRYPT_EXAMPLE, version: 1 }),
      JSON.stringify({ ...SCRYPT_EXAMPLE, crypto: { ...crypto, cipher: "aes-128-cbc" } }),
      JSON.stringify({ ...SCRYPT_EXAMPLE, crypto: { ...crypto, kdf: "md5" } }),
      withParameters({ dklen: 16 }),
      withParameters({ n: -2 }),
      withParameters({ n: "262144" }),
      withParameters({ salt: "zz" }),
      `${JSON.stringify(SCRYPT_EXAMPLE)}${" ".repeat(5_000)}`,
    ];
    for (const text of others) {
      const refused = await decryptKey(text, PASSWORD);
      expect(refused).toMatchObject({ reason: { code: "NotAKeyFile" } });
      expect(JSON.stringify(refused)).not.toContain(KEY.slice(2, 20));
    }
  });
});

describe("encryptKey", () => {
  integration(
    "writes what opens again, and says whose it is",
    async () => {
      const text = await encryptKey(KEY, "x");

      expect(text.toLowerCase()).not.toContain(KEY.slice(2));
      expect(claimedAddress(text)).toEqual({ ok: true, value: ADDRESS as never });
      expect(await decryptKey(text, "x")).toEqual({ ok: true, value: KEY });
    },
    PATIENCE_MS,
  );
});

describe("secret files", () => {
  unit("are made for their owner alone, and never over another", () =>
    inFolder(async (path) => {
      expect(writeSecretFile(path("a"), "one").ok).toBe(true);
      expect(statSync(path("a")).mode & 0o777).toBe(0o600);
      expect(writeSecretFile(path("a"), "two")).toMatchObject({ reason: { code: "Exists" } });
      expect(readFileSync(path("a"), "utf8")).toBe("one");
    }),
  );

  unit("are not read when others can read them, or when they are large", () =>
    inFolder(async (path) => {
      writeFileSync(path("a"), "12345", { mode: 0o600 });

      expect(readSecretFile(path("a"), 5)).toEqual({ ok: true, value: "12345" });
      expect(readSecretFile(path("a"), 4)).toMatchObject({ reason: { code: "TooLarge" } });
      for (const mode of [0o640, 0o604, 0o644, 0o620]) {
        chmodSync(path("a"), mode);
        expect(readSecretFile(path("a"), 5)).toMatchObject({
          reason: { code: "ReadableByOthers", advice: `chmod 600 ${path("a")}` },
        });
      }
      expect(() => readSecretFile(path("none"), 5)).toThrow("cannot read");
    }),
  );
});

describe("openKey", () => {
  integration(
    "opens a file by the first line of another, and says what is wrong with either",
    () =>
      inFolder(async (path) => {
        writeFileSync(path("key"), JSON.stringify(PBKDF2_EXAMPLE), { mode: 0o600 });
        writeFileSync(path("password"), `${PASSWORD}\nnot this\n`, { mode: 0o600 });
        const key = { file: path("key"), passwordFile: path("password") };

        expect(await openKey(key)).toEqual({ ok: true, value: KEY });
        const wrong = await openKey({ file: path("key"), password: "other" });
        expect(wrong).toEqual({
          ok: false,
          reason: { code: "NoKey", why: `the password does not open ${path("key")}` },
        });
        chmodSync(path("password"), 0o644);
        expect(await openKey(key)).toMatchObject({
          reason: { why: expect.stringContaining("chmod 600") },
        });
      }),
    PATIENCE_MS,
  );

  unit("takes a key of the environment, and never repeats a wrong one", async () => {
    expect(await openKey({ private: KEY })).toEqual({ ok: true, value: KEY });
    const slip = `${KEY.slice(0, -1)}g`;
    const refused = await openKey({ private: slip });
    expect(refused).toMatchObject({ ok: false });
    expect(JSON.stringify(refused)).not.toContain(slip.slice(2, 12));
  });
});

describe("createSigner", () => {
  unit("signs as the key does", () => {
    const signer = createSigner(KEY);
    const hash = `0x${"11".repeat(32)}` as Hash;

    expect<string>(signer.address).toBe(ADDRESS);
    expect(signer.signHash(hash)).toBe(signatureBackend.signHash(hash, KEY));
    expect(signer.signDigest(hash)).toBe(signatureBackend.signDigest(hash, KEY));
  });

  unit("shows nothing of the key, however it is printed", () => {
    const signer = createSigner(KEY);
    const shown = [
      JSON.stringify(signer),
      inspect(signer, { depth: 9, showHidden: true }),
      Bun.inspect(signer),
      Object.values(signer).map(String).join(),
    ];

    for (const text of shown) expect(text.toLowerCase()).not.toContain(KEY.slice(2));
    expect(JSON.parse(JSON.stringify(signer))).toEqual({ address: ADDRESS });
  });
});

describe("parseKey", () => {
  unit("takes digits of the curve, in any capitals and with or without 0x", () => {
    expect(parseKey(` ${KEY.slice(2).toUpperCase()}\n`)).toEqual({ ok: true, value: KEY });
    for (const text of ["", "0x", "0".repeat(64), "f".repeat(64), KEY.slice(0, -1), `${KEY}0`]) {
      expect(parseKey(text)).toEqual({ ok: false, reason: { code: "NotAKey" } });
    }
  });
});
