/** A derivation in memory: the reducer and its rows after so many messages. No database is asked. */
import { assert, assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type {
  LoggedMessage,
  MessageLog,
  Refusal,
  RowSource,
  RowSourceOpener,
} from "./row-source.ts";
import type { RowChanges } from "./sandbox/table-schema.ts";
import type { RowRejection, TablesRejection } from "./sql/row-rejection.ts";
import { RowTables } from "./sql/row-tables.ts";
import { checkTables, tablesHash } from "./sql/sql-tables.ts";
import { decodeSnapshot, encodeSnapshot } from "./sql/tables-snapshot.ts";

/** Only the functions here move it on. */
export type DerivedState = {
  readonly source: RowSource;
  readonly tables: RowTables;
  readonly tablesHash: Hex;
  /** Messages that are in it. */
  messages: number;
  /** The running hash of the log behind the last of them; empty before the first. */
  logHash: Hex;
};

/** A place in a log: how many messages, and the running hash behind them. */
export type LogPlace = Pick<DerivedState, "messages" | "logHash">;

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

/**
 * How a derivation went. After a refusal by the tables its reducer has gone too far: then it is spent, and is begun or
 * resumed anew.
 */
export type Derived = {
  readonly rejection: MessageRejection | undefined;
  readonly isSpent: boolean;
};

const TAKEN: Derived = { rejection: undefined, isSpent: false };

/** Messages that are asked of a log at once. */
const READ_MESSAGES = 1_000;

/** Derives what is there before the first message. */
export function beginDerivation(opener: RowSourceOpener): Result<DerivedState, BeginRejection> {
  const opened = openSource(opener);
  if (!opened.ok) return opened;
  const source = opened.value;
  const tables = new RowTables(source.schema);
  const applied = tables.apply(source.firstChanges);
  if (!applied.ok) return reject({ code: "TablesRefused", reason: applied.reason });
  const hash = tablesHash(source.schema);
  return accept({ source, tables, tablesHash: hash, messages: 0, logHash: "0x" });
}

/** A reducer at its beginning, whose tables can be kept. */
export function openSource(opener: RowSourceOpener): Result<RowSource, BeginRejection> {
  const opened = opener.open();
  if (!opened.ok) return reject({ code: "ReducerRefused", reason: opened.reason });
  const checked = checkTables(opened.value.schema);
  return checked.ok ? opened : reject({ code: "TablesRefused", reason: checked.reason });
}

/** A snapshot of a derivation, as parts. Without the rows it is small. */
export function snapshotOf(state: DerivedState, hasRows: boolean): readonly Uint8Array[] {
  const { logHash, source, tables, tablesHash: hash } = state;
  const kept = hasRows ? tables : undefined;
  return encodeSnapshot(hash, { logHash, reducer: source.snapshot(), tables: kept });
}

/**
 * Goes on from a snapshot at this place of the log, with the rows that are in it or those of `tables`. Undefined for
 * one of another log, or of another reducer, or without rows where none are given.
 */
export function resumeDerivation(
  opener: RowSourceOpener,
  { schema }: Pick<RowSource, "schema">,
  parts: readonly Uint8Array[],
  place: LogPlace,
  tables?: RowTables,
): DerivedState | undefined {
  const hash = tablesHash(schema);
  const decoded = decodeSnapshot(schema, hash, parts);
  if (!decoded.ok || decoded.value.logHash !== place.logHash) return undefined;
  const source = opener.restore(decoded.value.reducer);
  const rows = tables ?? decoded.value.tables;
  if (!source.ok || rows === undefined) return undefined;
  return { source: source.value, tables: rows, tablesHash: hash, ...place };
}

/** What a reducer made of messages, as far as it took them. */
export type Reduced = {
  /** For each message that it took. */
  readonly changes: readonly RowChanges[];
  /** Why it did not take the next one. */
  readonly reason: Refusal | undefined;
};

/** Shows messages to the reducer, up to the first that it refuses. The tables are told by `applyReduced`. */
export function reduceMessages(
  { source }: DerivedState,
  messages: readonly LoggedMessage[],
): Reduced {
  const changes: RowChanges[] = [];
  for (const message of messages) {
    const reduced = source.reduce(message);
    if (!reduced.ok) return { changes, reason: reduced.reason };
    changes.push(reduced.value);
  }
  return { changes, reason: undefined };
}

/** Takes what these messages changed, up to the first that the tables refuse. */
export function applyReduced(
  state: DerivedState,
  messages: readonly LoggedMessage[],
  { changes, reason }: Reduced,
): Derived {
  for (const [at, change] of changes.entries()) {
    const applied = state.tables.apply(change);
    if (!applied.ok) return refused(state, applied.reason, true);
    moveOn(state, assertDefined(messages[at], "the message that was reduced"));
  }
  return reason === undefined ? TAKEN : refused(state, reason, false);
}

/** Takes the messages of a log up to `messages`, or up to its end. */
export async function deriveUntil(
  state: DerivedState,
  log: MessageLog,
  messages: number,
): Promise<Derived> {
  return untilOf(state, log, messages, (read) =>
    applyReduced(state, read, reduceMessages(state, read)),
  );
}

/** The same for the reducer alone, where the tables hold what these messages changed. False when one is refused. */
export async function reduceUntil(
  state: DerivedState,
  log: MessageLog,
  messages: number,
): Promise<boolean> {
  const { rejection } = await untilOf(state, log, messages, (read) => {
    const { changes, reason } = reduceMessages(state, read);
    for (const message of read.slice(0, changes.length)) moveOn(state, message);
    return reason === undefined ? TAKEN : refused(state, reason, false);
  });
  return rejection === undefined && state.messages === messages;
}

async function untilOf(
  state: DerivedState,
  log: MessageLog,
  messages: number,
  take: (read: readonly LoggedMessage[]) => Derived,
): Promise<Derived> {
  while (state.messages < messages) {
    const countMax = Math.min(READ_MESSAGES, messages - state.messages);
    const read = await log.read(state.messages, countMax);
    assert(read.length <= countMax, "a log gives no more than it is asked for");
    if (read.length === 0) break;
    const derived = take(read);
    if (derived.rejection !== undefined) return derived;
  }
  return TAKEN;
}

function moveOn(state: DerivedState, { logHash }: LoggedMessage): void {
  state.messages += 1;
  state.logHash = logHash;
}

function refused(
  { messages }: DerivedState,
  reason: Refusal | RowRejection,
  isSpent: boolean,
): Derived {
  return { rejection: { code: "MessageRefused", message: messages, reason }, isSpent };
}
