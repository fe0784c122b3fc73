/** Opening a log whose disk was cut, rolled back, torn or damaged: what is said about its end. */
import { describe, expect } from "bun:test";
import { createFaultyDisk } from "../../test/faulty-disk.ts";
import { adversarial, crash, invariant, unit } from "../../test/kind.ts";
import { replaceRecords, storedRecords } from "../../test/log-tampering.ts";
import {
  added,
  addedRange,
  openSample,
  SAMPLE_LOG_ID,
  sampleCodec,
} from "../../test/sample-log.ts";
import { createMemoryDisk, type MemoryDisk } from "../adapters/memory-disk.ts";
import { type Catalogue, eventEntry } from "../events/catalogue-entry.ts";
import { createRecordCodec } from "../events/record.ts";
import { assertDefined } from "../primitives/assert.ts";
import { NodeError } from "../primitives/node-error.ts";
import { text } from "../primitives/schema.ts";
import { record } from "../primitives/schema-composite.ts";
import { CHECKPOINT_RECORDS } from "./durable-log.ts";
import { EventStore } from "./event-store.ts";
import { FRAME_HEADER_SIZE_BYTES, FrameWriter, readFirstFrame } from "./journal-frame.ts";
import { CHECKED_WHOLE_MAX } from "./recovery.ts";
import { SEGMENT_RECORDS, segmentOf, segmentStart } from "./segment.ts";
import { verifyDisk } from "./verify.ts";

/** A disk whose log has `count` records, appended one at a time. */
async function diskWith(count: number, disk: MemoryDisk = createMemoryDisk()): Promise<MemoryDisk> {
  const store = await openSample(disk);
  for (let at = store.length; at < count; at += 1) await store.append([added(at)], at, at);
  return disk;
}

const headOf = async (disk: MemoryDisk) => (await openSample(disk)).head;
const withoutHead = ({ journal, keyValue }: MemoryDisk) => ({ journal, keyValue });
const verdictOf = async (disk: MemoryDisk) =>
  (await verifyDisk({ disk, codec: sampleCodec })).verdict;

/** The error that opening a log is rejected with. */
const openingError = async (disk: Parameters<typeof openSample>[0]): Promise<NodeError> => {
  const error: unknown = await openSample(disk).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NodeError)) throw new Error("expected a NodeError");
  return error;
};

