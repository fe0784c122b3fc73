/** Every scenario, on every tier. The seeds for which it must hold are those of the files beside this one. */
import { describe, expect } from "bun:test";
import type { RunResult } from "../sim/run-scenario.ts";
import { runScenario } from "../sim/run-scenario.ts";
import type { Scenario } from "../sim/scenario.ts";
import { withoutBlockHashes, withoutGas } from "../sim/tiers.ts";
import { chainOfFile } from "../test/chain-of-file.ts";
import { integration } from "../test/kind.ts";
import { expectHeld, readStories } from "../test/stories.ts";

/** Seeds of each scenario: `CHANNELS_EVERY_SEED=1 bun test scenarios/all.test.ts` compares the tiers for twenty. */
const SEEDS = process.env["CHANNELS_EVERY_SEED"] === "1" ? 20 : 1;

/** Longest that one scenario may take for all its seeds, in milliseconds. */
const TIME_MAX_MS = 600_000 * SEEDS;

const evm = chainOfFile("evm");
const anvil = chainOfFile("anvil");
const model = chainOfFile("model");
const stories = await readStories();

describe("all tiers", () => {
  integration("there are scenarios to run", () => {
    expect(stories.length).toBeGreaterThanOrEqual(4);
  });

  for (const scenario of stories) {
    integration(
      `${scenario.name} holds on Anvil and on the model, with the trace of the in-process chain`,
      async () => {
        for (let seed = 1; seed <= SEEDS; seed++) {
          const [real, inProcess] = await runOnBoth(scenario, seed);
          expectHeld(real);
          expectHeld(inProcess);
          expectSameTrace(real, inProcess);
          const said = await runScenario(scenario, { seed, chain: model() });
          expectHeld(said);
          expectSameButGas(said, inProcess);
        }
      },
      TIME_MAX_MS,
    );
  }
});

async function runOnBoth(
  scenario: Scenario,
  seed: number,
): Promise<readonly [RunResult, RunResult]> {
  const onAnvil = await runScenario(scenario, { seed, chain: anvil() });
  return [onAnvil, await runScenario(scenario, { seed, chain: evm() })];
}

function expectSameButGas(said: RunResult, done: RunResult): void {
  const [entries, expected] = [said, done].map(({ trace }) =>
    withoutGas(withoutBlockHashes(trace)),
  );
  expect(entries).toEqual(expected ?? []);
  const tokens = ({ balances }: RunResult): unknown => balances.map(({ after }) => after["TOK"]);
  expect(tokens(said)).toEqual(tokens(done));
  expect(said.virtualMs).toBe(done.virtualMs);
}

/** Compares entry by entry, so that a difference is shown where it is. */
function expectSameTrace(one: RunResult, other: RunResult): void {
  const [entries, expected] = [one, other].map(({ trace }) => withoutBlockHashes(trace));
  expect(entries).toEqual(expected ?? []);
  expect({ ...one.balances }).toEqual({ ...other.balances });
  expect([one.gasUsed, one.virtualMs]).toEqual([other.gasUsed, other.virtualMs]);
}
