/** What changed between two moments, value by value; an outcome is one value. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { changesBetween, treeLines, treeOf } from "./state-tree.ts";

const PAYEE = `0x${"00".repeat(12)}${"a1".repeat(20)}`;
const TARGET = `0x${"7a".repeat(32)}`;

const exit = (...allocations: readonly object[]): object => ({ asset: "0x00", allocations });
const paid = (amount: bigint, metadata = "0x"): object => ({
  destination: PAYEE,
  amount,
  allocationType: 0,
  metadata,
});
const state = (outcome: object): ReturnType<typeof treeOf> =>
  treeOf({ supported: { outcome: [outcome], turnNum: 1 } });

describe("changesBetween", () => {
  unit("tells an outcome whole, though allocations change their places", () => {
    const guarantee = { destination: TARGET, amount: 4n, allocationType: 2, metadata: "0x01" };
    const [before, after] = [state(exit(paid(10n))), state(exit(guarantee, paid(6n)))];

    expect(changesBetween(before, after, "Short")).toEqual([
      {
        path: "supported.outcome",
        before: "pays 10 of 0x00",
        after: "pays 6 of 0x00 beside 4 for 0x7a7a7a7a",
      },
    ]);
  });

  unit("tells what differs in an outcome that pays the same", () => {
    const [before, after] = [state(exit(paid(10n))), state(exit(paid(10n, "0xff")))];

    expect(changesBetween(before, after, "Short")).toEqual([
      { path: "supported.outcome.0.allocations.0.metadata", before: "0x", after: "0xff" },
    ]);
  });

  unit(
    "tells of an outcome that was not there before, and of nothing where nothing changed",
    () => {
      const after = treeOf({ supported: { outcome: [exit(paid(1n))] } });

      expect(changesBetween(treeOf({ supported: {} }), after, "Short")[0]?.before).toBe("nothing");
      expect(changesBetween(after, after, "Short")).toEqual([]);
    },
  );
});

describe("treeLines", () => {
  unit("indents maps, sets and lists below their names", () => {
    const tree = treeOf({ agreed: new Map([["a", 1n]]), paidOut: new Set([2]), none: new Map() });

    expect(treeLines(tree, "Whole")).toEqual([
      "agreed",
      "  a  1",
      "paidOut",
      "  0  2",
      "none  none",
    ]);
  });
});
