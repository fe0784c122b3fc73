/** What `channels derive` prints: tables and outcome for people, one document for programs, or an answer's rows. */
import type { ChannelId } from "../../channel/channel-id.ts";
import type { Hash } from "../../crypto/signature.ts";
import type { DerivedTables } from "../../derivation/derive-tables.ts";
import type { MessageLog } from "../../derivation/row-source.ts";
import type { ReducerInit } from "../../derivation/sandbox/reducer-input.ts";
import type { Table } from "../../derivation/sandbox/table-schema.ts";
import type { AskedAnswer } from "../../derivation/sql/ask-tables.ts";
import { orderedRows } from "../../derivation/tables-digest.ts";
import { describeAmount } from "../amount-text.ts";
import { cellJson, rowLines } from "../derivation/cell-text.ts";
import type { KnownModule } from "../derivation/known-modules.ts";
import { cutLine } from "../event-text.ts";
import { type IdLength, shortenIds } from "../short-ids.ts";
import type { CommandShell } from "./command-shell.ts";

/** A channel at one moment, and what it was derived from. */
export type Derivation = {
  readonly channelId: ChannelId;
  readonly reducerId: Hash;
  readonly known: KnownModule;
  readonly beginning: ReducerInit;
  readonly log: MessageLog;
  /** Messages in the log. */
  readonly ofMessages: number;
  readonly derived: DerivedTables;
};

/** How it is shown. */
type Showing = {
  readonly json: boolean;
  readonly rows?: number;
  /** The schema of a database that holds the tables from now on. */
  readonly kept?: string | undefined;
};

/** Where it is shown. */
type Width = Pick<CommandShell, "columns" | "paint">;

/** Rows of a table that people are shown, unless they ask for more. */
const ROWS_SHOWN = 20;

/** The tables, the outcome, and the digest by which two can compare what they have. */
export function tablesText(
  derivation: Derivation,
  showing: Showing,
  { columns, paint }: Width,
): string {
  if (showing.json) return JSON.stringify(documentOf(derivation, showing), undefined, 2);
  const ids: IdLength = columns === undefined ? "Whole" : "Short";
  const { state } = derivation.derived;
  const tables = state.tables.schema.map((table, index) => [
    "",
    paint.bold(table.name),
    ...tableLines(derivation, table, index, showing, ids).map((line) => cutLine(line, columns)),
  ]);
  const lines = [...headLines(derivation, ids), ...tables.flat(), "", ...endLines(derivation, ids)];
  if (showing.kept !== undefined) lines.push(`kept in the schema ${showing.kept}`);
  return lines.join("\n");
}

/** The rows of an answer, or one document with them. */
export function answerText(
  { channelId, derived, ofMessages, reducerId }: Derivation,
  answer: AskedAnswer,
  { json }: Showing,
  { columns: width, paint }: Width,
): string {
  const { columns, rows } = answer;
  if (json) {
    const place = { channelId, reducerId, messages: derived.state.messages, ofMessages };
    const cells = rows.map((row) => row.map(cellJson));
    return JSON.stringify({ ...place, columns, rows: cells }, undefined, 2);
  }
  const [head = "", ...lines] = rowLines(columns, rows, width === undefined ? "Whole" : "Short");
  return [paint.bold(cutLine(head, width)), ...lines.map((line) => cutLine(line, width))].join(
    "\n",
  );
}

function headLines(
  { channelId, derived, known, ofMessages, reducerId }: Derivation,
  ids: IdLength,
): readonly string[] {
  const { messages } = derived.state;
  return [
    `channel ${shortenIds(channelId, ids)}: ${known.name}, reducer ${shortenIds(reducerId, ids)}`,
    `after ${messages} of ${ofMessages} messages, running hash ${shortenIds(derived.runningHash, ids)}`,
  ];
}

function tableLines(
  { derived }: Derivation,
  { columns }: Table,
  index: number,
  { rows: shown = ROWS_SHOWN }: Showing,
  ids: IdLength,
): readonly string[] {
  const rows = orderedRows(derived.state.tables, index);
  const names = columns.map(({ name }) => name);
  if (rows.length === 0) return ["  no rows"];
  const more = rows.length > shown ? [`  and ${rows.length - shown} more`] : [];
  return [...rowLines(names, rows.slice(0, shown), ids), ...more];
}

/** The digest stays whole: who compares two reads all of it. */
function endLines({ beginning, derived }: Derivation, ids: IdLength): readonly string[] {
  const { amounts, nextMover } = derived.outcome;
  const paid = beginning.assets.map(({ asset }, index) =>
    (amounts[index] ?? [])
      .map((amount) => shortenIds(describeAmount(amount, asset), ids))
      .join(" : "),
  );
  const next = nextMover === undefined ? "it is over" : `participant ${nextMover} is next`;
  return [`outcome ${paid.join(", ")}; ${next}`, `digest  ${derived.digest}`];
}

/** Everything, in a form that only ever gets more fields. */
function documentOf(
  { beginning, channelId, derived, known, ofMessages, reducerId }: Derivation,
  { kept, rows: shown = Number.POSITIVE_INFINITY }: Showing,
): unknown {
  const { digest, outcome, runningHash, state } = derived;
  return {
    ...{ channelId, reducerId, reducer: known.name, messages: state.messages, ofMessages },
    ...{ runningHash, digest, schemaName: kept ?? null },
    outcome: {
      assets: beginning.assets.map(({ asset }, index) => {
        return { asset, amounts: (outcome.amounts[index] ?? []).map(String) };
      }),
      nextMover: outcome.nextMover ?? null,
    },
    tables: state.tables.schema.map(({ columns, name }, index) => {
      const rows = orderedRows(state.tables, index);
      return { name, columns, rowCount: rows.length, rows: rows.slice(0, shown).map(jsonRow) };
    }),
  };
}

const jsonRow = (row: ReturnType<typeof orderedRows>[number]): readonly unknown[] =>
  row.map(cellJson);