describe("the end of a log", () => {
  unit("is proven when the head file is the latest, and when the log is new", async () => {
    const disk = createMemoryDisk();

    expect((await openSample(disk)).recovery.end).toEqual({ type: "Proven" });
    await diskWith(3, disk);
    expect((await openSample(disk)).recovery).toEqual({
      end: { type: "Proven" },
      repairs: [],
      checkedFrom: 0,
    });
    expect((await openSample(withoutHead(createMemoryDisk()))).recovery.end).toEqual({
      type: "Proven",
    });
  });

  unit("is not proven without a head file, or with one that may be old or is none", async () => {
    const doubted = await diskWith(3);
    doubted.head.doubt();
    const broken = await diskWith(3);
    await broken.head.write(Uint8Array.of(1, 2, 3));

    for (const [disk, why] of [
      [withoutHead(await diskWith(3)), "NoHead"],
      [doubted, "HeadMayBeOld"],
      [broken, "HeadUnreadable"],
    ] as const) {
      expect((await openSample(disk)).recovery.end).toEqual({ type: "Unproven", why });
    }
  });

  invariant("stays unproven over appends and restarts until somebody says otherwise", async () => {
    const disk = await diskWith(3);
    disk.head.doubt();
    const end = { type: "Unproven", why: "HeadMayBeOld" } as const;
    await openSample(disk);
    await diskWith(5, disk);
    const store = await openSample(disk);

    expect(store.length).toBe(5);
    expect(store.recovery.end).toEqual(end);
    await store.markProven();
    expect(store.recovery.end).toEqual({ type: "Proven" });
    expect((await openSample(disk)).recovery.end).toEqual({ type: "Proven" });
  });

  adversarial("is behind the head file at every length to which the log is cut", async () => {
    const disk = await diskWith(20);
    const anchor = await headOf(disk);
    const full = disk.snapshot();
    const records = await storedRecords(disk);

    for (let length = 0; length < 20; length += 1) {
      disk.restore(full);
      await replaceRecords(disk, records.slice(0, length));
      const store = await openSample(disk);
      expect(store.length).toBe(length);
      expect(store.recovery.end).toEqual({ type: "Behind", anchor });
      expect((await verdictOf(disk)).code).toBe("Truncated");
    }
  });

  adversarial(
    "is behind the head file when the disk knows nothing of the log any more",
    async () => {
      const disk = await diskWith(3);
      const anchor = await headOf(disk);
      const { journal, keyValue } = createMemoryDisk();
      const store = await openSample({ journal, keyValue, head: disk.head });

      expect(store.length).toBe(0);
      expect(store.recovery.end).toEqual({ type: "Behind", anchor });
    },
  );

  adversarial(
    "is behind the journal where the segments were taken back, and the journal stays until an append",
    async () => {
      const disk = await diskWith(CHECKPOINT_RECORDS + 7);
      const old = disk.keyValue.snapshot();
      await diskWith(3 * CHECKPOINT_RECORDS + 5, disk);
      const anchor = await headOf(disk);
      disk.keyValue.restore(old);
      const bytes = disk.journal.snapshot();

      for (const parts of [disk, withoutHead(disk)]) {
        const store = await openSample(parts);
        expect(store.length).toBe(CHECKPOINT_RECORDS);
        expect(store.recovery.end).toEqual({ type: "Behind", anchor });
      }
      expect(disk.journal.snapshot()).toEqual(bytes);
      expect((await verdictOf(disk)).code).toBe("Truncated");
    },
  );

  invariant(
    "remembers the longer log over appends and restarts until it was taken back",
    async () => {
      const disk = await diskWith(CHECKPOINT_RECORDS + 7);
      const old = disk.keyValue.snapshot();
      await diskWith(3 * CHECKPOINT_RECORDS + 5, disk);
      const anchor = await headOf(disk);
      disk.keyValue.restore(old);

      for (let at = CHECKPOINT_RECORDS; at < 2 * CHECKPOINT_RECORDS + 9; at += 200) {
        const store = await openSample(disk);
        expect(store.recovery.end).toEqual({ type: "Behind", anchor });
        expect(store.length).toBe(at);
        await store.append(addedRange(at, 200), at, 1);
      }
      const store = await openSample(disk);
      await store.markProven();
      expect((await openSample(disk)).recovery.end).toEqual({ type: "Proven" });
      expect((await verdictOf(disk)).code).toBe("Anchored");
    },
  );

  invariant("stays behind when appends go straight to where the lost log has frames", async () => {
    const disk = await diskWith(CHECKPOINT_RECORDS + 7);
    const old = disk.keyValue.snapshot();
    await diskWith(3 * CHECKPOINT_RECORDS + 5, disk);
    const anchor = await headOf(disk);
    disk.keyValue.restore(old);
    const store = await openSample(disk);
    const more = 2 * CHECKPOINT_RECORDS + 2;
    await store.append(addedRange(0, more), CHECKPOINT_RECORDS, 1);

    const again = await openSample(disk);
    expect(again.head).toEqual(store.head);
    expect(again.recovery.end).toEqual({ type: "Behind", anchor });
  });

  invariant(
    "stays behind when it died before the head file told of what was appended",
    async () => {
      const disk = await diskWith(5);
      const anchor = await headOf(disk);
      await replaceRecords(disk, (await storedRecords(disk)).slice(0, 3));
      const store = await openSample(disk);
      const old = disk.head.snapshot();
      await store.append(addedRange(10, 4), 3, 1);
      disk.head.restore(old);

      const again = await openSample(disk);
      expect(again.head).toEqual(store.head);
      expect(again.recovery.end).toEqual({ type: "Behind", anchor });
    },
  );

  adversarial("refuses a log that is not the one of its head file", async () => {
    const disk = await diskWith(5);
    const other = createMemoryDisk();
    await (await openSample(other)).append(addedRange(100, 9), 0, 1);
    await replaceRecords(disk, await storedRecords(other));

    const error = await openingError(disk);
    expect(error.code).toBe("LogDamaged");
    expect(error.data).toEqual({ code: "HashMismatch", offset: 4 });
    expect((await verdictOf(disk)).code).toBe("Forked");
  });
});

