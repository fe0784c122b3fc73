/**
 * Hostile bytes: records of every event type, changed in every way, give clean errors and nothing else.
 *
 * 100,000 changed records; `CHANNELS_MUTATIONS=400000 bun test src/events/record-mutations.test.ts` tries
 * four times as many, and `CHANNELS_PROPERTY_SEED` draws others.
 */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property } from "../../test/kind.ts";
import { sampleEvents } from "../../test/sample-events.ts";
import { sha256 } from "../crypto/sha256.ts";
import { concatBytes, equalBytes } from "../primitives/bytes.ts";
import { fromHex } from "../primitives/hex.ts";
import { catalogue } from "./catalogue.ts";
import type { NodeEvent } from "./event.ts";
import { createRecordCodec, firstHash, HASH_SIZE_BYTES, type RecordDamage } from "./record.ts";
import { packRun } from "./record-run.ts";
import { createTagsOf } from "./tags.ts";

const MUTATIONS = Number(process.env["CHANNELS_MUTATIONS"] ?? 100_000);

/** Longest that the processor may need for one record, in milliseconds: a thousand times what it does. */
const DECODE_MAX_MS = 1000;

/** More memory than all of this needs, and less than one length that was believed: 1 GiB. */
const MEMORY_MAX_BYTES = 2 ** 30;

const TIME_MAX_MS = 600_000;

const codec = createRecordCodec(catalogue, createTagsOf());
const previousHash = firstHash(new Uint8Array(16));
const previousBytes = fromHex(previousHash);
const OFFSET = 70_000;
const place = { previousHash, offset: OFFSET, timeMs: 1_700_000_000_000 };

const events = Object.values(sampleEvents).flat() as readonly NodeEvent[];
const originals = events.map((event) => codec.encode(place, event).stored);

/** Heads that announce lengths, with and without the largest length behind them. */
const LENGTHS = ["c4ff", "c5ffff", "c6ffffffff", "d9ff", "daffff", "dbffffffff", "dcffff"]
  .concat([
    "ddffffffff",
    "ccff",
    "cfffffffffffffffff",
    "c4",
    "c6",
    "db",
    "dc",
    "dd",
    "cf",
    "9f",
    "bf",
  ])
  .map((hex) => Uint8Array.fromHex(hex));

/** One way to change bytes. Places are fractions, so that an edit fits records of every size. */
type Edit = {
  readonly kind: "Flip" | "Set" | "Cut" | "Insert" | "Remove" | "Length" | "Splice" | "Repeat";
  readonly at: number;
  readonly to: number;
  readonly byte: number;
};

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyEdit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("Flip", "Set", "Cut", "Insert", "Remove", "Length", "Splice", "Repeat"),
  at: fraction,
  to: fraction,
  byte: fc.nat({ max: 255 }),
});

function edited(bytes: Uint8Array, other: Uint8Array, { at, byte, kind, to }: Edit): Uint8Array {
  const start = Math.floor(at * bytes.length);
  const before = bytes.subarray(0, start);
  const after = bytes.subarray(start);
  const length = LENGTHS[byte % LENGTHS.length] ?? new Uint8Array();
  switch (kind) {
    case "Flip":
      return concatBytes(
        before,
        Uint8Array.of((bytes[start] ?? 0) ^ (1 << (byte % 8))),
        after.subarray(1),
      );
    case "Set":
      return concatBytes(before, Uint8Array.of(byte), after.subarray(1));
    case "Cut":
      return before;
    case "Insert":
      return concatBytes(before, Uint8Array.of(byte), after);
    case "Remove":
      return concatBytes(before, after.subarray(1 + (byte % 4)));
    case "Length":
      return concatBytes(before, length, after.subarray(length.length));
    case "Splice":
      return concatBytes(before, other.subarray(Math.floor(to * other.length)));
    case "Repeat":
      return concatBytes(before, bytes.subarray(Math.floor(to * start)));
  }
}

/** As an attacker does who can compute hashes: every body has its right one. */
function sealed(body: Uint8Array): Uint8Array {
  return concatBytes(sha256(concatBytes(previousBytes, body)), body);
}

const CODES: readonly RecordDamage["code"][] = [
  "HashMismatch",
  "OffsetMismatch",
  "UnknownEvent",
  "Undecodable",
];

