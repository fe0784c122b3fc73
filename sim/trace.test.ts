/** A trace's hash covers everything, and a seed fixes everything. */
import { describe, expect } from "bun:test";
import type { NodeEvent } from "../src/events/event.ts";
import type { EventRecord, RecordHash } from "../src/events/record.ts";
import { decodeFrame, type Frame } from "../src/network/frame.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { fromHex, type Hex } from "../src/primitives/hex.ts";
import { jsonOf } from "../src/primitives/json.ts";
import { chainOfFile } from "../test/chain-of-file.ts";
import { invariant, unit } from "../test/kind.ts";
import { readStories } from "../test/stories.ts";
import { type RunResult, runScenario } from "./run-scenario.ts";
import { withoutBlockHashes } from "./tiers.ts";
import { arrowsOf, eventEntry, hashOfEntries, type TraceEntry } from "./trace.ts";

const evm = chainOfFile("evm");
const model = chainOfFile("model");
const stories = await readStories();
const scenario = assertDefined(
  stories.find(({ name }) => name === "demo"),
  "the demo",
);
/** The run of seed 1, for all tests that only look at it. */
let madeFirst: Promise<RunResult> | undefined;

function firstRun(): Promise<RunResult> {
  madeFirst ??= run(1);
  return madeFirst;
}

const run = (seed: number): Promise<RunResult> => runScenario(scenario, { seed, chain: evm() });

/** The field that carries the bytes of each kind of entry. */
const BYTES = { Frame: "bytes", Event: "event", Transaction: "raw", Block: "hash" } as const;

/** The entry with one character of its bytes changed; undefined for arrows, which have none. */
function withOneByteChanged(entry: TraceEntry, at: number): TraceEntry | undefined {
  if (entry.type === "Arrow" || entry.type === "Fault") return undefined;
  const field = BYTES[entry.type];
  const text: string = Reflect.get(entry, field);
  const position = at % text.length;
  const changed = text[position] === "1" ? "2" : "1";
  return { ...entry, [field]: text.slice(0, position) + changed + text.slice(position + 1) };
}

describe("eventEntry", () => {
  unit("is to every reader what it would be with its text written at once", () => {
    const event = { type: "ChannelFunded", amount: 6n } as unknown as NodeEvent;
    const record = { event, hash: "0x12", offset: 7 } as unknown as EventRecord<NodeEvent>;
    const lazy = eventEntry(3, "alice", record);
    const written: TraceEntry = {
      type: "Event",
      atMs: 3,
      node: "alice",
      offset: 7,
      event: jsonOf(event),
      record: "0x12",
    };

    expect(JSON.stringify(lazy)).toBe(JSON.stringify(written));
    expect({ ...lazy }).toEqual(written);
    expect(structuredClone(lazy)).toEqual(written);
    expect(hashOfEntries([lazy, lazy])).toBe(hashOfEntries([written, written]));
  });
});

describe("the hash of a trace", () => {
  invariant("changes with any one byte of any message, event, transaction and block", async () => {
    const { trace, traceHash } = await firstRun();
    const touched = new Set<string>();
    for (const [index, entry] of trace.entries()) {
      const changed = withOneByteChanged(entry, 2 + index * 7);
      if (changed === undefined) continue;
      touched.add(entry.type);
      expect(hashOfEntries(trace.with(index, changed))).not.toBe(traceHash);
    }
    expect([...touched].sort()).toEqual(["Block", "Event", "Frame", "Transaction"]);
  });

  invariant("changes with any field of an entry", async () => {
    const { trace, traceHash } = await firstRun();
    const kinds = Map.groupBy(trace.keys(), (index) => trace[index]?.type);
    expect(kinds.size).toBe(5);
    for (const [index = 0] of kinds.values()) {
      for (const field of Object.keys(trace[index] ?? {})) {
        const changed = { ...trace[index], [field]: "other" } as unknown as TraceEntry;
        expect([field, hashOfEntries(trace.with(index, changed))]).not.toEqual([field, traceHash]);
      }
    }
  });

  invariant("changes when an entry is left out, doubled or moved", async () => {
    const { trace, traceHash } = await firstRun();
    const [first, second] = trace;
    if (first === undefined || second === undefined) throw new Error("a trace has entries");
    const others = [
      trace.slice(1),
      trace.slice(0, -1),
      [first, ...trace],
      [second, first, ...trace.slice(2)],
    ];
    for (const other of others) expect(hashOfEntries(other)).not.toBe(traceHash);
  });

  unit("is the one that the run kept while it grew", async () => {
    const { trace, traceHash } = await firstRun();

    expect(hashOfEntries(trace)).toBe(traceHash);
    expect(arrowsOf(trace)[0]).toBe("alice->>bob: prefund");
  });
});

describe("a seed", () => {
  invariant("gives the same trace in a second world of the same process", async () => {
    for (const seed of [1, 2, 2 ** 31]) {
      const one = await run(seed);
      const other = await run(seed);
      expect(one.trace).toEqual(other.trace);
      expect(one.traceHash).toBe(other.traceHash);
    }
  });

  invariant("gives a trace that no other seed gives", async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const { traceHash } = await runScenario(scenario, {
        seed,
        chain: model(),
        signatures: "fast",
      });
      hashes.add(traceHash);
    }
    expect(hashes.size).toBe(20);
  });
});

/** A frame without the hash of its head. */
function frameOf(bytes: Hex): Frame | undefined {
  const frame = decodeFrame(fromHex(bytes));
  if (!frame.ok) return undefined;
  const { value } = frame;
  if (!("head" in value) || value.head === undefined) return value;
  return { ...value, head: { ...value.head, hash: `0x${"0".repeat(64)}` as RecordHash } };
}

describe("withoutBlockHashes", () => {
  unit(
    "puts the block's number where its hash was, and the length of a log where the hash of its head was, and changes nothing else",
    async () => {
      const { trace } = await firstRun();

      const plain = withoutBlockHashes(trace);

      const blocks = trace.flatMap((entry) => (entry.type === "Block" ? [entry.hash] : []));
      const text = JSON.stringify(plain);
      expect(blocks.length).toBeGreaterThan(3);
      expect(blocks.filter((hash) => text.includes(hash))).toEqual([]);
      expect(text).toContain(`\\"blockNumber\\":5,\\"blockHash\\":\\"0x${"0".repeat(63)}5\\"`);
      const records = trace.flatMap((entry) => (entry.type === "Event" ? [entry.record] : []));
      expect(records.filter((hash) => text.includes(hash.slice(2)))).toEqual([]);
      expect(text).toContain(`\\"head\\":{\\"length\\":8,\\"hash\\":\\"0x${"0".repeat(63)}8\\"}`);
      const untouched = ({ type }: TraceEntry): boolean =>
        type === "Transaction" || type === "Arrow";
      expect(plain.filter(untouched)).toEqual(trace.filter(untouched));
      const frames = (entries: readonly TraceEntry[]): readonly (Frame | undefined)[] =>
        entries.flatMap((entry) => (entry.type === "Frame" ? [frameOf(entry.bytes)] : []));
      expect(frames(plain)).toEqual(frames(trace));
    },
  );
});
