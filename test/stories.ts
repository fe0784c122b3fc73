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

/**
 * How many seeds of a scenario are told within so many messages and blocks, one at least and `most` at most. A
 * count and not a time: the same seeds on every machine.
 */
export async function seedsWithin(
  scenario: Scenario,
  options: Omit<RunOptions, "seed">,
  [most, stepsMax]: readonly [most: number, stepsMax: number],
): Promise<number> {
  const { messages, virtualMs } = await runScenario(scenario, { ...options, seed: 1 });
  const blockTimeSec = scenario.chain.profile?.blockTimeSec ?? LOCAL.blockTimeSec;
  const blocks = virtualMs / (1_000 * blockTimeSec);
  return Math.max(1, Math.min(most, Math.floor(stepsMax / (messages + blocks))));
}

/** Runs a scenario for each seed from `first` to `last`; the first seed that breaks it ends the test. */
export async function expectToHold(
  scenario: Scenario,
  [first, last]: readonly [first: number, last: number],
  options: Omit<RunOptions, "seed">,
): Promise<void> {
  for (let seed = first; seed <= last; seed++) {
    expectHeld(await runScenario(scenario, { ...options, seed }));
  }
}

/** Fails with the scenario, the seed and the violations of a run, when there are any. */
export function expectHeld({ chain, passed, scenario, seed, violations }: RunResult): void {
  const told = violations.map(({ message, oracle }) => `${oracle}: ${message}`);
  const run = `${scenario} --seed ${seed} --chain ${chain}`;
  expect({ run, passed, violations: told }).toEqual({ run, passed: true, violations: [] });
}
