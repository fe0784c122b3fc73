/** The two backends are one: the same bytes, the same refusals, no chance. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { hashMessage, recoverMessageAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { beginSimulation } from "../../sim/banned-globals.ts";
import { adversarial, golden, invariant, property, unit } from "../../test/kind.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { keccak256 } from "./keccak.ts";
import { createNativeBackend } from "./native-secp256k1.ts";
import { nobleBackend } from "./noble-secp256k1.ts";
import { personalDigest } from "./personal-message.ts";
import type { Hash, PrivateKey, Signature, SignatureBackend } from "./signature.ts";
import { chooseSignatureBackend, signatureBackend } from "./signatures.ts";

/** On a platform for which nothing is prebuilt, the reference is held against itself. */
const native = createNativeBackend() ?? nobleBackend;
const backends: readonly SignatureBackend[] = [native, nobleBackend];

/** The order of the curve. Source: SEC 2, section 2.4.1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Numbers are hashed into 32 bytes, so that a case is told by its number alone. */
function hashOfNumber(number: number): Hash {
  return toHex(keccak256(new TextEncoder().encode(`${number}`))) as Hash;
}

const keyOfNumber = (number: number): PrivateKey => hashOfNumber(-1 - number) as Hex as PrivateKey;

const word = (value: bigint): string => value.toString(16).padStart(64, "0");

type Parts = { readonly r: bigint; readonly s: bigint; readonly v: number };

function partsOf(signature: Signature): Parts {
  const r = BigInt(signature.slice(0, 66));
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  return { r, s, v: Number.parseInt(signature.slice(130), 16) };
}

function signatureOf({ r, s, v }: Parts): Hex {
  return `0x${word(r)}${word(s)}${v.toString(16).padStart(2, "0")}`;
}

/** What both say; fails when they differ. */
function recoverOnBoth(hash: Hash, signature: Hex): string | undefined {
  const [first, second] = backends.map((backend) => backend.recoverSigner(hash, signature));
  expect(first).toBe(second);
  return first;
}

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes) as Hash);
const keys = fc.bigInt({ min: 1n, max: ORDER - 1n }).map((key) => `0x${word(key)}` as PrivateKey);

/** Messages that both sign. `bun run oracles` takes 10,000. */
const MESSAGES = Number(process.env["CHANNELS_ORACLE_CASES"] ?? 400);

describe("both backends", () => {
  property(
    `sign ${MESSAGES} messages with the same bytes, from which the signer is recovered`,
    () => {
      const addresses = Array.from({ length: 64 }, (_, number) =>
        native.addressOf(keyOfNumber(number)),
      );
      for (let number = 0; number < MESSAGES; number += 1) {
        const hash = hashOfNumber(number);
        const key = keyOfNumber(number % 64);
        const signature = native.signHash(hash, key);

        expect(nobleBackend.signHash(hash, key)).toBe(signature);
        expect(native.recoverSigner(hash, signature)).toBe(addresses[number % 64]);
        expect(nobleBackend.recoverSigner(hash, signature)).toBe(addresses[number % 64]);
      }
    },
    60_000,
  );

  property("agree on every key and hash, and sign digests as they are", () => {
    fc.assert(
      fc.property(hashes, keys, (hash, key) => {
        const digest = toHex(personalDigest(hash)) as Hash;
        const signature = native.signHash(hash, key);

        expect(nobleBackend.signHash(hash, key)).toBe(signature);
        expect(native.signDigest(digest, key)).toBe(signature);
        expect(nobleBackend.signDigest(digest, key)).toBe(signature);
        expect(native.recoverDigestSigner(digest, signature)).toBe(native.addressOf(key));
        expect(nobleBackend.recoverDigestSigner(digest, signature)).toBe(native.addressOf(key));
        expect(native.recoverDigestSigner(hash, signature)).not.toBe(native.addressOf(key));
        expect(recoverOnBoth(hash, signature)).toBe(native.addressOf(key));
        expect(nobleBackend.addressOf(key)).toBe(native.addressOf(key));
      }),
      { numRuns: 200 },
    );
  });

  property("sign as a wallet does", async () => {
    const run = async (hash: Hash, key: PrivateKey): Promise<void> => {
      const account = privateKeyToAccount(key);
      const signature = await account.signMessage({ message: { raw: hash } });

      expect<string>(signatureBackend.signHash(hash, key)).toBe(signature);
      expect<string>(signatureBackend.addressOf(key)).toBe(account.address.toLowerCase());
      expect<string>(toHex(personalDigest(hash))).toBe(hashMessage({ raw: hash }));
      expect(await recoverMessageAddress({ message: { raw: hash }, signature })).toBe(
        account.address,
      );
    };
    await fc.assert(fc.asyncProperty(hashes, keys, run), { numRuns: 50 });
  });

  golden("give these bytes for the key 1 and the digest 1, for ever", () => {
    const key = `0x${word(1n)}` as PrivateKey;
    const signature = signatureBackend.signDigest(`0x${"00".repeat(31)}01` as Hash, key);

    expect<string>(signatureBackend.addressOf(key)).toBe(
      "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf",
    );
    expect<string>(signature).toBe(
      "0x6673ffad2147741f04772b6f921f0ba6af0c1e77fc439e65c36dedf4092e88984c1a971652e0ada880120ef8025e709fff2080c4a39aae068d12eed009b68c891c",
    );
  });
});

