/** A derivation in memory: the reducer and its rows after so many messages. No database is asked. */
import { assert } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type {
  LoggedMessage,
  MessageLog,
  Refusal,
  RowSource,
  RowSourceOpener,
} from "./row-source.ts";
import type { RowRejection, TablesRejection } from "./sql/row-rejection.ts";
import { RowTables } from "./sql/row-tables.ts";
import { checkTables, tablesHash } from "./sql/sql-tables.ts";
import { decodeSnapshot, encodeSnapshot } from "./sql/tables-snapshot.ts";

/** Only `deriveMessages` moves it on. */
export type DerivedState = {
  readonly source: RowSource;
  readonly tables: RowTables;
  readonly tablesHash: Hex;
  /** Messages that are in it. */
  messages: number;
  /** The running hash of the log behind the last of them; empty before the first. */
  logHash: Hex;
};

/** Why there is nothing to derive: the reducer does not begin, or its tables cannot be kept. */
export type BeginRejection =
  | { readonly code: "ReducerRefused"; readonly reason: Refusal }
  | { readonly code: "TablesRefused"; readonly reason: RowRejection | TablesRejection };

/**
 * Why a derivation ends before its log does: the reducer, or its tables, refuse the message of this index, which
 * should not be in the log. Everybody who derives the log stops there.
 */
export type MessageRejection = {
  readonly code: "MessageRefused";
  readonly message: number;
  readonly reason: Refusal | RowRejection;
};

/** Messages that are asked of a log at once. */
const READ_MESSAGES = 1_000;

/** Derives what is there before the first message. */
export function beginDerivation(opener: RowSourceOpener): Result<DerivedState, BeginRejection> {
  const opened = opener.open();
  if (!opened.ok) return reject({ code: "ReducerRefused", reason: opened.reason });
  const source = opened.value;
  const checked = checkTables(source.schema);
  if (!checked.ok) return reject({ code: "TablesRefused", reason: checked.reason });
  const tables = new RowTables(source.schema);
  const applied = tables.apply(source.firstChanges);
  if (!applied.ok) return reject({ code: "TablesRefused", reason: applied.reason });
  const hash = tablesHash(source.schema);
  return accept({ source, tables, tablesHash: hash, messages: 0, logHash: "0x" });
}

/** A snapshot of a derivation, as parts. */
export function snapshotOf(state: DerivedState): readonly Uint8Array[] {
  const { logHash, source, tables, tablesHash: hash } = state;
  return encodeSnapshot(hash, { logHash, reducer: source.snapshot(), tables });
}

/** Goes on from a snapshot at this place of the log. Undefined for one of another log, or of another reducer. */
export function resumeDerivation(
  opener: RowSourceOpener,
  parts: readonly Uint8Array[],
  place: { readonly messages: number; readonly logHash: Hex },
): DerivedState | undefined {
  const begun = opener.open();
  if (!begun.ok) return undefined;
  const { schema } = begun.value;
  const hash = tablesHash(schema);
  const decoded = decodeSnapshot(schema, hash, parts);
  if (!decoded.ok || decoded.value.logHash !== place.logHash) return undefined;
  const source = opener.restore(decoded.value.reducer);
  if (!source.ok) return undefined;
  return { source: source.value, tables: decoded.value.tables, tablesHash: hash, ...place };
}

/**
 * Takes messages in order, up to the first that is refused. After a refusal by the tables the reducer has gone one
 * message too far, and the derivation must be begun or resumed anew: `isSpent` says so.
 */
export function deriveMessages(
  state: DerivedState,
  messages: readonly LoggedMessage[],
): { readonly rejection: MessageRejection | undefined; readonly isSpent: boolean } {
  for (const message of messages) {
    const reduced = state.source.reduce(message);
    if (!reduced.ok) return { rejection: refused(state, reduced.reason), isSpent: false };
    const applied = state.tables.apply(reduced.value);
    if (!applied.ok) return { rejection: refused(state, applied.reason), isSpent: true };
    state.messages += 1;
    state.logHash = message.logHash;
  }
  return { rejection: undefined, isSpent: false };
}

/** Takes the messages of a log up to `messages`, or up to its end. */
export async function deriveUntil(
  state: DerivedState,
  log: MessageLog,
  messages: number,
): Promise<{ readonly rejection: MessageRejection | undefined; readonly isSpent: boolean }> {
  while (state.messages < messages) {
    const countMax = Math.min(READ_MESSAGES, messages - state.messages);
    const read = await log.read(state.messages, countMax);
    assert(read.length <= countMax, "a log gives no more than it is asked for");
    if (read.length === 0) break;
    const derived = deriveMessages(state, read);
    if (derived.rejection !== undefined) return derived;
  }
  return { rejection: undefined, isSpent: false };
}

function refused({ messages }: DerivedState, reason: Refusal | RowRejection): MessageRejection {
  return { code: "MessageRefused", message: messages, reason };
}
