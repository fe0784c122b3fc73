/**
 * Failures that the random search has found, each as the smallest plan that showed it: they hold now. Most were the
 * product's, some an oracle's. A plan says what happens, not how it is drawn, so each of them stays what it was when the
 * generator changes.
 */
import { afterAll, describe, expect } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readCapsuleFile } from "../../sim/commands/capsule-file.ts";
import { runPlan } from "../../sim/search/run-plan.ts";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { integration } from "../kind.ts";

/** Behind the name of what was found. */
const ENDING = ".capsule.json";

const NAMES: readonly string[] = readdirSync(import.meta.dir)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
  .sort();

const chain: SimulatedChain = await startSimulatedChain("model");

afterAll(() => chain.local.stop());

describe("What the search has found", () => {
  for (const name of NAMES) {
    const { capsule, edited } = readCapsuleFile(join(import.meta.dir, `${name}${ENDING}`));
    const { failure, plan, signatures } = capsule;
    integration(`${name} breaks the promise of ${failure.oracle} no more`, async () => {
      const { violations } = await runPlan(plan, { chain, signatures });
      expect(violations).toEqual([]);
      expect(edited).toBe(false);
    });
  }
});