/** Notes every request for chance, of whatever kind, until the returned function is called. */
function spyOnChance(asked: string[]): () => void {
  const { getRandomValues } = globalThis.crypto;
  const { random } = Math;
  globalThis.crypto.getRandomValues = (array) => {
    asked.push("getRandomValues");
    return getRandomValues.call(globalThis.crypto, array) as typeof array;
  };
  Math.random = () => {
    asked.push("Math.random");
    return random();
  };
  return () => {
    globalThis.crypto.getRandomValues = getRandomValues;
    Math.random = random;
  };
}

describe("recoverSigner", () => {
  const hash = hashOfNumber(1);
  const key = keyOfNumber(1);
  const signature = native.signHash(hash, key);
  const { r, s, v } = partsOf(signature);

  adversarial("refuses a malleated copy: s above half the order", () => {
    const malleated = signatureOf({ r, s: ORDER - s, v: v === 27 ? 28 : 27 });

    expect(recoverOnBoth(hash, malleated)).toBeUndefined();
    expect(recoverOnBoth(hash, signatureOf({ r, s: ORDER / 2n + 1n, v }))).toBeUndefined();
    // Half the order itself is allowed: somebody signed, though not this key.
    expect(recoverOnBoth(hash, signatureOf({ r, s: ORDER / 2n, v }))).toBeString();
  });

  adversarial("refuses every v but 27 and 28", () => {
    for (let other = 0; other <= 255; other += 1) {
      const recovered = recoverOnBoth(hash, signatureOf({ r, s, v: other }));
      if (other === v) expect(recovered).toBe(native.addressOf(key));
      else if (other === 27 || other === 28) expect(recovered).not.toBe(native.addressOf(key));
      else expect(recovered).toBeUndefined();
    }
  });

  adversarial("refuses r and s that are zero, the order, or above it", () => {
    const max = 2n ** 256n - 1n;
    for (const wrong of [0n, ORDER, ORDER + 1n, ORDER + r, max].filter((value) => value <= max)) {
      expect(recoverOnBoth(hash, signatureOf({ r: wrong, s, v }))).toBeUndefined();
      expect(recoverOnBoth(hash, signatureOf({ r, s: wrong, v }))).toBeUndefined();
    }
  });

  adversarial("refuses an r that is on no point of the curve", () => {
    const results = [1n, 2n, 3n, 4n, 5n, 6n, 7n].map(
      (small) => recoverOnBoth(hash, signatureOf({ r: small, s, v })) === undefined,
    );

    // The curve has points at 1, 2, 3, 4 and 6; x^3 + 7 is no square at 5 and 7.
    expect(results).toEqual([false, false, false, false, true, false, true]);
  });

  adversarial("refuses the signature whose public key would be the point at infinity", () => {
    // The key is (s * R - z * G) / r. With R = G, or -G, it vanishes when s is z, or -z.
    const xOfG = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;
    const z = BigInt(toHex(personalDigest(hash))) % ORDER;
    const low = z > ORDER / 2n ? ORDER - z : z;
    const results = [27, 28].map((other) =>
      recoverOnBoth(hash, signatureOf({ r: xOfG, s: low, v: other })),
    );

    expect(results.filter((result) => result === undefined)).toHaveLength(1);
  });

  adversarial("refuses other lengths and texts: truncated, padded, capitals, no hex", () => {
    const texts = [
      "0x",
      "0x00",
      signature.slice(0, -2),
      signature.slice(0, -1),
      `${signature}00`,
      `${signature}0`,
      `0x00${signature.slice(2)}`,
      signature.slice(2),
      signature.toUpperCase(),
      `0X${signature.slice(2)}`,
      `0x${signature.slice(2).toUpperCase()}`,
      `${signature.slice(0, -2)}zz`,
      ` ${signature.slice(1)}`,
      `${signature}\n`,
    ];
    for (const text of texts) expect(recoverOnBoth(hash, text as Hex)).toBeUndefined();
  });

  adversarial("gives another signer or none for each of the 520 flipped bits", () => {
    const bytes = Uint8Array.fromHex(signature.slice(2));
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(recoverOnBoth(hash, toHex(flipped))).not.toBe(native.addressOf(key));
    }
  });

  adversarial("never throws, and refuses alike, whatever 65 bytes it gets", () => {
    const anything = fc.uint8Array({ minLength: 65, maxLength: 65 }).map(toHex);
    const likely = fc
      .tuple(fc.bigInt({ min: 0n, max: ORDER }), fc.bigInt({ min: 0n, max: ORDER / 2n + 1n }))
      .map(([otherR, otherS]) => signatureOf({ r: otherR, s: otherS, v: 27 }));
    fc.assert(
      fc.property(hashes, fc.oneof(anything, likely), (anyHash, text) => {
        recoverOnBoth(anyHash, text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("signing", () => {
  invariant("and recovering take no chance: nothing random is asked for, not even in vain", () => {
    const expected = nobleBackend.signHash(hashOfNumber(2), keyOfNumber(2));
    const asked: string[] = [];
    const stop = spyOnChance(asked);
    try {
      for (const backend of backends) {
        expect(backend.signHash(hashOfNumber(2), keyOfNumber(2))).toBe(expected);
        expect(backend.recoverSigner(hashOfNumber(2), expected)).toBeString();
        expect(backend.addressOf(keyOfNumber(2))).toBeString();
      }
    } finally {
      stop();
    }

    expect(asked).toEqual([]);
  });

  invariant("works while a simulation forbids clock and chance, with the same bytes", () => {
    const expected = backends.map((backend) => backend.signHash(hashOfNumber(4), keyOfNumber(4)));
    const endSimulation = beginSimulation();
    try {
      const signed = backends.map((backend) => backend.signHash(hashOfNumber(4), keyOfNumber(4)));
      const recovered = backends.map((backend, index) =>
        backend.recoverSigner(hashOfNumber(4), signed[index] ?? "0x"),
      );

      expect(signed).toEqual(expected);
      expect(new Set(recovered)).toEqual(new Set([native.addressOf(keyOfNumber(4))]));
    } finally {
      endSimulation();
    }
  });

  adversarial("with a key that is zero or not below the order throws", () => {
    for (const value of [0n, ORDER, 2n ** 256n - 1n]) {
      const key = `0x${word(value)}` as PrivateKey;
      for (const backend of backends) {
        expect(() => backend.signHash(hashOfNumber(3), key)).toThrow();
        expect(() => backend.addressOf(key)).toThrow();
      }
    }
  });
});

describe("chooseSignatureBackend", () => {
  unit("takes native code where it loads", () => {
    expect(chooseSignatureBackend(undefined).name).toBe(native.name);
    if (native === nobleBackend) expect(() => chooseSignatureBackend("native")).toThrow("platform");
    else expect(chooseSignatureBackend("native").name).toBe("native");
  });

  unit("takes JavaScript when that is wanted", () => {
    expect(chooseSignatureBackend("noble")).toBe(nobleBackend);
  });

  unit("stops at a word that it does not know", () => {
    expect(() => chooseSignatureBackend("nobel")).toThrow("CHANNELS_SIGNATURES is native or noble");
  });
});
