/** Archives: what left the log is read as if it had not, or is missed with its name. */
import { describe, expect } from "bun:test";
import { adversarial, crash, unit } from "../../test/kind.ts";
import { addedRange, SAMPLE_LOG_ID, type SampleEvent, sampleCodec } from "../../test/sample-log.ts";
import {
  createMemoryArchiveFolder,
  type MemoryArchiveFolder,
} from "../adapters/memory-archive-folder.ts";
import { createMemoryDisk, type MemoryDisk } from "../adapters/memory-disk.ts";
import type { EventRecord, Tag } from "../events/record.ts";
import type { KeyValue } from "../ports/key-value.ts";
import { type ArchiveRequest, archiveLog } from "./archive.ts";
import { listArchives } from "./archive-list.ts";
import { withArchives } from "./archived-store.ts";
import { CHECKPOINT_RECORDS } from "./durable-log.ts";
import { EventStore } from "./event-store.ts";
import { segmentOf } from "./segment.ts";
import { verifyDisk } from "./verify.ts";

/** Records that are appended together. */
const BATCH = 100;

/** Enough for a checkpoint: some are in closed segments, some in one that is not full, some in the journal. */
const RECORDS: number = CHECKPOINT_RECORDS + 2 * BATCH;

const ofAlice = (tags: readonly Tag[]): boolean => tags.includes("owner:alice");
const ofBob = (tags: readonly Tag[]): boolean => tags.includes("owner:bob");

function openStore(disk: MemoryDisk, keyValue: KeyValue): Promise<EventStore<SampleEvent>> {
  const { head, journal } = disk;
  return EventStore.open({
    disk: { keyValue, journal, head },
    codec: sampleCodec,
    logId: SAMPLE_LOG_ID,
  });
}

async function recordsOf(
  store: EventStore<SampleEvent>,
): Promise<readonly EventRecord<SampleEvent>[]> {
  const records: EventRecord<SampleEvent>[] = [];
  for await (const record of store.readFrom(0)) records.push(record);
  return records;
}

/** A log of alice and bob, in turns, and an archive that alice's records can move to. */
async function sampleArchive(): Promise<{
  readonly disk: MemoryDisk;
  readonly folder: MemoryArchiveFolder;
  readonly records: readonly EventRecord<SampleEvent>[];
  readonly request: ArchiveRequest<SampleEvent>;
}> {
  const disk = createMemoryDisk();
  const store = await openStore(disk, disk.keyValue);
  for (let from = 0; from < RECORDS; from += BATCH) {
    await store.append(addedRange(from, Math.min(BATCH, RECORDS - from)), from, from);
  }
  const folder = createMemoryArchiveFolder();
  const request = {
    keyValue: disk.keyValue,
    folder,
    codec: sampleCodec,
    logId: SAMPLE_LOG_ID,
    snapshot: store.head,
    isOver: ofAlice,
  };
  return { disk, folder, records: await recordsOf(store), request };
}

async function sizeOf(keyValue: KeyValue): Promise<number> {
  let sizeBytes = 0;
  const range = { from: Uint8Array.of(2), to: Uint8Array.of(3) };
  for await (const [, value] of keyValue.range(range)) sizeBytes += value.length;
  return sizeBytes;
}

