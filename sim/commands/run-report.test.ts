/** Tests of what the report of a run says about its chain. */
import { describe, expect } from "bun:test";
import { jsonOf } from "../../src/primitives/json.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { integration } from "../../test/kind.ts";
import { ETH } from "../assets.ts";
import { defineScenario } from "../scenario.ts";
import { finishRun } from "./finished-run.ts";
import { reportLines } from "./run-report.ts";
import { summaryOf } from "./run-summary.ts";
import type { Shell } from "./shell.ts";

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
