/**
 * Looks for a violation in the copy that it lies in, and tells what it found on standard output, a line of JSON for
 * each hunt: `bun planted/hunt.ts search <starts> <most core-seconds of each> <source without the bug> [<aim>]`, a hunt
 * from each start, over plans as `fuzz` draws them, or with an aim only such as it allows; `calm <runs>`, over plans in which nothing goes
 * wrong; `stories`, over the scenarios.
 */
import { join } from "node:path";
import { Glob } from "bun";
import { runScenario } from "../sim/run-scenario.ts";
import type { Scenario } from "../sim/scenario.ts";
import { type DrawOptions, drawPlan } from "../sim/search/draw-plan.ts";
import type { Plan } from "../sim/search/plan.ts";
import { startSimulatedChain } from "../sim/simulated-chain.ts";
import type { Violation } from "../sim/violation.ts";
import { PlanRunner } from "./plan-runner.ts";

/** What a hunt came to. */
export type Hunted = {
  /** Which one: its seeds are those behind so many millions. */
  readonly start: number;
  readonly coreSec: number;
  readonly runs: number;
  /** Runs that fail without the bug as well, and count for nothing. */
  readonly discounted: number;
  /** The seed, or the scenario, that showed it; undefined when nothing was found. */
  readonly where: number | string | undefined;
  readonly violations: readonly Violation[];
};

/** Every so many runs one has real signatures, as in a campaign. */
const REAL_EVERY = 20;

/** Nothing goes wrong, and nobody cheats. */
const CALM: DrawOptions = { faults: false, adversaries: false };

/** Seeds of one hunt lie so far from those of the next. */
const SEEDS_PER_START = 1_000_000;

if (import.meta.main) {
  const [mode, one = "1", other = "1", root = "", aim = "{}"] = process.argv.slice(2);
  if (mode === "stories") await tellStories();
  else if (mode === "calm") await searchCalm(Number(one));
  else {
    const starts = one.split(",").map(Number);
    await searchAll(starts, Number(other), { root, aim: JSON.parse(aim) });
  }
  process.exit(0);
}

function tell(hunted: Hunted): void {
  process.stdout.write(`${JSON.stringify(hunted)}\n`);
}

/** What a search is compared with, and what its plans are drawn from. */
type Ground = { readonly root: string; readonly aim: DrawOptions };

async function searchAll(
  starts: readonly number[],
  mostSec: number,
  { aim, root }: Ground,
): Promise<void> {
  const copy = await PlanRunner.in(join(import.meta.dir, ".."));
  let loaded: Promise<PlanRunner> | undefined;
  const original = (): Promise<PlanRunner> => (loaded ??= PlanRunner.in(root));
  for (const start of starts) {
    const firstSeed = start * SEEDS_PER_START;
    const plans = (n: number): Plan => drawPlan(firstSeed + n, aim);
    tell({ start, ...(await search(copy, original, plans, mostSec)) });
  }
}

async function search(
  copy: PlanRunner,
  original: () => Promise<PlanRunner>,
  plans: (n: number) => Plan,
  mostSec: number,
): Promise<Omit<Hunted, "start">> {
  const startSec = coreSec();
  let discounted = 0;
  let discountedSec = 0;
  let runs = 0;
  const usedSec = (): number => coreSec() - startSec - discountedSec;
  while (usedSec() < mostSec) {
    const plan = plans(runs);
    runs += 1;
    const isReal = runs % REAL_EVERY === 0;
    const violations = await copy.violationsOf(plan, isReal);
    if (violations.length === 0) continue;
    const foundSec = usedSec();
    const source = await original();
    if ((await source.violationsOf(plan, isReal)).length === 0) {
      return { coreSec: foundSec, runs, discounted, where: plan.seed, violations };
    }
    discountedSec += usedSec() - foundSec;
    discounted += 1;
  }
  return { coreSec: usedSec(), runs, discounted, where: undefined, violations: [] };
}

async function searchCalm(most: number): Promise<void> {
  const copy = await PlanRunner.in(join(import.meta.dir, ".."));
  for (let seed = 1; seed <= most; seed++) {
    const startSec = coreSec();
    const violations = await copy.violationsOf(drawPlan(seed, CALM), false);
    const where = violations.length > 0 ? seed : undefined;
    tell({ start: 0, coreSec: coreSec() - startSec, runs: 1, discounted: 0, where, violations });
  }
}

/** Every scenario with its own parameters, on one seed. */
async function tellStories(): Promise<void> {
  const chain = await startSimulatedChain("model");
  const folder = join(import.meta.dir, "../scenarios");
  for (const file of [...new Glob("*.scenario.ts").scanSync(folder)].sort()) {
    const startSec = coreSec();
    const { scenario }: { readonly scenario: Scenario } = await import(join(folder, file));
    const { violations } = await runScenario(scenario, { seed: 1, chain, signatures: "fast" });
    const where = violations.length > 0 ? scenario.name : undefined;
    tell({ start: 0, coreSec: coreSec() - startSec, runs: 1, discounted: 0, where, violations });
  }
}

/** Seconds of processor that this process has used. */
function coreSec(): number {
  const { system, user } = process.cpuUsage();
  return (system + user) / 1_000_000;
}
