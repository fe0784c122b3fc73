/** The files of `channels run --keep DIR`: the trace, and the log of each node in two forms. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tagsOf } from "../../src/events/tags.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import type { FinishedRun, NodeLog } from "./finished-run.ts";
import { logFileBytes } from "./log-file.ts";
import { recordsOf } from "./logged-events.ts";
import type { RunSummary } from "./run-summary.ts";
import { EXIT, failure } from "./shell.ts";
import { traceFileText } from "./trace-file.ts";

/**
 * Writes `DIR/trace.json`, and for each actor `DIR/<actor>/log` and `DIR/<actor>/events.jsonl`. Files of an
 * earlier run are replaced. Throws a failure when the disk refuses.
 */
export function keepRun(directory: string, summary: RunSummary, run: FinishedRun): void {
  writeFile(join(directory, "trace.json"), traceFileText(summary, run));
  for (const log of run.logs) {
    writeFile(join(directory, log.node, "log"), logFileBytes(log));
    writeFile(join(directory, log.node, "events.jsonl"), eventLines(log));
  }
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

function eventLines({ logId, node, records }: NodeLog): string {
  const lines = recordsOf(node, logId, records).map(({ event, hash, offset, timeMs }) =>
    jsonOf({ offset, timeMs, ...event, tags: tagsOf(event), hash }),
  );
  return lines.map((line) => `${line}\n`).join("");
}