describe("archiveLog", () => {
  unit("moves what is over out of the log, which reads the same with the archive", async () => {
    const { disk, folder, records, request } = await sampleArchive();
    const before = await sizeOf(disk.keyValue);
    const archive = await archiveLog(request);
    const count = CHECKPOINT_RECORDS / 2;
    const lastSegment = segmentOf(CHECKPOINT_RECORDS - 1);
    expect(archive).toMatchObject({ number: 0, count, firstSegment: 0, lastSegment });
    expect(await sizeOf(disk.keyValue)).toBeLessThan(before);

    const store = await openStore(disk, withArchives(disk.keyValue, folder));
    expect(await recordsOf(store)).toEqual(records);
    const tagged: number[] = [];
    for await (const { offset } of store.readTagged("owner:alice")) tagged.push(offset);
    expect(tagged.length).toBe(RECORDS / 2);
  });

  unit("leaves what comes after the snapshot, and the record that proves it", async () => {
    for (const [length, lastSegment] of [
      [512, 0],
      [513, 1],
    ] as const) {
      const { records, request } = await sampleArchive();
      const { hash } = records[length - 1] ?? request.snapshot;
      const archive = await archiveLog({ ...request, snapshot: { length, hash } });
      expect(archive).toMatchObject({ firstSegment: 0, lastSegment });
    }
  });

  unit("moves what is over since to another archive", async () => {
    const { disk, folder, records, request } = await sampleArchive();
    await archiveLog(request);
    expect(await archiveLog(request)).toBeUndefined();
    expect((await archiveLog({ ...request, isOver: ofBob }))?.count).toBe(CHECKPOINT_RECORDS / 2);

    expect((await listArchives(disk.keyValue)).map(({ number }) => number)).toEqual([0, 1]);
    const store = await openStore(disk, withArchives(disk.keyValue, folder));
    expect(await recordsOf(store)).toEqual(records);
  });

  unit("is checked together with its log, as one chain", async () => {
    const { disk, folder, records, request } = await sampleArchive();
    await archiveLog(request);
    const { head, journal } = disk;
    const keyValue = withArchives(disk.keyValue, folder);
    const { verdict } = await verifyDisk({ disk: { keyValue, journal, head }, codec: sampleCodec });

    const hash = records.at(-1)?.hash;
    expect(verdict).toEqual({ code: "Anchored", head: { length: RECORDS, hash } } as never);
  });

  unit("is missed by its name and seal when it is not there", async () => {
    const { disk, folder, request } = await sampleArchive();
    const archive = await archiveLog(request);
    folder.files.clear();
    const keyValue = withArchives(disk.keyValue, folder);
    const { head, journal } = disk;
    const reading = verifyDisk({ disk: { keyValue, journal, head }, codec: sampleCodec });

    await expect(reading).rejects.toMatchObject({
      code: "ArchiveMissing",
      data: { name: archive?.name, seal: archive?.seal, offset: 0 },
    });
  });

  adversarial("is refused when any byte of it was changed", async () => {
    const { disk, folder, request } = await sampleArchive();
    await archiveLog(request);
    const [[name, file] = ["", new Uint8Array()]] = folder.files;
    const { head, journal } = disk;
    // The heading says only what kind of file it is.
    for (let at = 19; at < file.length; at += 37) {
      folder.files.set(name, file.with(at, (file[at] ?? 0) ^ 1));
      const keyValue = withArchives(disk.keyValue, folder);
      const reading = verifyDisk({ disk: { keyValue, journal, head }, codec: sampleCodec });
      await expect(reading).rejects.toMatchObject({ code: "LogDamaged", data: { name } });
    }
    for (const sizeBytes of [0, 10, file.length - 1]) {
      folder.files.set(name, file.slice(0, sizeBytes));
      const keyValue = withArchives(disk.keyValue, folder);
      const reading = verifyDisk({ disk: { keyValue, journal, head }, codec: sampleCodec });
      await expect(reading).rejects.toMatchObject({ code: "LogDamaged", data: { name } });
    }
  });

  crash("loses nothing when it is stopped at any write", async () => {
    for (let writes = 0; ; writes += 1) {
      const { disk, folder, records, request } = await sampleArchive();
      let left = writes;
      const stop = async (): Promise<void> => {
        if (left === 0) throw new Error("stopped");
        left -= 1;
      };
      const keyValue: KeyValue = {
        ...disk.keyValue,
        batch: async (batch) => {
          await stop();
          await disk.keyValue.batch(batch);
        },
      };
      const stopped = {
        ...folder,
        create: async (name: string) => {
          const writer = await folder.create(name);
          const write = (bytes: Uint8Array): Promise<void> =>
            stop().then(() => writer.write(bytes));
          return { write, close: () => stop().then(() => writer.close()) };
        },
      };
      const ended = await archiveLog({ ...request, keyValue, folder: stopped }).then(
        () => true,
        () => false,
      );
      const store = await openStore(disk, withArchives(disk.keyValue, folder));
      expect(await recordsOf(store)).toEqual(records);
      await archiveLog(request);
      const again = await openStore(disk, withArchives(disk.keyValue, folder));
      expect(await recordsOf(again)).toEqual(records);
      if (ended) break;
    }
  });
});
