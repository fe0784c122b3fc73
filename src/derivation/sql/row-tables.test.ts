/** Tables in memory say what may change, all of a message or nothing, and gather what is to be written. */
import { describe, expect } from "bun:test";
import { COUNTING_TABLES } from "../../../test/counting-reducer.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import { assertDefined } from "../../primitives/assert.ts";
import type { Cell, RowChange } from "../sandbox/table-schema.ts";
import { RowTables } from "./row-tables.ts";

const UNITS = 0;
const ORDERS = 1;

const unitRow = (name: string, points: bigint): readonly Cell[] => [
  "0xaa",
  name,
  points,
  2n ** 256n - 1n,
  true,
];

const insert = (table: number, ...values: Cell[]): RowChange => ({ type: "insert", table, values });

const remove = (name: string): RowChange => ({
  type: "delete",
  table: UNITS,
  values: ["0xaa", name],
});

function tablesWith(...names: readonly string[]): RowTables {
  const tables = new RowTables(COUNTING_TABLES);
  tables.fill(
    UNITS,
    names.map((name) => unitRow(name, 1n)),
  );
  return tables;
}

/** What was taken, in short: `+` inserted, `=` updated, `-` deleted. */
function taken(tables: RowTables): readonly string[] {
  return tables
    .takeChanges()
    .flatMap(({ deleted, inserted, updated }) => [
      ...deleted.map(([, name]) => `-${name}`),
      ...updated.map(([, name, points]) => `=${name}${points}`),
      ...inserted.map(([, name, points]) => `+${name}${points}`),
    ]);
}

describe("row tables", () => {
  unit("give the sum of all changes since they were taken last", () => {
    const tables = tablesWith("kept", "changed", "gone", "back");

    tables.apply([
      insert(UNITS, ...unitRow("new", 1n)),
      { type: "update", table: UNITS, values: unitRow("changed", 2n) },
      remove("gone"),
      remove("back"),
    ]);
    tables.apply([
      { type: "update", table: UNITS, values: unitRow("new", 3n) },
      insert(UNITS, ...unitRow("back", 9n)),
      insert(UNITS, ...unitRow("brief", 1n)),
      remove("brief"),
      { type: "update", table: UNITS, values: unitRow("kept", 1n) },
    ]);

    expect(taken(tables)).toEqual(["-gone", "=changed2", "=back9", "+new3"]);
    expect(taken(tables)).toEqual([]);
  });

  unit("refuse what is there twice or not at all, with the change and the table", () => {
    const tables = tablesWith("there");
    const refused = (change: RowChange): unknown => tables.apply([insert(ORDERS, 1n), change]);
    const missing = { ok: false, reason: { code: "RowMissing", change: 1, table: "units" } };

    expect(refused(insert(UNITS, ...unitRow("there", 5n)))).toEqual({
      ok: false,
      reason: { code: "RowExists", change: 1, table: "units" },
    });
    expect(refused(remove("missing"))).toEqual(missing);
    expect(refused({ type: "update", table: UNITS, values: unitRow("missing", 1n) })).toEqual(
      missing,
    );
    expect(taken(tables)).toEqual([]);
  });

  unit("are as before when the last change of a message is refused", () => {
    const tables = tablesWith("there", "gone");

    const refused = tables.apply([
      remove("gone"),
      { type: "update", table: UNITS, values: unitRow("there", 8n) },
      insert(UNITS, ...unitRow("new", 1n)),
      { type: "update", table: UNITS, values: unitRow("there", 9n) },
      remove("missing"),
    ]);

    expect(refused.ok).toBe(false);
    expect(taken(tables)).toEqual([]);
    expect([...tables.rowsOf(UNITS)].map(([, name, points]) => `${name}${points}`).sort()).toEqual([
      "gone1",
      "there1",
    ]);
  });

  adversarial("refuse every value that is none of its column", () => {
    const good = unitRow("name", 1n);
    const bad: readonly (readonly [at: number, cell: unknown])[] = [
      [0, "aa"],
      [0, "0xA"],
      [0, new Uint8Array(1)],
      [1, 5n],
      [1, "a\0b"],
      [1, "\ud800"],
      [1, "€".repeat(21_846)],
      [2, 1],
      [2, -1n],
      [2, 2n ** 64n],
      [3, 2n ** 256n],
      [4, null],
      [4, undefined],
      [4, "true"],
    ];

    for (const [at, cell] of bad) {
      const values = good.with(at, cell as Cell);
      expect([at, new RowTables(COUNTING_TABLES).apply([insert(UNITS, ...values)])]).toMatchObject([
        at,
        { reason: { code: "CellMistyped" } },
      ]);
    }
    for (const values of [good.slice(1), [...good, 1n]]) {
      expect(new RowTables(COUNTING_TABLES).apply([insert(UNITS, ...values)])).toMatchObject({
        reason: { code: "CellMistyped" },
      });
    }
    expect(new RowTables(COUNTING_TABLES).apply([insert(UNITS, ...good)]).ok).toBe(true);
  });

  adversarial("refuse a key that an index does not take, by its bytes", () => {
    const apply = (owner: string, name: string): unknown => {
      const values = unitRow(name, 1n).with(0, owner as Cell);
      const applied = new RowTables(COUNTING_TABLES).apply([insert(UNITS, ...values)]);
      return applied.ok || applied.reason.code;
    };

    expect(apply(`0x${"aa".repeat(24)}`, "x".repeat(1_000))).toBe(true);
    expect(apply(`0x${"aa".repeat(25)}`, "x".repeat(1_000))).toBe("KeyTooLarge");
    // Text that looks like bytes is text.
    expect(apply("0x", `0x${"aa".repeat(600)}`)).toBe("KeyTooLarge");
    expect(apply("0x", "€".repeat(342))).toBe("KeyTooLarge");
  });

  unit("tell keys apart whose parts make the same text", () => {
    const table = assertDefined(COUNTING_TABLES[UNITS], "a table");
    const [first, second] = table.columns;
    const columns = [first, second].map((column) => ({
      ...assertDefined(column, "a column"),
      type: "text" as const,
    }));
    const tables = new RowTables([{ name: "pairs", columns }]);

    expect(
      tables.apply([insert(0, "a", "bc"), insert(0, "ab", "c"), insert(0, "abc", "")]).ok,
    ).toBe(true);
  });
});
