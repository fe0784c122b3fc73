/**
 * Fills the disk under a log and goes on when there is room. Runs as a process of its own in the folder it is
 * given, which lies on a small disk ("disk"), or with a limit on the size of files ("limit"). Prints what it
 * saw as JSON.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LogDirectory, openLogDirectory } from "../../src/node/log-directory.ts";
import { NodeError } from "../../src/primitives/node-error.ts";

const MIB = 1 << 20;

/** What the child saw, in the order in which it happened. */
export type DiskFullReport = {
  /** Batches of the store that were acknowledged before the disk was full. */
  readonly acknowledged: number;
  /** The codes of the writes that were tried on the full disk: two batches, a journal that must grow. */
  readonly refusals: readonly string[];
  /** Entries of the store that could be read while the disk was full. */
  readonly readWhileFull: number;
  /** True when the journal, in the room that it has, and the head could be written on the full disk. */
  readonly wroteInPlace: boolean;
  /** The size of the journal before and after it could not grow, in bytes. */
  readonly journalSizesBytes: readonly [number, number];
  /** The keys of the store once there was room, one more batch was written, and it was opened again. */
  readonly keysAtEnd: readonly number[];
  /** The size of the journal that could grow at last, in bytes. */
  readonly journalSizeAtEndBytes: number;
};

/** What the full disk did to a log. */
type WhileFull = Omit<DiskFullReport, "keysAtEnd" | "journalSizeAtEndBytes">;

/** More than half of the disk: RocksDB needs room for all of its data again when it tidies up. */
const FILLER_SIZE_BYTES = 26 * MIB;

const [, , folder = "", way = "disk"] = process.argv;
const filler = join(folder, "filler");
if (way === "disk") writeFileSync(filler, new Uint8Array(FILLER_SIZE_BYTES));
process.stdout.write(JSON.stringify(await report(join(folder, "log"))));

async function report(directory: string): Promise<DiskFullReport> {
  const log = await openLogDirectory(directory);
  const whileFull = await fillUp(log);
  makeRoom();
  await writeKey(log, whileFull.acknowledged);
  await log.journal.write(MIB, new Uint8Array(MIB).fill(1));
  const journalSizeAtEndBytes = (await log.journal.read()).length;
  await log.close();
  const reopened = await openLogDirectory(directory);
  const keysAtEnd = await keysOf(reopened);
  await reopened.close();
  return { ...whileFull, keysAtEnd, journalSizeAtEndBytes };
}

async function fillUp(log: LogDirectory): Promise<WhileFull> {
  const refusals: string[] = [];
  let acknowledged = 0;
  while (refusals.length < 2) {
    const code = await codeOf(writeKey(log, acknowledged));
    if (code === undefined) acknowledged += 1;
    else refusals.push(code);
  }
  const before = await log.journal.read();
  const grown = await codeOf(log.journal.write(MIB, new Uint8Array(FILLER_SIZE_BYTES).fill(1)));
  const after = await log.journal.read();
  const journal = await codeOf(log.journal.write(0, Uint8Array.of(1)));
  const head = await codeOf(log.head.write(Uint8Array.of(1)));
  return {
    acknowledged,
    refusals: [...refusals, grown ?? "none"],
    readWhileFull: (await keysOf(log)).length,
    wroteInPlace: journal === undefined && head === undefined,
    journalSizesBytes: [before.length, after.length],
  };
}

function makeRoom(): void {
  if (way === "disk") rmSync(filler);
  else Bun.spawnSync(["prlimit", "--pid", `${process.pid}`, "--fsize=unlimited"]);
}

function writeKey({ keyValue }: LogDirectory, key: number): Promise<void> {
  const value = new Uint8Array(100_000).fill(key);
  return keyValue.batch([{ type: "Put", key: Uint8Array.of(key), value }]);
}

async function keysOf({ keyValue }: LogDirectory): Promise<readonly number[]> {
  const range = keyValue.range({ from: Uint8Array.of(0), to: Uint8Array.of(255) });
  return (await Array.fromAsync(range)).map(([[key = 0]]) => key);
}

/** The code of a write that was refused; undefined when it was not. */
async function codeOf(writing: Promise<void>): Promise<string | undefined> {
  try {
    await writing;
    return undefined;
  } catch (error) {
    if (error instanceof NodeError) return error.code;
    throw error;
  }
}
