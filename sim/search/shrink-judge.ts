/** Runs a candidate, and says whether it fails as the capsule does. */
import { ACTOR_NAMES, type ActorName } from "../actors.ts";
import type { SimulatedChain } from "../simulated-chain.ts";
import type { TraceEntry } from "../trace.ts";
import type { Violation } from "../violation.ts";
import type { World } from "../world.ts";
import { brokenBy } from "./broken-run.ts";
import { bucketOf } from "./bucket.ts";
import type { Capsule } from "./capsule.ts";
import { namingOf } from "./failure-report-names.ts";
import type { Plan } from "./plan.ts";
import { runPlan } from "./run-plan.ts";
import type { FailureHints } from "./shrink-plan.ts";
import type { Verdict } from "./shrink-trial.ts";

/** What a run found, and when it was over. */
type Found = {
  readonly violations: readonly Violation[];
  readonly virtualMs: number;
  readonly trace: readonly TraceEntry[];
};

/** Oracles whose findings have nothing in common but that the run broke off. */
const BREAKS: readonly string[] = ["assertion", "error"];

/** Judges plans by the failure of a capsule. */
export type Judge = {
  /** Runs the capsule's own plan. Undefined when it does not fail: then nothing can be shrunk. */
  readonly begin: () => Promise<FailureHints | undefined>;
  readonly judge: (plan: Plan) => Promise<Verdict>;
};

/**
 * Makes the judge. It holds the oracle of the capsule, and goes by the first finding of a run where that is enough.
 * `prepare` changes each world before anything happens in it.
 */
export function createJudge(
  { failure, plan, signatures }: Pick<Capsule, "failure" | "plan" | "signatures">,
  chain: SimulatedChain,
  prepare: (world: World) => void = () => {},
): Judge {
  let stopsAtFirst = true;
  let { bucket } = failure;
  const find = async (candidate: Plan): Promise<Found> => {
    const found = await findIn(candidate, { chain, signatures, stopsAtFirst, prepare });
    // What is asked at the end of a run says nothing where that was broken off in the middle.
    const violations = stopsAtFirst ? found.violations.slice(0, 1) : found.violations;
    return { ...found, violations };
  };
  return {
    begin: async () => {
      for (const isShort of [true, false]) {
        stopsAtFirst = isShort;
        const found = await find(plan);
        const violation = heldIn(found.violations, failure);
        if (violation === undefined) continue;
        // Another one than the capsule's where the code has changed since: what is there now is what is shrunk.
        bucket = bucketOf(violation);
        return hintsOf(plan, found, violation);
      }
      return undefined;
    },
    judge: async (candidate) => {
      const { violations, virtualMs: atMs } = await find(candidate);
      const violation = heldIn(violations, { ...failure, bucket });
      if (violation === undefined) return { type: "Other" };
      return { type: bucketOf(violation) === bucket ? "Same" : "Alike", atMs };
    },
  };
}

/** What the oracle found, in its bucket before others. */
export function heldIn(
  violations: readonly Violation[],
  failure: Capsule["failure"],
): Violation | undefined {
  const held = violations.filter(({ oracle }) => oracle === failure.oracle);
  return held.find((one) => bucketOf(one) === failure.bucket) ?? held[0];
}

type FindOptions = Pick<Capsule, "signatures"> & {
  readonly chain: SimulatedChain;
  readonly stopsAtFirst: boolean;
  readonly prepare: (world: World) => void;
};

async function findIn(plan: Plan, { prepare, ...options }: FindOptions): Promise<Found> {
  const worlds: World[] = [];
  const begin = (world: World): void => {
    worlds.push(world);
    prepare(world);
  };
  try {
    return await runPlan(plan, { ...options, prepare: begin });
  } catch (error) {
    const broken = brokenBy(error);
    const [world] = worlds;
    const trace = world?.trace.entries ?? [];
    const violations = [...(world?.violations ?? []), broken];
    return { violations, virtualMs: world?.virtualMs ?? 0, trace };
  }
}

function hintsOf(
  plan: Plan,
  { trace, virtualMs }: Found,
  { message, oracle }: Violation,
): FailureHints {
  const text = namingOf(plan, trace)(message);
  const named = ACTOR_NAMES.filter((name: ActorName) => new RegExp(`\\b${name}\\b`).test(text));
  return { atMs: virtualMs, named, mayLeaveBucket: !BREAKS.includes(oracle) };
}
