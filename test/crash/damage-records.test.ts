/** Records are taken out of a log, repeated, swapped and cut off, in segments and in the journal. */
import { describe, expect } from "bun:test";
import { createMemoryDisk, type MemoryDisk } from "../../src/adapters/memory-disk.ts";
import { firstHash, type RecordHash } from "../../src/events/record.ts";
import { packRun, unpackRun } from "../../src/events/record-run.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { fromHex } from "../../src/primitives/hex.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { findFrames } from "../../src/store/journal-frame.ts";
import { segmentKey } from "../../src/store/keys.ts";
import { crash } from "../kind.ts";
import { addedRange, openSample, SAMPLE_LOG_ID } from "../sample-log.ts";
import { judge, type Outcome } from "./damage-run.ts";

/** Records in the segment; the journal's batches follow. */
const IN_SEGMENT = 10;
const BATCHES = [2, 1, 3] as const;
const LENGTH = 16;

type Sample = { readonly disk: MemoryDisk; readonly hashes: readonly RecordHash[] };

async function sampleLog(): Promise<Sample> {
  const disk = createMemoryDisk();
  const store = await openSample(disk);
  await store.append(addedRange(0, IN_SEGMENT), 0, 0);
  await store.checkpoint();
  for (const count of BATCHES) {
    await store.append(addedRange(store.length, count), store.length, 0);
  }
  const hashes = (await Array.fromAsync(store.readFrom(0))).map(({ hash }) => hash);
  expect(hashes).toHaveLength(LENGTH);
  return { disk, hashes };
}

/** Puts other records into the segment. */
async function rewriteSegment(
  { keyValue }: MemoryDisk,
  change: (records: readonly Uint8Array[]) => readonly Uint8Array[],
): Promise<void> {
  const run = assertDefined(await keyValue.get(segmentKey(0)), "the segment");
  const records = change(unpackRun(run).stored);
  const key = segmentKey(0);
  const value = packRun(fromHex(firstHash(SAMPLE_LOG_ID)), records);
  await keyValue.batch([
    records.length > 0 ? { type: "Put", key, value } : { type: "Delete", key },
  ]);
}

/** Puts other frames into the journal, and zeros behind them. */
async function rewriteJournal(
  { disk: { journal }, hashes }: Sample,
  change: (frames: readonly Uint8Array[]) => readonly Uint8Array[],
): Promise<void> {
  const bytes = await journal.read();
  const base = assertDefined(hashes[IN_SEGMENT - 1], "the end of the segment");
  const frames = [...findFrames(bytes, 0, { logId: SAMPLE_LOG_ID, base })].map(
    ({ endPosition, position }) => bytes.slice(position, endPosition),
  );
  expect(frames).toHaveLength(BATCHES.length);
  const written = concatBytes(...change(frames));
  await journal.write(0, concatBytes(written, new Uint8Array(bytes.length)));
}

/** What a reader gets, with the offset where the log is refused. */
async function outcomeOf({
  disk,
  hashes,
}: Sample): Promise<Outcome & { readonly offset?: unknown }> {
  try {
    return await judge(disk, hashes);
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    return { type: "Refused", code: error.code, offset: error.data["offset"] };
  }
}

const without = <Item>(items: readonly Item[], at: number): readonly Item[] =>
  items.toSpliced(at, 1);
const repeated = <Item>(items: readonly Item[], at: number): readonly Item[] =>
  items.flatMap((item, index) => (index === at ? [item, item] : [item]));
const swapped = <Item>(items: readonly Item[], at: number): readonly Item[] =>
  items.toSpliced(at, 2, ...items.slice(at, at + 2).toReversed());

const refusedAt = (offset: number): Outcome & { readonly offset: number } => ({
  type: "Refused",
  code: "LogDamaged",
  offset,
});
const cut: Outcome = { type: "ShorterAndKnown", end: "Behind", verdict: "Truncated" };

describe("a log whose records were moved", () => {
  crash("is refused at the offset of a record that was taken out of a segment", async () => {
    for (let at = 0; at < IN_SEGMENT - 1; at += 1) {
      const sample = await sampleLog();
      await rewriteSegment(sample.disk, (records) => without(records, at));
      expect(await outcomeOf(sample)).toEqual(refusedAt(at));
    }
  });

  crash("is known to be cut when the last record of the segments is gone", async () => {
    const sample = await sampleLog();
    await rewriteSegment(sample.disk, (records) => without(records, IN_SEGMENT - 1));
    expect(await outcomeOf(sample)).toEqual(cut);
  });

  crash(
    "is refused at the offset of a record that was repeated or swapped in a segment",
    async () => {
      for (let at = 0; at < IN_SEGMENT - 1; at += 1) {
        const twice = await sampleLog();
        await rewriteSegment(twice.disk, (records) => repeated(records, at));
        expect(await outcomeOf(twice)).toEqual(refusedAt(at + 1));

        const turned = await sampleLog();
        await rewriteSegment(turned.disk, (records) => swapped(records, at));
        expect(await outcomeOf(turned)).toEqual(refusedAt(at));
      }
    },
  );

  crash("never looks whole when a batch of the journal is gone, repeated or swapped", async () => {
    for (const [at, change] of [
      ...[0, 1, 2].map((batch) => [batch, without] as const),
      ...[0, 1, 2].map((batch) => [batch, repeated] as const),
      ...[0, 1].map((batch) => [batch, swapped] as const),
    ]) {
      const sample = await sampleLog();
      await rewriteJournal(sample, (frames) => change(frames, at));
      const outcome = await outcomeOf(sample);
      if (change === without) expect(["Refused", "ShorterAndKnown"]).toContain(outcome.type);
      if (change === swapped) expect(outcome.type).toBe("Refused");
      expect(outcome.type).not.toBe("Fault");
    }
  });
});

/** The sample log with its first records alone. */
async function cutAt(length: number): Promise<Sample> {
  const sample = await sampleLog();
  await rewriteSegment(sample.disk, (records) => records.slice(0, length));
  const ends = BATCHES.map((_, batch) =>
    BATCHES.slice(0, batch + 1).reduce((sum, count) => sum + count, IN_SEGMENT),
  );
  await rewriteJournal(sample, (frames) =>
    frames.filter((_, batch) => (ends[batch] ?? LENGTH) <= length),
  );
  return sample;
}

describe("a log that was cut", () => {
  crash("is behind its head at every length", async () => {
    for (const length of [...Array(IN_SEGMENT + 1).keys(), 12, 13]) {
      expect(await outcomeOf(await cutAt(length))).toEqual(cut);
    }
  });

  crash("is not proven at any length where the head file is gone, too", async () => {
    for (const length of [...Array(IN_SEGMENT + 1).keys(), 12, 13, LENGTH]) {
      const { disk, hashes } = await cutAt(length);
      const { journal, keyValue } = disk;
      expect(await judge({ journal, keyValue }, hashes)).toEqual({
        type: length === LENGTH ? "Whole" : "ShorterAndKnown",
        end: "Unproven",
        verdict: "ConsistentPrefix",
      });
    }
  });

  crash("never lies about a journal that ends anywhere", async () => {
    const { disk, hashes } = await sampleLog();
    const whole = disk.snapshot();
    const { bytes } = whole.journal;
    for (let at = 0; at < bytes.length; at += 1) {
      const ended = bytes.slice();
      ended.fill(0, at);
      disk.restore({ ...whole, journal: { bytes: ended } });
      expect((await outcomeOf({ disk, hashes })).type).not.toBe("Fault");
    }
  });
});
