/**
 * A run in one file, `trace.json`: its summary, every entry of its trace, and the log of each node. Equal
 * runs give equal files. The file is JSON with one entry and one log to a line; amounts are decimal strings.
 */
import { readFileSync } from "node:fs";
import { type Hex, toHex } from "../../src/primitives/hex.ts";
import { jsonOf } from "../../src/primitives/json.ts";
import { hashOfEntries, type TraceEntry } from "../trace.ts";
import type { FinishedRun } from "./finished-run.ts";
import type { RunSummary } from "./run-summary.ts";
import { wrongUsage } from "./shell.ts";

/** The first field of the file. The number counts up when the meaning of a field changes. */
const FORMAT = "channels trace 1";

/** Any number of big integers as decimal strings. */
type Plain<Value> = Value extends bigint
  ? string
  : Value extends object
    ? { readonly [Key in keyof Value]: Plain<Value[Key]> }
    : Value;

/** The log of one node: each record as stored, in hex. */
export type TracedLog = {
  readonly node: string;
  readonly logId: Hex;
  readonly records: readonly Hex[];
};

/** What the file holds, with amounts as text. */
export type TraceFile = Plain<RunSummary> & {
  readonly format: typeof FORMAT;
  readonly logs: readonly TracedLog[];
  readonly entries: readonly TraceEntry[];
};

/** The text of the file. */
export function traceFileText(summary: RunSummary, { logs, result }: FinishedRun): string {
  const head = jsonOf({ format: FORMAT, ...summary }, 2).slice(0, -2);
  const traced: readonly TracedLog[] = logs.map(({ logId, node, records }) => {
    return { node, logId: toHex(logId), records: records.map(toHex) };
  });
  return `${head},\n  "logs": ${lines(traced)},\n  "entries": ${lines(result.trace)}\n}\n`;
}

function lines(items: readonly unknown[]): string {
  if (items.length === 0) return "[]";
  return `[\n${items.map((item) => `    ${jsonOf(item)}`).join(",\n")}\n  ]`;
}

/** Reads such a file. Throws a usage failure when it is none, or when an entry was changed. */
export function readTraceFile(path: string): TraceFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw wrongUsage(`the trace ${path} cannot be read: ${why}`);
  }
  return parseTraceFile(text, path);
}

/** Reads the text of such a file. `name` is for the message of a failure. */
export function parseTraceFile(text: string, name: string): TraceFile {
  const file = parse(text);
  if (typeof file?.format !== "string" || !file.format.startsWith("channels trace ")) {
    throw wrongUsage(
      `${name} is no trace; "channels run <scenario> --keep DIR" writes DIR/trace.json`,
    );
  }
  if (file.format !== FORMAT) {
    throw wrongUsage(`${name} has the format "${file.format}", this program reads "${FORMAT}"`);
  }
  if (!Array.isArray(file.entries) || !Array.isArray(file.logs)) {
    throw wrongUsage(`the trace ${name} has no entries or no logs: it is damaged, run it again`);
  }
  if (hashOfEntries(file.entries) !== file.traceHash) {
    throw wrongUsage(
      `the entries of ${name} do not have its trace hash: it was changed after the run`,
    );
  }
  return file as TraceFile;
}

function parse(text: string): Partial<TraceFile> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // No JSON: the caller says what is wanted instead.
    return undefined;
  }
}
