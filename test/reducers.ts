/** Reducers for tests: a beginning for two, messages, and modules that are opened or fail the test. */
import { readFileSync } from "node:fs";
import { reducerPath } from "../reducers/build.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Address } from "../src/crypto/address.ts";
import { type AdmittedModule, admitModule } from "../src/derivation/sandbox/admission.ts";
import { openReducer, type Reducer } from "../src/derivation/sandbox/reducer.ts";
import type { ReducerInit, ReducerMessage } from "../src/derivation/sandbox/reducer-input.ts";
import type { ReducerRejection } from "../src/derivation/sandbox/reducer-rejection.ts";
import type { Result } from "../src/primitives/result.ts";

/** Two participants, who bring 10 of the chain's coin each. */
export const SAMPLE_INIT: ReducerInit = {
  channelId: `0x${"11".repeat(32)}` as ChannelId,
  participants: [1, 2].map((person) => `0x${`0${person}`.repeat(20)}` as Address),
  assets: [{ asset: `0x${"00".repeat(20)}` as Address, amounts: [10n, 10n] }],
  challengeDurationSec: 60,
  parameters: new Uint8Array(),
};

/** A message of the first participant, unless `other` says something else. */
export function sampleMessage(
  payload: readonly number[] = [],
  other: Partial<ReducerMessage> = {},
): ReducerMessage {
  const bytes = Uint8Array.from(payload);
  return { turn: 1, sender: 0, type: "move", payload: bytes, timeMs: 1_000, ...other };
}

/** The bytes of a reducer of this repository. */
export function reducerBytes(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(reducerPath(name)));
}

/** An admitted module. */
export function admitted(bytes: Uint8Array): AdmittedModule {
  return acceptedOf(admitModule(bytes));
}

/** A reducer at its beginning. */
export function opened(bytes: Uint8Array, init: Partial<ReducerInit> = {}): Reducer {
  return acceptedOf(openReducer(admitted(bytes), { ...SAMPLE_INIT, ...init }));
}

/** What was accepted; anything else fails the test. */
export function acceptedOf<Value>(result: Result<Value, unknown>): Value {
  if (result.ok) return result.value;
  throw new Error(`refused: ${JSON.stringify(result.reason)}`);
}

/** Why something was refused; anything else fails the test. */
export function reasonOf<Reason = ReducerRejection>(result: Result<unknown, Reason>): Reason {
  if (!result.ok) return result.reason;
  throw new Error("accepted, and not refused");
}
