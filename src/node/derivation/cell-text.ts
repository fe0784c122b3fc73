/** Cells and rows as text for people, and as JSON for programs. What tables say comes from strangers. */
import type { SqlValue } from "../../ports/sql.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { type Side, textTable } from "../../primitives/text-table.ts";
import { type IdLength, shortenIds } from "../short-ids.ts";

/** A cell in JSON: whole numbers as decimal text, since JSON's end at 2^53, bytes as hex. */
export type CellJson = string | number | boolean | null;

/** A cell as JSON has it. */
export function cellJson(cell: SqlValue | Hex): CellJson {
  if (typeof cell === "bigint") return `${cell}`;
  return cell instanceof Uint8Array ? toHex(cell) : cell;
}

/** A cell for people. What would steer a terminal, or hide from a reader, is written out. */
export function cellText(cell: SqlValue | Hex, ids: IdLength): string {
  if (cell === null) return "";
  const text = cell instanceof Uint8Array ? toHex(cell) : String(cell);
  return shortenIds(text, ids).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`,
  );
}

/** Rows below the names of their columns. Numbers stand to the right. */
export function rowLines(
  columns: readonly string[],
  rows: readonly (readonly (SqlValue | Hex)[])[],
  ids: IdLength,
): readonly string[] {
  const sides = columns.map((_, at): Side => {
    const isNumeric = rows.length > 0 && rows.every((row) => isNumber(row[at]));
    return isNumeric ? "right" : "left";
  });
  const texts = rows.map((row) => columns.map((_, at) => cellText(row[at] ?? null, ids)));
  return textTable([columns, ...texts], sides);
}

function isNumber(cell: SqlValue | Hex | undefined): boolean {
  const isDigits = typeof cell === "string" && /^\d+$/.test(cell);
  return isDigits || typeof cell === "bigint" || typeof cell === "number";
}
