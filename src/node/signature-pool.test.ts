/** Signatures are judged the same with threads, without, and when threads die in between. */
import { describe, expect } from "bun:test";
import { adversarial, concurrency, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, PrivateKey, Signature } from "../crypto/signature.ts";
import { signatureBackend } from "../crypto/signatures.ts";
import type { SignatureClaim } from "../engine/signature-claims.ts";
import { toHex } from "../primitives/hex.ts";
import { SignaturePool } from "./signature-pool.ts";

const KEY = toHex(keccak256(Uint8Array.of(1))) as PrivateKey;
const ME = signatureBackend.addressOf(KEY);
const OTHER = `0x${"0b".repeat(20)}` as Address;

const signed = Array.from({ length: 8 }, (_, index) => {
  const encoded = new Uint8Array(64).fill(index);
  const hash = toHex(keccak256(encoded)) as Hash;
  return { encoded, signature: signatureBackend.signHash(hash, KEY) };
});

/** A claim at an offset; made by somebody else when it is wrong. */
function claim(offset: number, isWrong = false): SignatureClaim {
  const { encoded, signature } = signed[offset % signed.length] ?? {
    encoded: new Uint8Array(),
    signature: "0x" as Signature,
  };
  return { offset, encoded, signature, signers: [isWrong ? OTHER : ME] };
}

/** So many claims that each thread gets several batches. */
const COUNT = 2_000;
const WRONG = [0, 255, 256, 1_234, COUNT - 1];

const claims = Array.from({ length: COUNT }, (_, offset) => claim(offset, WRONG.includes(offset)));

async function judged(pool: SignaturePool): Promise<readonly number[]> {
  try {
    for (let at = 0; at < COUNT; at += 100) {
      pool.add(claims.slice(at, at + 100));
      await pool.room();
    }
    return await pool.finish();
  } finally {
    pool.close();
  }
}

describe("SignaturePool", () => {
  concurrency(
    "finds the same wrong signatures with no thread, with one and with three",
    async () => {
      for (const threads of [0, 1, 3]) {
        const pool = new SignaturePool(threads);

        expect(await judged(pool)).toEqual(WRONG);
        expect(pool.checked).toBe(COUNT);
      }
    },
  );

  unit("has nothing to say about nothing", async () => {
    const pool = new SignaturePool(2);

    expect(await pool.finish()).toEqual([]);
    expect(pool.checked).toBe(0);
    pool.close();
  });

  unit("accepts any of several signers, and refuses bytes that are no signature", async () => {
    const pool = new SignaturePool(0);
    pool.add([{ ...claim(1), signers: [OTHER, ME] }]);
    pool.add([{ ...claim(2), signature: `0x${"00".repeat(65)}` as Signature }]);

    expect(await pool.finish()).toEqual([2]);
  });

  adversarial("does itself what threads cannot do", async () => {
    const { Worker: RealWorker } = globalThis;
    globalThis.Worker = class {
      constructor() {
        throw new Error("no threads here");
      }
    } as never;
    try {
      expect(await judged(new SignaturePool(2))).toEqual(WRONG);
    } finally {
      globalThis.Worker = RealWorker;
    }
  });

  adversarial("takes over what a thread that died had not done", async () => {
    const { Worker: RealWorker } = globalThis;
    globalThis.Worker = class {
      onerror: (() => void) | undefined;
      postMessage(): void {
        queueMicrotask(() => this.onerror?.());
      }
      terminate(): void {}
    } as never;
    try {
      const pool = new SignaturePool(2);
      expect(await judged(pool)).toEqual(WRONG);
      expect(pool.checked).toBe(COUNT);
    } finally {
      globalThis.Worker = RealWorker;
    }
  });
});