function codeInRun(stored: Uint8Array): RecordDamage["code"] | "ok" {
  const run = packRun(previousBytes, [stored]);
  const { damage, records } = codec.decodeRun(run, {
    offset: OFFSET,
    previousHash,
    check: "Chain",
  });
  must(records.length === (damage === undefined ? 1 : 0), "neither read nor refused", stored);
  return damage?.code ?? "ok";
}

/** Calls `check` with each record in every edit, one after the other until there are enough. */
function forEachMutation(
  check: (original: Uint8Array, edit: Edit, other: Uint8Array) => void,
): void {
  const edits = fc.sample(anyEdit, Math.ceil(MUTATIONS / originals.length));
  const before = process.memoryUsage.rss();
  for (const [round, edit] of edits.entries()) {
    for (const [index, original] of originals.entries()) {
      const other = originals[(index + round) % originals.length] ?? original;
      check(original, edit, other);
    }
  }
  expect(edits.length * originals.length).toBeGreaterThanOrEqual(MUTATIONS);
  expect(process.memoryUsage.rss() - before).toBeLessThan(MEMORY_MAX_BYTES);
}

function timed<Value>(run: () => Value): Value {
  const start = process.cpuUsage();
  const value = run();
  const { system, user } = process.cpuUsage(start);
  const tookMs = (system + user) / 1_000;
  if (tookMs > DECODE_MAX_MS) throw new Error(`a record took ${tookMs} ms`);
  return value;
}

/** Fails with the bytes that show it: matchers are too slow for so many. */
function must(holds: boolean, what: string, bytes: Uint8Array): void {
  if (!holds) throw new Error(`${what}: ${bytes.toHex()}`);
}

describe("a changed record", () => {
  property(
    "never passes as what was written",
    () => {
      forEachMutation((original, edit, other) => {
        const mutated = edited(original, other, edit);
        const decoded = timed(() => codec.decode(previousHash, OFFSET, mutated));
        if (decoded.ok)
          must(
            originals.some((one) => equalBytes(one, mutated)),
            "forged",
            mutated,
          );
        else must(decoded.reason.code === "HashMismatch", decoded.reason.code, mutated);
      });
    },
    TIME_MAX_MS,
  );

  property(
    "with a right hash is a clean error or one value with one encoding, alone and in a run alike",
    () => {
      const seen = new Map<string, number>();
      forEachMutation((original, edit, other) => {
        const body = edited(
          original.subarray(HASH_SIZE_BYTES),
          other.subarray(HASH_SIZE_BYTES),
          edit,
        );
        const mutated = sealed(body);
        const decoded = timed(() => codec.decode(previousHash, OFFSET, mutated));
        const code = decoded.ok ? "ok" : decoded.reason.code;
        if (body.length > 0) must(codeInRun(mutated) === code, "another verdict in a run", mutated);
        seen.set(code, (seen.get(code) ?? 0) + 1);
        if (decoded.ok) {
          const { event, timeMs } = decoded.value;
          const again = codec.encode({ ...place, timeMs }, event).stored;
          must(equalBytes(again, mutated), "two encodings", mutated);
        } else {
          must(CODES.includes(code as RecordDamage["code"]), code, mutated);
        }
      });

      // Some one in 100,000 names an event that there is not, which another test does on purpose.
      const often = [...seen.keys()].filter((code) => code !== "UnknownEvent");
      expect(often.sort()).toEqual(["OffsetMismatch", "Undecodable", "ok"]);
    },
    TIME_MAX_MS,
  );

  property(
    "is a clean error in a run that was changed anywhere, though no hash is checked",
    () => {
      const runs = new Map(originals.map((one) => [one, packRun(previousBytes, [one, one])]));
      forEachMutation((original, edit, other) => {
        const run = runs.get(original) ?? original;
        const mutated = edited(run, runs.get(other) ?? other, edit);
        const read = timed(() => codec.decodeRun(mutated, { offset: OFFSET, check: "None" }));
        must(read.records.length <= 1 || read.damage !== undefined, "two of one offset", mutated);
        must(read.damage === undefined || CODES.includes(read.damage.code), "unclean", mutated);
      });
    },
    TIME_MAX_MS,
  );
});
