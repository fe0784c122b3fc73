/**
 * Looks for a violation in the copy that it lies in, and tells what it found on standard output, a line of JSON
 * for each hunt: `bun planted/hunt.ts search <hunts> <most core-seconds of each>`, over plans as `fuzz` draws them;
 * `bun planted/hunt.ts calm <runs>`, over plans in which nothing goes wrong; `bun planted/hunt.ts stories`.
 */
import { join } from "node:path";
import { Glob } from "bun";
import { runScenario } from "../sim/run-scenario.ts";
import type { Scenario } from "../sim/scenario.ts";
import { brokenBy } from "../sim/search/broken-run.ts";
import { drawPlan } from "../sim/search/draw-plan.ts";
import type { Plan } from "../sim/search/plan.ts";
import { runPlan } from "../sim/search/run-plan.ts";
import { type SimulatedChain, startSimulatedChain } from "../sim/simulated-chain.ts";
import type { Violation } from "../sim/world.ts";

/** What a hunt came to. */
export type Hunted = {
  readonly coreSec: number;
  readonly runs: number;
  /** The seed, or the scenario, that showed it; undefined when nothing was found. */
  readonly where: number | string | undefined;
  readonly violations: readonly Violation[];
};

/** Every so many runs one has real signatures, as in a campaign. */
const REAL_EVERY = 20;

/** Seeds of one hunt lie so far from those of the next. */
const SEEDS_PER_START = 1_000_000;

if (import.meta.main) {
  const [mode, ...numbers] = process.argv.slice(2);
  const chain = await startSimulatedChain("model");
  const [one = 1, other = 1] = numbers.map(Number);
  if (mode === "stories") await tellStories(chain);
  else if (mode === "calm") tell(await searchCalm(chain, one));
  else for (let start = 1; start <= one; start++) tell(await search(chain, start, other));
  await chain.local.stop();
  process.exit(0);
}

function tell(hunted: Hunted): void {
  process.stdout.write(`${JSON.stringify(hunted)}\n`);
}

async function search(chain: SimulatedChain, start: number, mostSec: number): Promise<Hunted> {
  const startSec = coreSec();
  let runs = 0;
  while (coreSec() - startSec < mostSec) {
    const plan = drawPlan(start * SEEDS_PER_START + runs);
    runs += 1;
    const violations = await violationsOf(chain, plan, runs % REAL_EVERY === 0);
    if (violations.length > 0) {
      return { coreSec: coreSec() - startSec, runs, where: plan.seed, violations };
    }
  }
  return { coreSec: coreSec() - startSec, runs, where: undefined, violations: [] };
}

async function searchCalm(chain: SimulatedChain, most: number): Promise<Hunted> {
  const startSec = coreSec();
  for (let seed = 1; seed <= most; seed++) {
    const violations = await violationsOf(chain, drawPlan(seed, { faults: false }), false);
    if (violations.length > 0) {
      return { coreSec: coreSec() - startSec, runs: seed, where: seed, violations };
    }
  }
  return { coreSec: coreSec() - startSec, runs: most, where: undefined, violations: [] };
}

/** An error of a simulated part is a finding. */
async function violationsOf(
  chain: SimulatedChain,
  plan: Plan,
  isReal: boolean,
): Promise<readonly Violation[]> {
  try {
    const signatures = isReal ? "real" : "fast";
    return (await runPlan(plan, { chain, signatures, stopsAtFirst: true })).violations;
  } catch (error) {
    return [brokenBy(error)];
  }
}

/** Every scenario with its own parameters, on one seed. */
async function tellStories(chain: SimulatedChain): Promise<void> {
  const folder = join(import.meta.dir, "../scenarios");
  for (const file of [...new Glob("*.scenario.ts").scanSync(folder)].sort()) {
    const startSec = coreSec();
    const { scenario }: { readonly scenario: Scenario } = await import(join(folder, file));
    const { violations } = await runScenario(scenario, { seed: 1, chain, signatures: "fast" });
    const where = violations.length > 0 ? scenario.name : undefined;
    tell({ coreSec: coreSec() - startSec, runs: 1, where, violations });
  }
}

/** Seconds of processor that this process has used. */
function coreSec(): number {
  const { system, user } = process.cpuUsage();
  return (system + user) / 1_000_000;
}
