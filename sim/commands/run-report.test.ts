/** Tests of what the report of a run says about its chain. */
import { describe, expect } from "bun:test";
import { jsonOf } from "../../src/primitives/json.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { integration } from "../../test/kind.ts";
import { ETH } from "../assets.ts";
import { defineScenario } from "../scenario.ts";
import { CALM_PLAN } from "../search/calm-plan.ts";
import { definePlan } from "../search/plan-scenario.ts";
import { finishRun } from "./finished-run.ts";
import { reportLines } from "./run-report.ts";
import { summaryOf } from "./run-summary.ts";
import type { Shell } from "./shell.ts";
import { changesBy } from "./step-changes.ts";
import { type TraceFile, traceFileText } from "./trace-file.ts";

const evm = chainOfFile("evm");

const SCENARIO = defineScenario({
  name: "deep-reorg",
  summary: "Blocks are taken back that were confirmed.",
  cast: ["alice"],
  chain: { reorgs: { 4: { depth: 3 } } },
  script: ({ pause }) => pause(60_000),
});

const BROKEN = "a reorg of 3 blocks is deeper than the confirmation depth";

describe("the report of a run", () => {
  integration("says which assumption was broken, for people and as JSON", async () => {
    const run = await finishRun(SCENARIO, { seed: 1, chain: evm() });
    const plain = { columns: undefined, paint: { bold: String, green: String, yellow: String } };
    const report = { scenario: SCENARIO, ...run, assets: [ETH] };
    const lines = reportLines(report, plain as unknown as Shell);

    expect(lines).toContain(`ASSUMPTION BROKEN  ${BROKEN}: no solvency was asked for`);
    expect(lines.at(-1)).toStartWith("PASSED");
    expect(lines.some((line) => line.endsWith("chain: reorg of 3 blocks"))).toBe(true);
    expect(JSON.parse(jsonOf(summaryOf(run, {}, [ETH])))).toMatchObject({
      passed: true,
      assumptions: [BROKEN],
    });
  });
});

const FLIPPED = definePlan({
  ...CALM_PLAN,
  name: "flipped-bit",
  summary: "A bit in the middle of what lies on a disk flips.",
  seed: 1,
  cast: ["alice", "bob"],
  wishes: [
    {
      id: 0,
      type: "OpenDirect",
      atMs: 0,
      by: "alice",
      others: ["bob"],
      amounts: [{ asset: "eth", amounts: [6n, 4n] }],
    },
  ],
  faults: [{ id: 0, type: "FlippedBit", atMs: 90_000, node: "alice", place: 0.5, awayMs: 0 }],
  end: "Rest",
});

describe("what is kept of a run", () => {
  integration(
    "is of a damaged log all that can be read, and of the others everything",
    async () => {
      const run = await finishRun(FLIPPED, { seed: 1, chain: evm() });
      const { logs, result } = run;
      const lengthOf = (name: string): number | undefined =>
        logs.find(({ node }) => node === name)?.records.length;
      const written = (name: string): number =>
        result.trace.filter((entry) => entry.type === "Event" && entry.node === name).length;

      expect(lengthOf("alice")).toBeLessThan(written("alice"));
      expect(lengthOf("bob")).toBe(written("bob"));

      const file = JSON.parse(traceFileText(summaryOf(run, {}, [ETH]), run)) as TraceFile;
      const last = written("alice") - 1;
      expect(changesBy(file, "alice", last)).toEqual([
        "not known: a fault has damaged this part of the log",
      ]);
      expect(changesBy(file, "bob", 0).length).toBeGreaterThan(1);
    },
  );
});
