/** Every scenario of the repository, and what its runs must come to. */

import { expect } from "bun:test";
import { Glob } from "bun";
import { type RunOptions, type RunResult, runScenario } from "../sim/run-scenario.ts";
import type { Scenario } from "../sim/scenario.ts";
import { LOCAL } from "../src/chain/chain-profile.ts";

const FOLDER = new URL("../scenarios/", import.meta.url).pathname;

/** The scenarios in the order of their names. */
export async function readStories(): Promise<readonly Scenario[]> {
  const files = [...new Glob("*.scenario.ts").scanSync(FOLDER)].sort();
  const modules = await Promise.all(files.map((file) => import(`${FOLDER}${file}`)));
  return modules.map(({ scenario }) => scenario as Scenario);
}

/** Which seeds of a scenario to run: from `first` on, at most so many, and no more than `stepsMax` allows. */
export type SeedRange = {
  readonly first: number;
  readonly countMax: number;
  /** Messages and blocks of all runs together. A count and not a time: the same seeds on every machine. */
  readonly stepsMax: number;
};

/** Runs a scenario for one seed after the other; the first seed that breaks it ends the test. */
export async function expectToHold(
  scenario: Scenario,
  { countMax, first, stepsMax }: SeedRange,
  options: Omit<RunOptions, "seed">,
): Promise<void> {
  const begun = await runScenario(scenario, { ...options, seed: first });
  expectHeld(begun);
  const count = Math.min(countMax, Math.floor(stepsMax / stepsOf(scenario, begun)));
  for (let seed = first + 1; seed < first + count; seed++) {
    expectHeld(await runScenario(scenario, { ...options, seed }));
  }
}

function stepsOf(scenario: Scenario, { messages, virtualMs }: RunResult): number {
  const blockTimeSec = scenario.chain.profile?.blockTimeSec ?? LOCAL.blockTimeSec;
  return messages + virtualMs / (1_000 * blockTimeSec);
}

/** Fails with the scenario, the seed and the violations of a run, when there are any. */
export function expectHeld({ chain, passed, scenario, seed, violations }: RunResult): void {
  const told = violations.map(({ message, oracle }) => `${oracle}: ${message}`);
  const run = `${scenario} --seed ${seed} --chain ${chain}`;
  expect({ run, passed, violations: told }).toEqual({ run, passed: true, violations: [] });
}
