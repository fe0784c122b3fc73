/** Everything that a reducer answers to a list of messages, as text: the same in every runtime, or it is a fault. */

import { keccak256 } from "../../src/crypto/keccak.ts";
import { type AdmittedModule, admitModule } from "../../src/derivation/sandbox/admission.ts";
import { openReducer, type Reducer, restoreReducer } from "../../src/derivation/sandbox/reducer.ts";
import type { ReducerInit, ReducerMessage } from "../../src/derivation/sandbox/reducer-input.ts";
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

/** One line for each task: its name, a hash of all that was answered, and the last answer to look at. */
export function transcripts(tasks: readonly TranscriptTask[]): readonly string[] {
  return tasks.map((task) => {
    const lines = transcriptOf(task);
    const hash = toHex(keccak256(new TextEncoder().encode(lines.join("\n"))));
    return `${task.name} ${hash} ${lines.at(-2) ?? lines.at(-1)}`;
  });
}

function transcriptOf({ init, messages, module }: TranscriptTask): readonly string[] {
  const admitted = admitModule(Uint8Array.fromHex(module));
  if (!admitted.ok) return [textOf(admitted.reason)];
  const metered = toHex(keccak256(admitted.value.metered));
  const opened = openReducer(admitted.value, initOf(init));
  if (!opened.ok) return [admitted.value.id, metered, textOf(opened.reason)];
  const reducer = opened.value;
  const start = [admitted.value.id, metered, textOf(reducer.firstChanges)];
  const lines = messages.map((message) => answerTo(reducer, message));
  return [...start, ...lines, stateOf(admitted.value, reducer)];
}

function answerTo(reducer: Reducer, message: TranscriptTask["messages"][number]): string {
  const payload = Uint8Array.fromHex(message.payload);
  const answer = reducer.reduce({ ...message, payload });
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
