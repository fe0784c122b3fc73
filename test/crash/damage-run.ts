/** A small log on disk, one byte of it changed, and what became of it. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLogDirectory } from "../../src/node/log-directory.ts";
import { type LogFile, listLogFiles } from "../../src/node/log-directory-copy.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { EventStore } from "../../src/store/event-store.ts";
import type { LogDisk } from "../../src/store/log-disk.ts";
import { verifyDisk } from "../../src/store/verify.ts";
import { addedRange, SAMPLE_LOG_ID, type SampleEvent, sampleCodec } from "../sample-log.ts";

/** One byte of one file, and the bits of it that are turned over. */
export type Flip = { readonly path: string; readonly at: number; readonly mask: number };

/** What came of a damage. The first three are sound. */
export type Outcome =
  /** The log is not opened; the code says why. `Aborted` when RocksDB stopped the process. */
  | { readonly type: "Refused"; readonly code: string }
  /** All records are there. */
  | { readonly type: "Whole"; readonly end: string; readonly verdict: string }
  /** Records are missing at the end, and it is known that they may. */
  | { readonly type: "ShorterAndKnown"; readonly end: string; readonly verdict: string }
  /** The log lies. */
  | { readonly type: "Fault"; readonly why: string };

/** Room of the journal in bytes: what lies behind is zeros, of which these are enough to try. */
const JOURNAL_SIZE_BYTES = 2_048;

/** The bits that are turned over in a byte, by its place: the lowest, the highest, or all. */
const MASKS = [0x01, 0x80, 0xff] as const;

/** A flip for each byte of a whole log. The lock holds nothing that counts. */
export function flipsOf(directory: string): readonly Flip[] {
  const sizeOf = ({ path, sizeBytes }: LogFile): number =>
    path === "journal" ? Math.min(sizeBytes, JOURNAL_SIZE_BYTES) : sizeBytes;
  return listLogFiles(directory)
    .filter(({ path }) => path !== "lock")
    .flatMap((file) =>
      Array.from({ length: sizeOf(file) }, (_, at) => ({
        path: file.path,
        at,
        mask: MASKS[at % MASKS.length] ?? 0xff,
      })),
    );
}

/**
 * Makes a log with records in all places where they can lie: in a table of RocksDB, in its write-ahead log,
 * in the journal. Gives back their hashes.
 */
export async function makeLog(directory: string): Promise<readonly string[]> {
  const first = await openLogDirectory(directory);
  await appendAll(await openStore(first), [3, 5], true);
  await first.close();
  const second = await openLogDirectory(directory);
  const store = await openStore(second);
  await appendAll(store, [4], true);
  await appendAll(store, [2, 1, 3], false);
  await second.close();
  truncateSync(join(directory, "journal"), JOURNAL_SIZE_BYTES);
  const copy = `${directory}-read`;
  cpSync(directory, copy, { recursive: true });
  const log = await openLogDirectory(copy);
  const hashes = await hashesOf(await openStore(log));
  await log.close();
  rmSync(copy, { recursive: true });
  return hashes;
}

async function appendAll(
  store: EventStore<SampleEvent>,
  batches: readonly number[],
  isCheckpoint: boolean,
): Promise<void> {
  for (const count of batches) {
    await store.append(addedRange(store.length, count), store.length, store.length);
  }
  if (isCheckpoint) await store.checkpoint();
}

/** Changes a byte in a copy of the log, and reads that. */
export async function damage(
  directory: string,
  { at, mask, path }: Flip,
  hashes: readonly string[],
): Promise<Outcome> {
  const copy = `${directory}-damaged`;
  cpSync(directory, copy, { recursive: true });
  try {
    const file = join(copy, path);
    const bytes = Uint8Array.from(readFileSync(file));
    bytes[at] = (bytes[at] ?? 0) ^ mask;
    writeFileSync(file, bytes);
    return await read(copy, hashes);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

async function read(directory: string, hashes: readonly string[]): Promise<Outcome> {
  try {
    const log = await openLogDirectory(directory);
    try {
      return await judge(log, hashes);
    } finally {
      await log.close();
    }
  } catch (error) {
    if (error instanceof NodeError) return { type: "Refused", code: error.code };
    return { type: "Fault", why: String(error) };
  }
}

/** Reads a log that had these records, and says whether what it gives and what it says of that is true. */
export async function judge(disk: LogDisk, hashes: readonly string[]): Promise<Outcome> {
  const report = await verifyDisk({ disk, codec: sampleCodec });
  const store = await openStore(disk);
  const found = await hashesOf(store);
  const end = store.recovery.end.type;
  const verdict = report.verdict.code;
  if (found.some((hash, offset) => hash !== hashes[offset])) {
    return { type: "Fault", why: "there are other records" };
  }
  if (found.length === hashes.length) return { type: "Whole", end, verdict };
  if (end !== "Proven" && verdict !== "Anchored") return { type: "ShorterAndKnown", end, verdict };
  return { type: "Fault", why: `records are missing, and the end is ${end}, ${verdict}` };
}

async function hashesOf(store: EventStore<SampleEvent>): Promise<readonly string[]> {
  return (await Array.fromAsync(store.readFrom(0))).map(({ hash }) => hash);
}

function openStore(disk: LogDisk): Promise<EventStore<SampleEvent>> {
  return EventStore.open({ disk, codec: sampleCodec, logId: SAMPLE_LOG_ID });
}
