/** The digest of tables is the same for the same rows, whoever put them in and in which order, and for no others. */
import { describe, expect } from "bun:test";
import "../../test/property-seed.ts";
import fc from "fast-check";
import { COUNTING_TABLES } from "../../test/counting-reducer.ts";
import { golden, property, unit } from "../../test/kind.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { toHex } from "../primitives/hex.ts";
import type { TableSchema } from "./sandbox/table-schema.ts";
import { type Row, RowTables } from "./sql/row-tables.ts";
import { orderedRows, tablesDigest } from "./tables-digest.ts";

const NAMES: TableSchema = [
  {
    name: "names",
    columns: [
      { name: "name", type: "text", isKey: true },
      { name: "at", type: "uint", isKey: true },
    ],
  },
];

function filled(schema: TableSchema, ...rows: readonly (readonly Row[])[]): RowTables {
  const tables = new RowTables(schema);
  for (const [table, some] of rows.entries()) tables.fill(table, some);
  return tables;
}

const unitsOf = (...rows: readonly Row[]) => filled(COUNTING_TABLES, rows);

describe("tablesDigest", () => {
  golden("is keccak-256 of the schema and of the rows, as anybody can encode them", () => {
    // [[["names", [["name", 3, true], ["at", 1, true]]]], [[["b", 1], ["b", 300]]]]
    const bytes =
      "92" +
      "91" +
      "92a56e616d6573" +
      "9293a46e616d6503c393a2617401c3" +
      "91" +
      "9292a1620192a162cd012c";
    const tables = filled(NAMES, [
      ["b", 300n],
      ["b", 1n],
    ]);

    expect(tablesDigest(tables)).toBe(toHex(keccak256(Uint8Array.fromHex(bytes))));
    expect(tablesDigest(tables)).toBe(
      "0x8083f896b33f72acf9965b9bda5cb055fb7a145ab7ddcf5d2e3b26f9138dc52e",
    );
  });

  unit("tells cells of every type, and tables, apart", () => {
    const row = ["0xaa", "one", 1n, 2n ** 200n, true] as const;
    const others: readonly Row[] = [
      ["0xab", ...row.slice(1)],
      ["0xaa", "two", ...row.slice(2)],
      ["0xaa", "one", 2n, ...row.slice(3)],
      ["0xaa", "one", 1n, 2n ** 200n + 1n, true],
      ["0xaa", "one", 1n, 2n ** 200n, false],
    ];
    const digests = [row, ...others].map((one) => tablesDigest(unitsOf(one)));
    const elsewhere = [
      tablesDigest(unitsOf()),
      tablesDigest(filled(COUNTING_TABLES, [], [[1n]])),
      tablesDigest(filled(COUNTING_TABLES.slice(0, 2))),
    ];

    expect(new Set([...digests, ...elsewhere]).size).toBe(9);
  });

  property("does not depend on the order in which rows came", () => {
    const key = fc.record({ name: fc.string({ unit: "binary" }), at: fc.nat(3) });
    const rows = fc
      .uniqueArray(key, { selector: ({ at, name }) => `${at} ${name}`, maxLength: 30 })
      .map((keys) => keys.map(({ at, name }): Row => [name.replaceAll("\0", "-"), BigInt(at)]));
    fc.assert(
      fc.property(rows, (some) => {
        expect(tablesDigest(filled(NAMES, some))).toBe(
          tablesDigest(filled(NAMES, some.toReversed())),
        );
      }),
    );
  });
});

describe("orderedRows", () => {
  property("puts texts in the order of their bytes, as a database does", () => {
    // Private use and pairs of surrogates: the order of UTF-16 is another one there.
    const sign = fc.constantFrom("a", "\u{e000}", "\u{10000}", "\u{10ffff}", "\u{d7ff}");
    const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: sign }));
    const texts = fc.uniqueArray(anyText, { maxLength: 30 });
    fc.assert(
      fc.property(texts, (some) => {
        const rows = some.filter((text) => !text.includes("\0")).map((text): Row => [text, 0n]);
        const ordered = orderedRows(filled(NAMES, rows), 0).map(([text]) => String(text));
        const byBytes = ordered.toSorted((one, other) =>
          Buffer.compare(Buffer.from(one), Buffer.from(other)),
        );
        expect(ordered).toEqual(byBytes);
      }),
    );
  });

  unit(
    "puts numbers in the order of their size, by the second column where the first is the same",
    () => {
      const rows: readonly Row[] = [
        ["a", 10n],
        ["b", 0n],
        ["a", 9n],
        ["a", 2n ** 63n],
      ];
      expect(orderedRows(filled(NAMES, rows), 0)).toEqual([
        ["a", 9n],
        ["a", 10n],
        ["a", 2n ** 63n],
        ["b", 0n],
      ]);
    },
  );
});
