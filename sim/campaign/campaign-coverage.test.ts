/** What runs have reached is counted, joined and printed. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { PHASES } from "../phases.ts";
import { COUNTED_MARKS } from "./counted-marks.ts";
import { createCoverage } from "./coverage.ts";
import { DISTURBING } from "./disturbances.ts";
import { whyImpossible } from "./impossible-cells.ts";
import { marksLines } from "./marks-lines.ts";
import { matrixLines } from "./matrix-lines.ts";

/** Characters of a terminal. */
const COLUMNS = 100;

describe("coverage", () => {
  unit("begins with nothing: all marks and all cells that can be reached never were", () => {
    const coverage = createCoverage();

    const { cells, marks } = coverage.neverReached();
    expect(marks).toEqual(COUNTED_MARKS);
    expect(cells).toContain("Crash at Payment");
    expect(cells).not.toContain("Adversary at Idle");
    expect(coverage.count()).toMatchObject({ marks: 0, cells: 0, cellsTotal: cells.length });
  });

  unit("counts marks and cells, and takes over what others have seen", () => {
    const one = createCoverage();
    one.sawMark("update/overtaken");
    one.sawFault("Reorg", ["Payment", "Dispute/wait"]);
    const other = createCoverage(one.toJson());
    other.sawMark("update/overtaken");
    other.sawFault("Reorg", ["Payment"]);

    other.merge(JSON.parse(JSON.stringify(one.toJson())));

    expect(other.markCount("update/overtaken")).toBe(3);
    expect(other.cellCount("Reorg", "Payment")).toBe(3);
    expect(other.cellCount("Reorg", "Dispute/wait")).toBe(2);
    expect(other.count()).toMatchObject({ marks: 1, cells: 2 });
    expect(other.neverReached().marks).not.toContain("update/overtaken");
    expect(other.neverReached().cells).not.toContain("Reorg at Payment");
  });

  unit("leaves out names that no catalogue has", () => {
    const coverage = createCoverage();

    coverage.merge({ markCounts: { gone: 3 }, cellCounts: { "gone at Payment": 2 } } as never);

    expect(coverage.count()).toMatchObject({ marks: 0, cells: 0 });
    expect(coverage.toJson()).toEqual({ markCounts: {}, cellCounts: {} });
  });
});

describe("the tables", () => {
  unit("fit a terminal, be nothing reached or all of it", () => {
    const nothing = createCoverage();
    const all = createCoverage();
    for (const name of COUNTED_MARKS) all.sawMark(name);
    for (const kind of DISTURBING) all.sawFault(kind, PHASES);

    for (const coverage of [nothing, all]) {
      const lines = [...marksLines(coverage), ...matrixLines(coverage)];
      expect(lines.filter((line) => line.length > COLUMNS)).toEqual([]);
    }
    expect(marksLines(all).some((line) => line.includes("never"))).toBe(false);
    expect(matrixLines(all).some((line) => line.includes("never met"))).toBe(false);
  });

  unit("show how often a kind has met a phase, and what cannot be", () => {
    const coverage = createCoverage();
    coverage.sawFault("Crash", ["DirectFund/prefund"]);
    for (let times = 0; times < 10; times++) coverage.sawFault("Crash", ["DirectFund/deposit"]);

    const row = matrixLines(coverage).find((line) => line.trim().startsWith("Crash "));
    const adversary = matrixLines(coverage).find((line) => line.trim().startsWith("Adversary "));

    expect(row?.trim().split(/\s+/).slice(1, 4)).toEqual(["1", "+", "."]);
    expect(adversary?.endsWith("-")).toBe(true);
    expect(whyImpossible("Adversary", "Idle")).toBeDefined();
  });

  unit("name marks that were never reached, each with its sentence", () => {
    const [first = "update/overtaken", ...others] = COUNTED_MARKS;
    const coverage = createCoverage();
    for (const name of others) coverage.sawMark(name);

    const lines = marksLines(coverage);

    expect(lines[0]).toBe(`${others.length} of ${COUNTED_MARKS.length} marks reached`);
    expect(lines.at(-2)).toBe("never reached:");
    expect(lines.at(-1)).toContain(first);
  });
});
