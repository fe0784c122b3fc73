/** From a module and a log to tables and an outcome, in memory: what anybody can do who has both. */
import { EMPTY_LOG_HASH } from "../channel/message-log.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { LogTooShort } from "./derivation-engine.ts";
import {
  type BeginRejection,
  beginDerivation,
  type DerivedState,
  deriveUntil,
  type MessageRejection,
} from "./derived-state.ts";
import { reducerOpener } from "./reducer-opener.ts";
import type { MessageLog, RowSourceOpener } from "./row-source.ts";
import type { AdmittedModule } from "./sandbox/admission.ts";
import { openReducer, type Reducer } from "./sandbox/reducer.ts";
import type { ReducerInit } from "./sandbox/reducer-input.ts";
import type { ReducerOutcome } from "./sandbox/table-schema.ts";
import { tablesDigest } from "./tables-digest.ts";

/** What the first so many messages come to. */
export type DerivedTables = {
  /** The rows, and how many messages are in them. */
  readonly state: DerivedState;
  /** Behind the last of the messages; that of an empty log before the first. */
  readonly runningHash: Hex;
  readonly outcome: ReducerOutcome;
  /** Of the tables: see `tablesDigest`. */
  readonly digest: Hex;
};

/** Why there are no tables. */
export type DeriveRejection = BeginRejection | MessageRejection | LogTooShort;

/** Derives the tables as they are after so many messages of the log. */
export async function deriveTables(
  module: AdmittedModule,
  init: ReducerInit,
  log: MessageLog,
  messages: number,
): Promise<Result<DerivedTables, DeriveRejection>> {
  let reducer: Reducer | undefined;
  const opener: RowSourceOpener = {
    ...reducerOpener(module, init),
    open: () => {
      const opened = openReducer(module, init);
      if (opened.ok) reducer = opened.value;
      return opened;
    },
  };
  const begun = beginDerivation(opener);
  if (!begun.ok) return begun;
  const state = begun.value;
  const { rejection } = await deriveUntil(state, log, messages);
  if (rejection !== undefined) return reject(rejection);
  if (state.messages < messages) return reject({ code: "LogTooShort", messages: state.messages });
  return accept({
    state,
    runningHash: messages === 0 ? EMPTY_LOG_HASH : state.logHash,
    outcome: assertDefined(reducer, "a reducer that has begun").outcome(),
    digest: tablesDigest(state.tables),
  });
}
