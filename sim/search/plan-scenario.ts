/** Scenarios whose story is a plan: what a shrunk failure is written as, and what a person may write as well. */
import { assert } from "../../src/primitives/assert.ts";
import { runScenario } from "../run-scenario.ts";
import { defineScenario, type Scenario } from "../scenario.ts";
import { type ChainTier, startSimulatedChain } from "../simulated-chain.ts";
import { CALM_PLAN } from "./calm-plan.ts";
import type { Plan } from "./plan.ts";

/** A plan with a name. What is not said is calm: no faults, no adversaries, no fees. */
export type PlanStory = Pick<Scenario, "name" | "summary"> &
  Pick<Plan, "cast" | "wishes"> &
  Partial<Plan>;

/** Makes a scenario of a plan. A file exports the result as `scenario`, and `channels run` takes it. */
export function definePlan({ name, summary, ...parts }: PlanStory): Scenario {
  const plan: Plan = { ...CALM_PLAN, ...parts };
  const script = async (): Promise<void> => {};
  return { ...defineScenario({ name, summary, cast: plan.cast, script }), plan };
}

/** How to look for violations. */
export type SearchSettings = {
  readonly chain: ChainTier;
  /** `fast` skips the mathematics between nodes; the chain still gets real signatures. */
  readonly signatures: "real" | "fast";
};

/** Runs the plan of a scenario on a chain of its own. Gives what each oracle found, as `oracle: message`. */
export async function violationsOf(
  scenario: Scenario,
  { chain: tier, signatures }: SearchSettings,
): Promise<readonly string[]> {
  const { plan } = scenario;
  assert(plan !== undefined, "the scenario was made by definePlan");
  const chain = await startSimulatedChain(tier);
  try {
    const { violations } = await runScenario(scenario, { seed: plan.seed, chain, signatures });
    return violations.map(({ message, oracle }) => `${oracle}: ${message}`);
  } finally {
    await chain.local.stop();
  }
}
