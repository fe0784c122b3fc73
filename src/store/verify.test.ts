/** The check of a foreign log: every kind of tampering is found at its offset. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../test/kind.ts";
import {
  added,
  addedRange,
  openSample,
  SAMPLE_LOG_ID,
  sampleCodec,
} from "../../test/sample-log.ts";
import { createMemoryDisk } from "../adapters/memory-disk.ts";
import { firstHash, type RecordHash } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import type { StoredRecord } from "./log-walk.ts";
import { readStored } from "./stored-log.ts";
import { type Verdict, verifyDisk, verifyLog } from "./verify.ts";

/** A log of `length` records as it lies on the disk, and the head it had after each. */
const sampleLog = async (
  length: number,
  first = 0,
): Promise<{ readonly records: readonly StoredRecord[]; readonly heads: readonly LogHead[] }> => {
  const disk = createMemoryDisk();
  const store = await openSample(disk);
  const heads = [store.head];
  for (let count = 0; count < length; count += 1) {
    await store.append([added(first + count)], count, count);
    heads.push(store.head);
  }
  const records: StoredRecord[] = [];
  for await (const record of readStored(disk)) records.push(record);
  return { records, heads };
};

const verify = (records: readonly StoredRecord[], anchor?: LogHead): Promise<Verdict> =>
  verifyLog({
    codec: sampleCodec,
    logId: SAMPLE_LOG_ID,
    records,
    ...(anchor === undefined ? {} : { anchor }),
  });

/** Gives the records the offsets of their places, as one would who hides what he did. */
const renumbered = (records: readonly StoredRecord[]): readonly StoredRecord[] =>
  records.map(({ stored }, offset) => ({ offset, stored }));

const damagedAt = (offset: number): object => ({ code: "Damaged", damage: { offset } });

describe("verifyLog", () => {
  unit(
    "calls a whole log a consistent prefix, and proves its end only against an anchor",
    async () => {
      const { heads, records } = await sampleLog(4);
      const head = heads[4] as LogHead;

      expect(await verify(records)).toEqual({ code: "ConsistentPrefix", head });
      for (const anchor of heads)
        expect(await verify(records, anchor)).toEqual({ code: "Anchored", head });
      expect(await verify([])).toEqual({
        code: "ConsistentPrefix",
        head: { length: 0, hash: firstHash(SAMPLE_LOG_ID) },
      });
    },
  );

  unit("reads a log straight from the disk, with the id that it finds there", async () => {
    const disk = createMemoryDisk();
    const store = await openSample(disk);
    await store.append(addedRange(0, 5), 0, 1);

    expect(await verifyDisk({ disk, codec: sampleCodec })).toEqual({
      logId: SAMPLE_LOG_ID,
      verdict: { code: "Anchored", head: store.head },
      index: [],
      repairs: [],
      end: { type: "Proven" },
      headFile: { type: "Head", head: store.head, isLatest: true },
    });
    await expect(verifyDisk({ disk: createMemoryDisk(), codec: sampleCodec })).rejects.toThrow(
      "no log",
    );
  });

  adversarial(
    "finds a cut at every length against the anchor, and never proves it without",
    async () => {
      const { heads, records } = await sampleLog(5);
      const anchor = heads[5] as LogHead;

      for (let length = 0; length < 5; length += 1) {
        const head = heads[length] as LogHead;
        expect(await verify(records.slice(0, length), anchor)).toEqual({ code: "Truncated", head });
        expect((await verify(records.slice(0, length))).code).toBe("ConsistentPrefix");
      }
    },
  );

  adversarial(
    "finds a log that was written anew, against an anchor of any length but 0",
    async () => {
      const { heads } = await sampleLog(4);
      const other = await sampleLog(4, 100);

      for (const anchor of heads.slice(1)) {
        expect((await verify(other.records, anchor)).code).toBe("Forked");
      }
      expect((await verify(other.records, { length: 0, hash: "0x00" as RecordHash })).code).toBe(
        "Forked",
      );
    },
  );

  adversarial("finds every deletion, swap, repetition and insertion at its offset", async () => {
    const { records } = await sampleLog(5);
    const strangers = (await sampleLog(5, 100)).records;

    for (let at = 0; at < 4; at += 1) {
      const deleted = records.filter((_, index) => index !== at);
      const swapped = records.with(at, records[at + 1] as never).with(at + 1, records[at] as never);
      const repeated = records.toSpliced(at + 1, 0, records[at] as StoredRecord);
      const inserted = records.toSpliced(at, 0, strangers[at] as StoredRecord);

      expect(await verify(deleted)).toMatchObject(damagedAt(at));
      expect(await verify(renumbered(deleted))).toMatchObject(damagedAt(at));
      expect(await verify(renumbered(swapped))).toMatchObject(damagedAt(at));
      expect(await verify(renumbered(repeated))).toMatchObject(damagedAt(at + 1));
      // A stranger that is chained to the same hash stands; the record after it gives it away.
      expect(await verify(renumbered(inserted))).toMatchObject(damagedAt(at === 0 ? 1 : at));
    }
  });

  adversarial("finds time that runs backwards in a log that is chained", async () => {
    const first = { previousHash: firstHash(SAMPLE_LOG_ID), offset: 0, timeMs: 10 };
    const later = sampleCodec.encode(first, added(0));
    const earlier = sampleCodec.encode(
      { previousHash: later.record.hash, offset: 1, timeMs: 9 },
      added(1),
    );

    expect(
      await verify(renumbered([later, earlier].map(({ stored }) => ({ offset: 0, stored })))),
    ).toEqual({
      code: "Damaged",
      damage: { code: "TimeDecreased", offset: 1 },
    });
  });

  property("finds any flip of any bit in any record, at its offset", async () => {
    const { records } = await sampleLog(8);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 7 }),
        fc.nat(),
        fc.nat({ max: 7 }),
        async (offset, place, bit) => {
          const { stored } = records[offset] as StoredRecord;
          const at = place % stored.length;
          const changed = stored.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte));

          expect(await verify(records.with(offset, { offset, stored: changed }))).toEqual({
            code: "Damaged",
            damage: { code: "HashMismatch", offset },
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  adversarial("finds every byte of a small log that is flipped", async () => {
    const { records } = await sampleLog(3);

    for (const { offset, stored } of records) {
      for (let at = 0; at < stored.length; at += 1) {
        const changed = stored.map((byte, index) => (index === at ? byte ^ 0xff : byte));
        const verdict = await verify(records.with(offset, { offset, stored: changed }));
        expect(verdict).toMatchObject(damagedAt(offset));
      }
    }
  });
});
