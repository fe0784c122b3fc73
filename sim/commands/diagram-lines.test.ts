/** Tests of the diagram that `channels run` prints. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { TraceEntry } from "../trace.ts";
import { diagramLines } from "./diagram-lines.ts";

const CAST = ["alice", "bob"];

function arrow(atMs: number, text: string): TraceEntry {
  return { type: "Arrow", atMs, arrow: text };
}

const ENTRIES: readonly TraceEntry[] = [
  arrow(0, "alice->>bob: prefund"),
  { type: "Transaction", atMs: 1, node: "alice", raw: "0x" },
  arrow(30, "alice->>chain: deposit 6 wei"),
  arrow(12_000, "chain-->>all: holds 6 wei"),
  arrow(12_345, "Note over bob: crash"),
];

describe("diagramLines", () => {
  unit("gives a line of text for each arrow and note in a pipe", () => {
    expect(diagramLines(ENTRIES, CAST, undefined)).toEqual([
      "     0.000 s  alice -> bob: prefund",
      "     0.030 s  alice -> chain: deposit 6 wei",
      "    12.000 s  chain -> all: holds 6 wei",
      "    12.345 s  bob: crash",
    ]);
  });

  unit("draws lanes on a terminal, and tells everybody what the chain says", () => {
    expect(diagramLines(ENTRIES, CAST, 72)).toEqual([
      "              alice                      bob                      chain",
      "    0.000 s     │──────── prefund ───────▶│                         │",
      "    0.030 s     │────────────────── deposit 6 wei ─────────────────▶│",
      "   12.000 s     │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│◀╌╌╌╌╌ holds 6 wei ╌╌╌╌╌╌│",
      "   12.345 s     │                     ( crash )                     │",
      "              alice                      bob                      chain",
    ]);
  });

  unit("gives text on a terminal that is too narrow for lanes", () => {
    expect(diagramLines(ENTRIES, CAST, 71)).toEqual(diagramLines(ENTRIES, CAST, undefined));
  });

  unit("puts a label that is longer than its arrow on a line above it", () => {
    const cast = ["alice", "bob", "irene", "ivan", "eve"];
    const lines = diagramLines([arrow(5, "bob->>alice: refuse, NotEnoughFunds")], cast, 80);

    expect(lines.slice(1, -1)).toEqual([
      "    0.005 s  refuse, NotEnoughFunds     │           │           │           │",
      "                │◀──────────│           │           │           │           │",
    ]);
  });

  unit("stays within the width of the terminal, whatever that is", () => {
    for (let columns = 72; columns < 200; columns++) {
      for (const line of diagramLines(ENTRIES, CAST, columns)) {
        expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
  });
});
