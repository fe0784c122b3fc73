/** Every scenario, on every tier. The seeds for which it must hold are those of the files beside this one. */
import { describe, expect } from "bun:test";
import type { RunResult } from "../sim/run-scenario.ts";
import { runScenario } from "../sim/run-scenario.ts";
import type { Scenario } from "../sim/scenario.ts";
import { withoutBlockHashes, withoutGas } from "../sim/tiers.ts";
import { chainOfFile } from "../test/chain-of-file.ts";
import { integration } from "../test/kind.ts";
import { expectHeld, readStories } from "../test/stories.ts";

/** `bun run tiers` compares all tiers, for twenty seeds of each scenario. */
const IS_ALL = process.env["CHANNELS_EVERY_SEED"] === "1";
const SEEDS = IS_ALL ? 20 : 1;

/** Otherwise Anvil is compared with one of the others, in turns. */
const OTHERS = ["evm", "model"] as const;

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

  for (const [index, scenario] of stories.entries()) {
    // The model plays all of them with many seeds; on the contracts themselves check plays every third one.
    if (!IS_ALL && (index % 3 !== 0 || scenario.name === "virtual-hundred")) continue;
    const others = IS_ALL ? OTHERS : OTHERS.filter((_, turn) => turn === index % OTHERS.length);
    integration(
      `${scenario.name} holds on Anvil, and on ${others.join(" and ")} with the same trace`,
      async () => {
        for (let seed = 1; seed <= SEEDS; seed++) {
          const real = await runScenario(scenario, { seed, chain: anvil() });
          expectHeld(real);
          for (const other of others) await expectSameOn(other, real, { scenario, seed });
        }
      },
      TIME_MAX_MS,
    );
  }
});

async function expectSameOn(
  tier: (typeof OTHERS)[number],
  real: RunResult,
  { scenario, seed }: { readonly scenario: Scenario; readonly seed: number },
): Promise<void> {
  const result = await runScenario(scenario, { seed, chain: tier === "evm" ? evm() : model() });
  expectHeld(result);
  if (tier === "evm") expectSameTrace(real, result);
  else expectSameButGas(result, real);
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
