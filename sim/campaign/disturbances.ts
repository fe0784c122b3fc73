/** Everything that can go wrong in a run, by kind: the rows of the matrix. */
import type { ActorName } from "../actors.ts";
import { chainConditions } from "../chain-conditions.ts";
import { FAULT_TYPES, type Fault } from "../faults/fault.ts";
import type { Plan } from "../search/plan.ts";
import { CALM_LINK } from "../wire.ts";

/** What goes wrong all the time, by the conditions of network and chain. */
export const CONDITION_TYPES = [
  "DroppedFrames",
  "DoubledFrames",
  "SlowFrames",
  "LateInclusion",
  "StuckTransactions",
  "LateBlocks",
  "RandomReorgs",
  "FaultyEndpoints",
] as const;

/** A kind of disturbance. */
export type Disturbing = Fault["type"] | (typeof CONDITION_TYPES)[number] | "Adversary";

/** Every kind, in the order of the matrix. */
export const DISTURBING: readonly Disturbing[] = [...FAULT_TYPES, ...CONDITION_TYPES, "Adversary"];

/** What is wrong all the time in a run of this plan. */
export function conditionsOfPlan({ chain, network }: Plan): readonly Disturbing[] {
  const links = [{ ...CALM_LINK, ...network }, ...Object.values(network.links ?? {})];
  const isOnSome = (is: (link: (typeof links)[number]) => boolean): boolean => links.some(is);
  const { gapFraction, inclusionDelayBlocks, reorgFraction, reorgs, rpcs, stuckFraction } =
    chainConditions(chain);
  const found: readonly (readonly [Disturbing, boolean])[] = [
    ["DroppedFrames", isOnSome(({ dropFraction = 0 }) => dropFraction > 0)],
    ["DoubledFrames", isOnSome(({ duplicateFraction = 0 }) => duplicateFraction > 0)],
    ["SlowFrames", isOnSome(isSlow)],
    ["LateInclusion", inclusionDelayBlocks[1] > 0],
    ["StuckTransactions", stuckFraction > 0],
    ["LateBlocks", gapFraction > 0],
    ["RandomReorgs", reorgFraction > 0 || Object.keys(reorgs).length > 0],
    ["FaultyEndpoints", Object.keys(rpcs).length > 0],
  ];
  return found.flatMap(([kind, is]) => (is ? [kind] : []));
}

function isSlow({
  latencyMs = CALM_LINK.latencyMs,
  slowFraction = 0,
}: Partial<typeof CALM_LINK>): boolean {
  return latencyMs[1] > CALM_LINK.latencyMs[1] || slowFraction > CALM_LINK.slowFraction;
}

/** Whom a fault strikes; everybody where it names nobody. */
export function struckBy(fault: Fault, cast: readonly ActorName[]): readonly ActorName[] {
  if ("node" in fault) return [fault.node];
  if ("from" in fault) return [fault.from, fault.to];
  if ("group" in fault) return cast;
  if ("sender" in fault && fault.sender !== undefined) return [fault.sender];
  return cast;
}
