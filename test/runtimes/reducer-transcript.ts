/**
 * Everything that a reducer answers to a list of messages, and the digest of the tables that come of it, as text: the
 * same in every runtime, or it is a fault.
 */

import { keccak256 } from "../../src/crypto/keccak.ts";
import { type AdmittedModule, admitModule } from "../../src/derivation/sandbox/admission.ts";
import { openReducer, type Reducer, restoreReducer } from "../../src/derivation/sandbox/reducer.ts";
import type { ReducerInit, ReducerMessage } from "../../src/derivation/sandbox/reducer-input.ts";
import { RowTables } from "../../src/derivation/sql/row-tables.ts";
import { tablesDigest } from "../../src/derivation/tables-digest.ts";
import { assert } from "../../src/primitives/assert.ts";
import { toHex } from "../../src/primitives/hex.ts";

/** A module, and what it is told. Bytes are hex, so that it all fits JSON. */
export type TranscriptTask = {
  readonly name: string;
  readonly module: string;
  readonly init: Omit<ReducerInit, "assets" | "parameters"> & {
    readonly asset: string;
    readonly amounts: readonly string[];
    readonly parameters: string;
  };
  readonly messages: readonly (Omit<ReducerMessage, "payload"> & { readonly payload: string })[];
};

/**
 * One line for each task: its name, a hash of all that was answered, the digest of its tables, and the last answer to
 * look at.
 */
export function transcripts(tasks: readonly TranscriptTask[]): readonly string[] {
  return tasks.map((task) => {
    const { digest, lines } = transcriptOf(task);
    const hash = toHex(keccak256(new TextEncoder().encode(lines.join("\n"))));
    return `${task.name} ${hash} ${digest} ${lines.at(-2) ?? lines.at(-1)}`;
  });
}

/** What was answered, line by line, and the digest of the tables, or why there are none. */
type Transcript = { readonly lines: readonly string[]; readonly digest: string };

const WITHOUT_TABLES = "no tables";

function transcriptOf({ init, messages, module }: TranscriptTask): Transcript {
  const admitted = admitModule(Uint8Array.fromHex(module));
  if (!admitted.ok) return { lines: [textOf(admitted.reason)], digest: WITHOUT_TABLES };
  const { id, metered } = admitted.value;
  const opened = openReducer(admitted.value, initOf(init));
  const known = [id, toHex(keccak256(metered))];
  if (!opened.ok) return { lines: [...known, textOf(opened.reason)], digest: WITHOUT_TABLES };
  const reducer = opened.value;
  const tables = new RowTables(reducer.schema);
  const start = tables.apply(reducer.firstChanges);
  assert(start.ok, "the tables take the beginning");
  const lines = messages.map((message) => answerTo(reducer, tables, message));
  return {
    lines: [...known, textOf(reducer.firstChanges), ...lines, stateOf(admitted.value, reducer)],
    digest: tablesDigest(tables),
  };
}

function answerTo(
  reducer: Reducer,
  tables: RowTables,
  message: TranscriptTask["messages"][number],
): string {
  const payload = Uint8Array.fromHex(message.payload);
  const answer = reducer.reduce({ ...message, payload });
  if (answer.ok) assert(tables.apply(answer.value).ok, "the tables take what was accepted");
  return textOf([answer, reducer.outcome(), reducer.gasOfLast()]);
}

/** Goes through a snapshot, which must change nothing. */
function stateOf(module: AdmittedModule, reducer: Reducer): string {
  const snapshot = reducer.snapshot();
  const restored = restoreReducer(module, snapshot);
  const again = restored.ok ? restored.value.snapshot() : new Uint8Array();
  return [snapshot, again].map((bytes) => toHex(keccak256(bytes))).join(" ");
}

function initOf({ amounts, asset, parameters, ...init }: TranscriptTask["init"]): ReducerInit {
  const stake = { asset: asset as never, amounts: amounts.map(BigInt) };
  return { ...init, assets: [stake], parameters: Uint8Array.fromHex(parameters) };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part));
}
