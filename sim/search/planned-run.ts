/** A plan as a scenario: its run with all that the run of a scenario tells. */
import { assertDefined } from "../../src/primitives/assert.ts";
import { type Balances, readBalances } from "../balances.ts";
import { objectivesOf } from "../objective-ends.ts";
import { realWorld } from "../real-world.ts";
import type { RunOptions, RunResult } from "../run-scenario.ts";
import type { Violation } from "../violation.ts";
import type { World } from "../world.ts";
import { brokenBy } from "./broken-run.ts";
import type { Plan } from "./plan.ts";
import { runPlan } from "./run-plan.ts";

/** Runs the plan, with its own seed. An error of a simulated part is a finding; throws when the world outside fails. */
export async function runPlanned(
  name: string,
  plan: Plan,
  { chain, inspect, onProgress, signatures = "real" }: Omit<RunOptions, "seed">,
): Promise<RunResult> {
  const startedMs = realWorld.performanceNow();
  await chain.local.reset();
  const before = await readBalances(chain, plan.cast);
  const worlds: World[] = [];
  const broken: Violation[] = [];
  try {
    await runPlan(plan, {
      chain,
      signatures,
      ...(onProgress === undefined ? {} : { onProgress }),
      prepare: (created) => worlds.push(created),
    });
  } catch (error) {
    broken.push(brokenBy(error));
  }
  const world = assertDefined(worlds[0], "the world of the run");
  const after = await readBalances(chain, plan.cast);
  await inspect?.(world);
  const { entries, hash } = world.trace;
  const { receipts } = world.miner;
  const violations = [...world.violations, ...broken];
  return {
    scenario: name,
    seed: plan.seed,
    chain: chain.local.tier,
    signatures: world.options.signatures.name,
    passed: violations.length === 0,
    assumptions: world.faults.assumptions,
    hasDiagram: false,
    traceHash: hash,
    virtualMs: world.virtualMs,
    wallMs: realWorld.performanceNow() - startedMs,
    messages: entries.filter(({ type }) => type === "Frame").length,
    transactions: receipts.length,
    gasUsed: receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n),
    balances: before.map((start, index) => withEnd(start, after[index])),
    objectives: objectivesOf(world),
    violations,
    trace: entries,
  };
}

function withEnd(start: Balances, end: Balances | undefined): Balances {
  return { ...start, after: end?.before ?? {} };
}
