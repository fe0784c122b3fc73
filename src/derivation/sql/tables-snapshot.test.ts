/** Snapshots give back what they were made of, and refuse bytes that are none; old ones make room for new ones. */
import { describe, expect } from "bun:test";
import { COUNTING_TABLES } from "../../../test/counting-reducer.ts";
import { unitChange } from "../../../test/derived-tables.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import { assertDefined } from "../../primitives/assert.ts";
import type { RowChange } from "../sandbox/table-schema.ts";
import { RowTables } from "./row-tables.ts";
import { droppedSnapshots, type SnapshotPlace } from "./snapshot-statements.ts";
import { tablesHash } from "./sql-tables.ts";
import { decodeSnapshot, encodeSnapshot } from "./tables-snapshot.ts";

const HASH = tablesHash(COUNTING_TABLES);
const logHash = `0x${"ab".repeat(32)}` as const;
const reducer = Uint8Array.of(1, 2, 3);

function tablesWith(changes: readonly RowChange[]): RowTables {
  const tables = new RowTables(COUNTING_TABLES);
  expect(tables.apply(changes).ok).toBe(true);
  return tables;
}

describe("a snapshot", () => {
  unit("gives back every row of every table, in as many parts as it takes", () => {
    const notes = Array.from({ length: 40 }, (_, at): RowChange => {
      const values = [`note ${at}`, `0x${"5a".repeat(65_000)}` as const];
      return { type: "insert", table: 2, values };
    });
    const units = [unitChange("insert", "first", 2n ** 64n - 1n), unitChange("insert", "")];
    const tables = tablesWith([...units, ...notes]);

    const parts = encodeSnapshot(HASH, { logHash, reducer, tables });
    const decoded = decodeSnapshot(COUNTING_TABLES, HASH, parts);

    expect(parts.length).toBeGreaterThan(5);
    if (!decoded.ok) throw new Error(decoded.reason.problem);
    expect(decoded.value.reducer).toEqual(reducer);
    expect(decoded.value.logHash).toBe(logHash);
    expect(decoded.value.tables?.contents()).toEqual(tables.contents());
    expect(decoded.value.tables?.takeChanges()).toEqual([]);
  });

  unit("may leave the rows out", () => {
    const parts = encodeSnapshot(HASH, { logHash, reducer, tables: undefined });

    expect(parts).toHaveLength(1);
    expect(decodeSnapshot(COUNTING_TABLES, HASH, parts)).toEqual({
      ok: true,
      value: { logHash, reducer, tables: undefined },
    });
  });

  adversarial(
    "is refused when it is of other tables, or a part is missing, cut or of no table",
    () => {
      const tables = tablesWith([unitChange("insert", "one")]);
      const parts = encodeSnapshot(HASH, { logHash, reducer, tables });
      const [head, rows] = [assertDefined(parts[0], "a head"), assertDefined(parts[1], "rows")];
      const isRefused = (...read: readonly Uint8Array[]): boolean =>
        !decodeSnapshot(COUNTING_TABLES, HASH, read).ok;

      expect(decodeSnapshot(COUNTING_TABLES, logHash, parts).ok).toBe(false);
      expect(isRefused(head, rows)).toBe(false);
      expect(isRefused()).toBe(true);
      expect(isRefused(head)).toBe(true);
      expect(isRefused(head, rows, rows)).toBe(true);
      expect(isRefused(head, rows.subarray(0, -1))).toBe(true);
      expect(isRefused(head, rows.with(1, 9))).toBe(true);
      expect(isRefused(head, rows.with(1, 1))).toBe(true);
      expect(isRefused(head, new Uint8Array())).toBe(true);
    },
  );
});

describe("droppedSnapshots", () => {
  unit("keeps the newest, and of those with rows a few that reach back", () => {
    let kept: readonly SnapshotPlace[] = [];
    for (let messages = 1; messages <= 100; messages += 1) {
      const all = [...kept, { messages, hasRows: messages % 2 === 0 }];
      const dropped = droppedSnapshots(all);
      kept = all.filter((place) => !dropped.includes(place));
      expect(kept.at(-1)?.messages).toBe(messages);
      expect(kept.filter(({ hasRows }) => hasRows).length).toBeLessThanOrEqual(8);
      expect(kept.filter(({ hasRows }) => !hasRows).length).toBeLessThanOrEqual(1);
    }
    expect(kept[0]?.messages).toBeLessThan(60);
  });
});