describe("a torn write", () => {
  crash("is cut off wherever it was torn, and reported", async () => {
    const disk = await diskWith(4);
    const before = disk.snapshot();
    const { length: position } = await disk.journal.read();
    const store = await openSample(disk);
    await store.append(addedRange(4, 3), 4, 9);
    const written = await disk.journal.read();

    // The terminator of the frame before is where the new frame begins.
    for (let cut = position - 7; cut < written.length - 8; cut += 1) {
      disk.restore(before);
      await disk.journal.write(0, written.subarray(0, cut));
      const again = await openSample(disk);
      expect(again.length).toBe(4);
      expect(again.recovery.end).toEqual({ type: "Proven" });
      expect(again.recovery.repairs).toMatchObject([
        { code: "TornWrite", offset: 4, position: position - 8, damage: { code: "HashMismatch" } },
      ]);
      await again.append([added(9)], 4, 9);
      expect((await openSample(disk)).recovery.repairs).toEqual([]);
    }
  });

  adversarial("is damage when the head file says that it was acknowledged", async () => {
    const disk = await diskWith(4);
    const bytes = await disk.journal.read();
    await disk.journal.write(bytes.length - 12, Uint8Array.of(1, 2, 3));

    const error = await openingError(disk);
    expect(error.data).toEqual({ code: "HashMismatch", offset: 3 });
    expect(await verdictOf(disk)).toEqual({
      code: "Damaged",
      damage: { code: "HashMismatch", offset: 3 },
    });
    const headless = await openSample(withoutHead(disk));
    expect(headless.length).toBe(3);
    expect(headless.recovery).toMatchObject({ repairs: [{ offset: 3 }], end: { why: "NoHead" } });
  });

  adversarial(
    "is never taken for one when any byte of the journal is flipped or a part of it is zero",
    async () => {
      const disk = await diskWith(6);
      const before = disk.snapshot();
      const records = await storedRecords(disk);
      const bytes = await disk.journal.read();
      const spoil = async (position: number, spoilt: Uint8Array): Promise<void> => {
        disk.restore(before);
        await disk.journal.write(position, spoilt);
        const error = await openingError(disk).catch(() => undefined);
        if (error !== undefined) expect(error.code).toBe("LogDamaged");
        else if ((await openSample(disk)).recovery.end.type === "Proven") {
          expect(await storedRecords(disk)).toEqual(records);
        }
        disk.restore(before);
        await disk.journal.write(position, spoilt);
        const headless = await openSample(withoutHead(disk)).catch(() => undefined);
        // Without a head, the last frames are all that may go: two where their border was hit.
        expect(headless?.length ?? 6).toBeGreaterThanOrEqual(4);
        expect(headless?.recovery.end.type).not.toBe("Proven");
      };

      for (let at = 0; at < bytes.length; at += 1) {
        await spoil(at, Uint8Array.of((bytes[at] ?? 0) ^ 0x10));
      }
      for (let at = 0; at < bytes.length; at += 64)
        await spoil(at, new Uint8Array(Math.min(64, bytes.length - at)));
    },
  );

  crash("that was refused is not found again behind an append that needs no journal", async () => {
    const codec = createRecordCodec(notes, () => []);
    const memory = createMemoryDisk();
    const { disk } = createFaultyDisk(memory, [{ at: 4, landing: "Everything", isDeath: false }]);
    const store = await EventStore.open({ disk, codec, logId: SAMPLE_LOG_ID });
    await store.append([note(10)], 0, 1);
    const refused = store.append(
      Array.from({ length: 9 }, () => note(10)),
      1,
      1,
    );
    await expect(refused).rejects.toThrow("full");
    await store.append([note(2 ** 20)], 1, 1);

    const again = await EventStore.open({ disk: memory, codec, logId: SAMPLE_LOG_ID });
    expect(again.head).toEqual(store.head);
  });

  adversarial("is not faked by an event that holds a frame", async () => {
    const codec = createRecordCodec(notes, () => []);
    const disk = createMemoryDisk();
    const store = await EventStore.open({ disk, codec, logId: SAMPLE_LOG_ID });
    await store.append([note(10)], 0, 1);
    const frame = assertDefined(
      readFirstFrame(await disk.journal.read(), SAMPLE_LOG_ID),
      "a frame",
    );
    const content = { ...frame, firstOffset: 1_000_000 };
    const forged = new FrameWriter(SAMPLE_LOG_ID).write(frame.previousHash, 0, content);
    const end = frame.endPosition;
    await disk.journal.write(end, new Uint8Array(8));
    await disk.journal.write(end + FRAME_HEADER_SIZE_BYTES, forged);

    expect((await EventStore.open({ disk, codec, logId: SAMPLE_LOG_ID })).length).toBe(1);
  });
});

describe("a long log", () => {
  adversarial(
    "is opened from a head that its caller trusts, and the rest is checked when asked",
    async () => {
      const disk = createMemoryDisk();
      const store = await openSample(disk);
      const length = CHECKED_WHOLE_MAX + 2 * SEGMENT_RECORDS;
      while (store.length < length)
        await store.append(addedRange(store.length, 1_000), store.length, 1);
      const trusted = { length: store.length, hash: store.head.hash };
      await store.append([added(1)], store.length, 1);
      const open = (checkFrom: typeof trusted) =>
        EventStore.open({ disk, codec: sampleCodec, logId: SAMPLE_LOG_ID, checkFrom });
      const whole = await open(trusted);
      expect(whole.recovery.checkedFrom).toBe(segmentStart(segmentOf(trusted.length)));
      let pauses = 0;
      await whole.checkRest(async () => {
        pauses += 1;
      });
      expect(whole.recovery.checkedFrom).toBe(0);
      expect(pauses).toBe(Math.floor(length / (16 * SEGMENT_RECORDS)));

      const records = await storedRecords(disk);
      const spoilt = assertDefined(records[5], "a record").map((byte, at) =>
        at === 40 ? byte ^ 1 : byte,
      );
      await replaceRecords(disk, records.with(5, spoilt));
      const damage = { code: "LogDamaged", data: { code: "HashMismatch", offset: 5 } };
      const again = await open(trusted);
      expect(again.head).toEqual(store.head);
      await expect(again.checkRest()).rejects.toMatchObject(damage);
      await expect(openSample(disk)).rejects.toMatchObject(damage);
      await expect(open({ ...trusted, length: 7 })).rejects.toMatchObject(damage);
    },
    30_000,
  );
});

type Note = { readonly type: "Noted"; readonly text: string };

const notes: Catalogue<Note> = { Noted: eventEntry(1, 1, record({ text: text(2 ** 21) })) };

const note = (sizeBytes: number): Note => ({ type: "Noted", text: "x".repeat(sizeBytes) });
