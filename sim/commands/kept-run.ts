/** The files of `channels run --keep DIR`: the trace, and the log of each node. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DiskContents } from "../../src/store/disk-contents.ts";
import type { FinishedRun } from "./finished-run.ts";
import type { RunSummary } from "./run-summary.ts";
import { EXIT, failure } from "./shell.ts";
import { traceFileText } from "./trace-file.ts";

/** Makes a folder the log of a real node, with these contents. `bin/channels.ts` brings it. */
export type KeepLog = (directory: string, contents: DiskContents) => Promise<void>;

/**
 * Writes `DIR/trace.json`, and for each actor the folder `DIR/<actor>`, which `channels log` reads. Those of an
 * earlier run are replaced. Throws a failure when the disk refuses.
 */
export async function keepRun(
  directory: string,
  summary: RunSummary,
  run: FinishedRun,
  keepLog: KeepLog,
): Promise<void> {
  writeFile(join(directory, "trace.json"), traceFileText(summary, run));
  for (const { disk, node } of run.logs) await keepLog(join(directory, node), disk);
}

/** Writes a file and the folders above it. Throws a failure when the disk refuses. */
export function writeFile(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw failure(EXIT.outsideFailed, `${path} cannot be written: ${why}`);
  }
}
