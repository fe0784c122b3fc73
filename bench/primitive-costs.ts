/** The bound: what the primitives that no node can do without would take by themselves. */
import { keyOf } from "../sim/actors.ts";
import { realWorld } from "../sim/real-world.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { Hash, SignatureBackend } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";

/** How often each primitive is needed. */
export type Primitives = {
  readonly signatures: number;
  readonly recoveries: number;
  /** Bytes of states and vouchers under keccak-256. */
  readonly keccakBytes: number;
  /** Bytes of log records under SHA-256. */
  readonly sha256Bytes: number;
};

/** Seconds that each primitive takes in this process: one of it, or one byte. */
export type PrimitiveCosts = { readonly [Name in keyof Primitives]: number };

/** A signature backend that counts what is asked of it. */
export type CountingSignatures = SignatureBackend & { signed: number; recovered: number };

/** Real signatures, counted. Transactions are signed by `signDigest`, and count as well. */
export function countingSignatures(): CountingSignatures {
  const counted: CountingSignatures = {
    ...signatureBackend,
    signed: 0,
    recovered: 0,
    signHash: (hash, key) => {
      counted.signed += 1;
      return signatureBackend.signHash(hash, key);
    },
    signDigest: (digest, key) => {
      counted.signed += 1;
      return signatureBackend.signDigest(digest, key);
    },
    recoverSigner: (hash, signature) => {
      counted.recovered += 1;
      return signatureBackend.recoverSigner(hash, signature);
    },
  };
  return counted;
}

/** Bytes hashed at a time for the cost of one: 4 KiB, between a small state and a full ledger's. */
const CHUNK_BYTES = 4_096;

/** Repetitions of one primitive: enough that the clock's resolution vanishes, some 50 ms in all. */
const REPETITIONS = 500;

/** Measures the primitives now: a machine that others use too is not as fast at all times. */
export function primitiveCosts(): PrimitiveCosts {
  const key = keyOf("alice");
  const hash = `0x${"5a".repeat(32)}` as Hash;
  const signature = signatureBackend.signHash(hash, key);
  const bytes = new Uint8Array(CHUNK_BYTES).fill(0x5a);
  return {
    signatures: secondsOf(() => signatureBackend.signHash(hash, key)),
    recoveries: secondsOf(() => signatureBackend.recoverSigner(hash, signature)),
    keccakBytes: secondsOf(() => keccak256(bytes)) / CHUNK_BYTES,
    sha256Bytes: secondsOf(() => sha256(bytes)) / CHUNK_BYTES,
  };
}

/** Seconds that the primitives take by themselves. */
export function boundSeconds(counts: Primitives, costs: PrimitiveCosts): number {
  return namesOf(costs).reduce((seconds, name) => seconds + counts[name] * costs[name], 0);
}

/** The mean of two measurements, one before the work and one behind it. */
export function meanCosts(one: PrimitiveCosts, other: PrimitiveCosts): PrimitiveCosts {
  const means = namesOf(one).map((name) => [name, (one[name] + other[name]) / 2]);
  return Object.fromEntries(means) as PrimitiveCosts;
}

/** The counts in words, for `n` of what was done: "6 signatures, 12 recoveries, 9 kB hashed". */
export function primitivesText(counts: Primitives, n: number): string {
  const each = (count: number): string => (count / n).toFixed(1);
  const kilobytes = (counts.keccakBytes + counts.sha256Bytes) / 1_000;
  return `${each(counts.signatures)} signatures, ${each(counts.recoveries)} recoveries and ${each(kilobytes)} kB hashed, each at its cost here`;
}

function namesOf(costs: PrimitiveCosts): readonly (keyof Primitives)[] {
  return Object.keys(costs) as (keyof Primitives)[];
}

function secondsOf(run: () => unknown): number {
  for (let count = 0; count < REPETITIONS / 10; count += 1) run();
  const startedMs = realWorld.performanceNow();
  for (let count = 0; count < REPETITIONS; count += 1) run();
  return (realWorld.performanceNow() - startedMs) / 1_000 / REPETITIONS;
}
