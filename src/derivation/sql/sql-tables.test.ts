/** Tables of reducers get the columns that hold their values, and names that cannot be mistaken. */
import { describe, expect } from "bun:test";
import { COUNTING_TABLES } from "../../../test/counting-reducer.ts";
import { adversarial, golden, invariant } from "../../../test/kind.ts";
import { assertDefined } from "../../primitives/assert.ts";
import type { Column, TableSchema } from "../sandbox/table-schema.ts";
import {
  insertPosition,
  pastSchemaNameOf,
  positionOf,
  readerNameOf,
  type TablesPosition,
} from "./channel-schema.ts";
import { checkTables, createTable, tablesHash } from "./sql-tables.ts";

const key: Column = { name: "id", type: "uint", isKey: true };

const tableWith = (name: string, ...columns: readonly Column[]): TableSchema => [
  { name, columns: [key, ...columns] },
];

const column = (name: string): Column => ({ name, type: "text", isKey: false });

describe("tables", () => {
  golden("are made with these columns, and are known by this hash", () => {
    const table = assertDefined(COUNTING_TABLES[0], "a table");

    expect(createTable("channel_0", table, 3)).toBe(
      'create table "channel_0"."units" ("owner" bytea not null, "name" text collate "C" not null, ' +
        '"points" numeric(20,0) not null, "worth" numeric(78,0) not null, "alive" boolean not null, ' +
        'constraint "_key_3" primary key ("owner", "name"))',
    );
    expect(tablesHash(COUNTING_TABLES)).toBe(
      "0x08fa692a72fb352ba1433ae20ab97c3932d4e44616525b9ca150b36bfc10aaaf",
    );
  });

  invariant("have another hash when anything about them differs", () => {
    const one = tableWith("a", column("b"));
    const others = [
      tableWith("b", column("b")),
      tableWith("a", column("c")),
      tableWith("a", { ...column("b"), type: "bytes" }),
      tableWith("a", { ...column("b"), isKey: true }),
      tableWith("a"),
      [...one, ...tableWith("c")],
    ];

    expect(new Set([one, ...others].map(tablesHash)).size).toBe(7);
  });

  adversarial("are refused when SQL cannot keep them", () => {
    const refused = (schema: TableSchema): unknown => {
      const checked = checkTables(schema);
      return checked.ok ? "kept" : `${checked.reason.code} ${checked.reason.name}`;
    };
    const keys = Array.from({ length: 33 }, (_, at) => ({ ...key, name: `k${at}` }));

    expect(refused(tableWith('a"; drop table b; --'))).toStartWith("NameMalformed");
    expect(refused(tableWith("a", column("Name")))).toBe("NameMalformed Name");
    expect(refused(tableWith("_position"))).toBe("NameMalformed _position");
    expect(refused(tableWith("a".repeat(64)))).toStartWith("NameMalformed");
    expect(refused(tableWith("a", column("xmin")))).toBe("NameReserved xmin");
    expect(refused(tableWith("a", column("b"), column("b")))).toBe("NameTwice b");
    expect(refused([...tableWith("a"), ...tableWith("a")])).toBe("NameTwice a");
    expect(refused([{ name: "a", columns: [column("b")] }])).toBe("KeyMissing a");
    expect(refused([{ name: "a", columns: keys }])).toBe("KeyTooWide a");
    expect(refused([{ name: "a", columns: keys.slice(1) }])).toBe("kept");
    expect(refused(tableWith("a".repeat(63), column("select")))).toBe("kept");
  });

  invariant("have names that PostgreSQL keeps whole", () => {
    const channelId = `0x${"f".repeat(64)}` as const;

    expect(pastSchemaNameOf(channelId, Number.MAX_SAFE_INTEGER).length).toBeLessThanOrEqual(63);
    expect(readerNameOf(channelId).length).toBeLessThanOrEqual(63);
  });

  adversarial("of another layout have no position", () => {
    const position: TablesPosition = {
      channelId: "0x01",
      reducerId: "0x02",
      tablesHash: "0x03",
      messages: 5,
      logHash: "0x",
    };
    const bytes = (text: unknown): unknown =>
      typeof text === "string" ? Uint8Array.fromHex(text.slice(2)) : text;
    const [layout, ...rest] = insertPosition("a", position).parameters ?? [];
    const answer = (...row: readonly unknown[]) => ({
      columns: [],
      rows: [row.map(bytes).map((cell) => (cell === 5 ? 5n : cell))] as never,
      changed: 0,
    });

    expect(positionOf(answer(layout, ...rest))).toEqual(position);
    expect(positionOf(answer(2, ...rest))).toBeUndefined();
    expect(positionOf({ columns: [], rows: [], changed: 0 })).toBeUndefined();
  });
});
