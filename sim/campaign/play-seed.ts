/** Plays one seed of a campaign: draws its plan, runs it, and makes a capsule of a failure. */
import { countMarks } from "../../src/primitives/mark.ts";
import { isStatePruned } from "../chain/pruned-state.ts";
import { drawFraction } from "../keyed-random.ts";
import { brokenBy } from "../search/broken-run.ts";
import { bucketOf } from "../search/bucket.ts";
import { presentVersions, writeCapsule } from "../search/capsule.ts";
import { drawPlan } from "../search/draw-plan.ts";
import { honestOf, type Plan } from "../search/plan.ts";
import { type PlanResult, runPlan } from "../search/run-plan.ts";
import { type SimulatedChain, startSimulatedChain } from "../simulated-chain.ts";
import { createCoverage } from "./coverage.ts";
import { differenceOf } from "./repeat.ts";
import type { Repeat, SeedFailure, SeedResult } from "./seed-result.ts";
import type { SeedSettings } from "./settings.ts";
import { watchCoverage } from "./watch-coverage.ts";

/** The chain that seeds are played on, and the reference for those that are played again. */
export type ChainPair = {
  readonly chain: SimulatedChain;
  /** Started when it is first asked for. */
  readonly reference: () => Promise<SimulatedChain>;
};

/** Starts the chain of a campaign. Throws `NodeError` where it cannot be had. */
export async function startChains({ chain }: SeedSettings): Promise<ChainPair> {
  const own = await startSimulatedChain(chain);
  let anvil: Promise<SimulatedChain> | undefined =
    chain === "anvil" ? Promise.resolve(own) : undefined;
  return {
    chain: own,
    reference: () => {
      anvil ??= startSimulatedChain("anvil");
      return anvil;
    },
  };
}

/** Plays the seed. Throws `NodeError` only, when the world outside fails. */
export async function playSeed(
  seed: number,
  settings: SeedSettings,
  { chain, reference }: ChainPair,
): Promise<SeedResult> {
  const { wishesMax } = settings;
  const plan = drawPlan(seed, wishesMax === undefined ? {} : { wishesMax });
  const coverage = createCoverage();
  const stopCounting = countMarks((name) => coverage.sawMark(name));
  let run: PlanResult | undefined;
  let failure: SeedFailure | undefined;
  try {
    run = await runPlan(plan, {
      chain,
      signatures: settings.signatures,
      watch: (world, faultsNow) => watchCoverage(world, plan, coverage, faultsNow),
    });
    failure = failureOf(plan, run, settings);
  } catch (error) {
    failure = failureOf(plan, { violations: [brokenBy(error)], traceHash: "0x" }, settings);
  } finally {
    stopCounting();
  }
  const isRepeated = drawFraction(seed, "repeat", "", 0) < settings.repeatFraction;
  return {
    seed,
    failure,
    isBeyondPromises: (run?.assumptions.length ?? 0) > 0,
    hasFaults: plan.faults.length > 0,
    hasAdversaries: honestOf(plan).length < plan.cast.length,
    messages: run?.messages ?? 0,
    transactions: run?.transactions ?? 0,
    virtualMs: run?.virtualMs ?? 0,
    coverage: coverage.toJson(),
    repeat: isRepeated && run !== undefined ? await repeat(plan, run, reference) : undefined,
  };
}

/**
 * Virtual milliseconds of a run that is played again, at most: two hours, 600 blocks. Anvil needs some 80 ms for each,
 * and nobody who asked for two minutes waits ten for a challenge of a day.
 */
const REPEAT_VIRTUAL_MS_MAX = 7_200_000;

/** True for a run that Anvil can play within a minute. */
export function isShortEnough({ virtualMs }: Pick<PlanResult, "virtualMs">): boolean {
  return virtualMs <= REPEAT_VIRTUAL_MS_MAX;
}

/**
 * Undefined for a run that is too long for it, and where Anvil cannot be asked what the run asks: it keeps the states
 * of its newest blocks only.
 */
async function repeat(
  plan: Plan,
  first: PlanResult,
  reference: () => Promise<SimulatedChain>,
): Promise<Repeat | undefined> {
  if (!isShortEnough(first)) return undefined;
  try {
    const chain = await reference();
    const again = await runPlan(plan, { chain, signatures: "real" });
    return { seed: plan.seed, difference: differenceOf(first, again) };
  } catch (error) {
    if (isStatePruned(error)) return undefined;
    throw error;
  }
}

type Broken = Pick<PlanResult, "violations" | "traceHash">;

function failureOf(
  plan: Plan,
  { traceHash, violations }: Broken,
  { chain, signatures }: SeedSettings,
): SeedFailure | undefined {
  const [first] = violations;
  if (first === undefined) return undefined;
  const bucket = bucketOf(first);
  const failure = { ...first, bucket };
  const versions = presentVersions();
  const capsule = writeCapsule({ plan, chain, signatures, failure, traceHash, versions });
  return { ...failure, capsule };
}
