/** The search, in a process that is set as those of a campaign are: prints the figures as JSON. */
import { isStatePruned } from "../sim/chain/pruned-state.ts";
import { drawPlan } from "../sim/search/draw-plan.ts";
import type { Plan } from "../sim/search/plan.ts";
import { runPlan } from "../sim/search/run-plan.ts";
import type { ChainTier, SimulatedChain } from "../sim/simulated-chain.ts";
import { onChain } from "./bench-chain.ts";
import type { Figure } from "./benchmark.ts";
import { stopwatch } from "./stopwatch.ts";

/** Runs before measuring, so that the code is compiled; and those that are measured, the same on each tier. */
const WARM_UP_SEEDS = 40;
const SEEDS = 60;

/** Runs on Anvil: it takes several times as long. */
const ANVIL_SEEDS = 15;

async function measure(): Promise<readonly Figure[]> {
  return [
    await runsOn("model", "fast", 50),
    await runsOn("model", "real", 50),
    await runsOn("evm", "fast", 50),
    await runsOn("evm", "real", 50),
    await runsOn("anvil", "real", 10),
    await messagesOfNodes(),
  ];
}

async function runsOn(tier: ChainTier, signatures: "real" | "fast", goal: number): Promise<Figure> {
  const value = await onChain(tier, async (chain) => {
    let played = 0;
    const play = async (first: number, count: number): Promise<void> => {
      played = 0;
      for (let seed = first; seed < first + count; seed++) {
        if (await isPlayed(seed, chain, signatures)) played += 1;
      }
    };
    await play(1_001, WARM_UP_SEEDS);
    const seconds = await stopwatch(() => play(1, seedsOn(tier)));
    return played / seconds;
  });
  const what = `drawn runs on ${tier}, ${signatures === "fast" ? "stand-in" : "real"} signatures`;
  return { what, value, unit: "runs/s", goal };
}

const seedsOn = (tier: ChainTier): number => (tier === "anvil" ? ANVIL_SEEDS : SEEDS);

/** False for a run that Anvil cannot go on with: it was asked for a state that is no longer kept. */
async function isPlayed(
  seed: number,
  chain: SimulatedChain,
  signatures: "real" | "fast",
): Promise<boolean> {
  try {
    await runPlan(drawPlan(seed), { chain, signatures });
    return true;
  } catch (error) {
    if (isStatePruned(error)) return false;
    throw error;
  }
}

/** A long calm plan, so that messages are what it is about. */
async function messagesOfNodes(): Promise<Figure> {
  const calm = { faults: false, adversaries: false } as const;
  const plans: Plan[] = [];
  for (let seed = 1; plans.length < 10; seed++) {
    const plan = drawPlan(seed, calm);
    if (plan.wishes.length >= 20) plans.push(plan);
  }
  const { messages, seconds } = await onChain("model", async (chain) => {
    let sent = 0;
    for (const plan of plans.slice(0, 3)) await runPlan(plan, { chain, signatures: "fast" });
    const took = await stopwatch(async () => {
      for (const plan of plans) {
        sent += (await runPlan(plan, { chain, signatures: "fast" })).messages;
      }
    });
    return { messages: sent, seconds: took };
  });
  const what = "frames between full nodes in calm runs of 20 wishes and more, all oracles on";
  return { what, value: messages / seconds, unit: "frames/s", goal: 50_000 };
}

process.stdout.write(JSON.stringify(await measure()));
