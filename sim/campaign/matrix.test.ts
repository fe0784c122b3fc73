/** The witness that notes which disturbance meets which phase, on a real run. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { integration, unit } from "../../test/kind.ts";
import type { Fault } from "../faults/fault.ts";
import { PHASES } from "../phases.ts";
import { CALM_PLAN } from "../search/calm-plan.ts";
import type { Plan } from "../search/plan.ts";
import { runPlan } from "../search/run-plan.ts";
import { createCoverage } from "./coverage.ts";
import { conditionsOfPlan, DISTURBING, struckBy } from "./disturbances.ts";
import { watchCoverage } from "./watch-coverage.ts";

/** Alice and Bob open a channel, pay, and close it, over a network that doubles frames. */
const PLAN: Plan = {
  ...CALM_PLAN,
  cast: ["alice", "bob"],
  network: { duplicateFraction: 0.5 },
  wishes: [
    {
      id: 1,
      atMs: 0,
      by: "alice",
      type: "OpenDirect",
      others: ["bob"],
      amounts: [{ asset: "eth", amounts: [10n, 10n] }],
    },
    {
      id: 2,
      atMs: 90_000,
      by: "alice",
      type: "Pay",
      channel: 1,
      to: "bob",
      asset: "eth",
      amount: 1n,
    },
  ],
};

const FREEZE: Fault = { id: 7, atMs: 0, type: "Freeze", node: "bob", forMs: 1_000 };

const model = chainOfFile("model");

describe("the witness", () => {
  integration("notes what lasts and what strikes, at those whom it strikes", async () => {
    const coverage = createCoverage();
    const options = { chain: model(), signatures: "fast" } as const;

    const { violations } = await runPlan(PLAN, {
      ...options,
      prepare: (world) => watchCoverage(world, PLAN, coverage, () => [FREEZE]),
    });

    expect(violations).toEqual([]);
    for (const phase of [
      "DirectFund/prefund",
      "DirectFund/deposit",
      "DirectDefund/payout",
    ] as const)
      expect([phase, coverage.cellCount("DoubledFrames", phase) > 0]).toEqual([phase, true]);
    const doubled = total(coverage.toJson().cellCounts, "DoubledFrames");
    const frozen = total(coverage.toJson().cellCounts, "Freeze");
    expect(frozen).toBeGreaterThan(0);
    expect(frozen).toBeLessThan(doubled);
    expect(coverage.cellCount("Freeze", "DirectFund/deposit")).toBeGreaterThan(0);
    expect(coverage.cellCount("Adversary", "DirectFund/deposit")).toBe(0);
  });

  integration("notes an adversary in the channels that she is in", async () => {
    const coverage = createCoverage();
    const move = { id: 1, by: "bob", strategy: "none", fromMs: 0, settings: {} } as const;
    const plan = { ...PLAN, moves: [move] };

    await runPlan(PLAN, {
      chain: model(),
      signatures: "fast",
      prepare: (world) => watchCoverage(world, plan, coverage, () => []),
    });

    expect(coverage.cellCount("Adversary", "DirectFund/deposit")).toBeGreaterThan(0);
    expect(coverage.cellCount("Adversary", "Idle")).toBe(0);
  });
});

describe("disturbances", () => {
  unit("are every kind of fault, every lasting condition, and adversaries", () => {
    expect(new Set(DISTURBING).size).toBe(DISTURBING.length);
    expect(DISTURBING.length * PHASES.length).toBeGreaterThan(600);
  });

  unit("that last are told from the conditions of network and chain", () => {
    expect(conditionsOfPlan(CALM_PLAN)).toEqual([]);
    expect(conditionsOfPlan(PLAN)).toEqual(["DoubledFrames"]);
    const chain = { stuckFraction: 0.1, gapFraction: 0.1, rpcs: { alice: [{}] } };
    const network = { links: { "alice>bob": { dropFraction: 0.1 } } };
    expect(conditionsOfPlan({ ...CALM_PLAN, chain, network })).toEqual([
      "DroppedFrames",
      "StuckTransactions",
      "LateBlocks",
      "FaultyEndpoints",
    ]);
  });

  unit("strike those whom they name, and everybody where they name nobody", () => {
    const cast = ["alice", "bob", "irene"] as const;
    const at = { id: 1, atMs: 0 } as const;

    expect(struckBy(FREEZE, cast)).toEqual(["bob"]);
    const link = { from: "alice", to: "irene", forMs: 1 } as const;
    expect(struckBy({ ...at, type: "StalledLink", ...link }, cast)).toEqual(["alice", "irene"]);
    expect(struckBy({ ...at, type: "Reorg", depth: 1 }, cast)).toEqual(cast);
    const censored = { sender: "irene", function: undefined, blocks: 1 } as const;
    expect(struckBy({ ...at, type: "Censorship", ...censored }, cast)).toEqual(["irene"]);
  });
});

function total(cells: Readonly<Record<string, number>>, kind: string): number {
  const own = Object.entries(cells).filter(([cell]) => cell.startsWith(`${kind} at`));
  return own.reduce((sum, [, count]) => sum + count, 0);
}
