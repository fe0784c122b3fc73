/**
 * Property tests over whole channels, for any `bun test`: plans and commands drawn by fast-check, and what must
 * hold whatever was drawn. Source: ADR 0030.
 */
import fc from "fast-check";
import type { Paint } from "../commands/shell.ts";
import { brokenBy } from "../search/broken-run.ts";
import { bucketOf } from "../search/bucket.ts";
import { checkPlan } from "../search/check-plan.ts";
import type { DrawOptions } from "../search/draw-plan.ts";
import { failureReportLines } from "../search/failure-report.ts";
import type { Plan } from "../search/plan.ts";
import { type PlanResult, runPlan } from "../search/run-plan.ts";
import type { ChainTier } from "../simulated-chain.ts";
import type { Violation } from "../violation.ts";
import type { World } from "../world.ts";
import { type ChannelCommand, commandArbitraries } from "./channel-commands.ts";
import { ChannelSystem, type SystemOptions } from "./channel-system.ts";
import { keptChain } from "./kept-chain.ts";
import { PlanArbitrary } from "./plan-arbitrary.ts";

/** Commands of one test unless it says otherwise: enough to open two ledgers and to pay over them. */
const COMMANDS_MAX = 25;

/** How plans and commands are tried. */
export type TrialOptions = {
  /** `model`, our own words for what the contracts do, when absent: the fastest. */
  readonly chain?: ChainTier;
  /** `fast`, signatures that only this process can check, when absent. The chain always gets real ones. */
  readonly signatures?: "real" | "fast";
};

/**
 * Runs of a simulated world, drawn: who is there, what they ask for, what goes wrong, who cheats. A run that fails
 * shrinks to fewer wishes, faults and moves, to smaller amounts, and to a calmer world.
 *
 * @example
 * fc.assert(fc.asyncProperty(channelPlans({ wishesMax: 8 }), (plan) => expectHolds(plan)));
 */
export function channelPlans(options: DrawOptions = {}): fc.Arbitrary<Plan> {
  return new PlanArbitrary(options);
}

/**
 * Runs a plan, and resolves when every oracle holds: money is conserved, nobody honest loses any, no node signs
 * twice, everything comes to its end. Throws with a report of what broke, or of what is wrong with the plan.
 */
export async function expectHolds(
  plan: Plan,
  { chain: tier = "model", signatures = "fast" }: TrialOptions = {},
): Promise<PlanResult> {
  const problems = checkPlan(plan);
  if (problems.length > 0) throw new Error(`the plan cannot be run: ${problems.join("; ")}`);
  const chain = await keptChain(tier);
  const worlds: World[] = [];
  const prepare = (world: World): unknown => worlds.push(world);
  try {
    const result = await runPlan(plan, { chain, signatures, prepare });
    const [violation] = result.violations;
    if (violation === undefined) return result;
    throw new Error(reportOf(plan, tier, violation, worlds[0]));
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("FAILED")) throw error;
    throw new Error(reportOf(plan, tier, brokenBy(error), worlds[0]), { cause: error });
  }
}

/**
 * Commands for `fc.asyncModelRun`: users open, pay and close, nodes crash and come back. Each compares what the nodes
 * say with a model that counts only who gave what to whom. Commands of your own go along as `more`.
 */
export function channelCommands({
  more = [],
  ...options
}: SystemOptions & {
  readonly more?: readonly fc.Arbitrary<ChannelCommand>[];
  readonly commandsMax?: number;
}): fc.Arbitrary<Iterable<ChannelCommand>> {
  const size = { maxCommands: options.commandsMax ?? COMMANDS_MAX, size: "max" } as const;
  return fc.commands([...commandArbitraries(options.cast), ...more], size);
}

/** Runs commands against a world of their own, and then asks every oracle. Throws with what did not hold. */
export async function expectCommandsHold(
  commands: Iterable<ChannelCommand>,
  options: SystemOptions & TrialOptions,
): Promise<void> {
  const { chain = "model", signatures = "fast" } = options;
  const system = await ChannelSystem.open(await keptChain(chain), { ...options, signatures });
  try {
    await fc.asyncModelRun(() => ({ model: { book: [], away: [] }, real: system }), commands);
    await system.finish();
  } finally {
    system.stop();
  }
}

function reportOf(
  plan: Plan,
  chain: ChainTier,
  violation: Violation,
  world: World | undefined,
): string {
  const report = {
    plan,
    chain,
    violation,
    bucket: bucketOf(violation),
    assumptions: world?.faults.assumptions ?? [],
    trace: world?.trace.entries ?? [],
    virtualMs: world?.virtualMs ?? 0,
    commands: [],
  };
  return failureReportLines(report, PLAIN).join("\n");
}

const asIs = (text: string): string => text;
const PLAIN: Paint = { bold: asIs, dim: asIs, green: asIs, red: asIs, yellow: asIs };
