/** How a story ends: users close what is open, or let the chain decide, until nothing of theirs is left in channels. */
import type { Channel } from "../../src/channel/channel.ts";
import { held } from "../../src/channel/holdings.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { isActive, type Objective } from "../../src/protocols/objective.ts";
import type { ActorName } from "../actors.ts";
import { isHopeless } from "../checkers/liveness.ts";
import { isSettled } from "../search/end-plan.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { World } from "../world.ts";

/** Virtual milliseconds between two looks of a user: two blocks. */
const LOOK_MS = 24_000;

/** Virtual milliseconds in which agreement and its transactions come about where all answer: fifty blocks. */
const AGREEMENT_MS = 600_000;

/** Virtual milliseconds in which the chain decides, be it about one thing after another. */
const DECISION_MS = 3_000_000;

/** What a story went through, and how patient its nodes are. */
export type Ordeal = {
  readonly disputeAfterMs: number;
  /** True when everything that was lost is back but nodes. */
  readonly isMended: boolean;
  /** Whoever has forgotten something of her log. */
  readonly forgetful: ReadonlySet<ActorName>;
};

/** Resolves when nothing is left to do; says who still waits when that never comes. */
export async function endStory(world: World, ordeal: Ordeal): Promise<readonly string[]> {
  const { disputeAfterMs, isMended } = ordeal;
  const startMs = world.virtualMs;
  const patienceMs = AGREEMENT_MS + 2 * disputeAfterMs;
  const all = [...world.nodes.values()];
  while (world.virtualMs - startMs < patienceMs + DECISION_MS) {
    const nodes = all.filter(({ isRunning }) => isRunning);
    const isComplete = isMended && nodes.length === all.length;
    if (nodes.every((node) => isDone(world, node, ordeal, isComplete))) return [];
    const isPatient = world.virtualMs - startMs < patienceMs;
    for (const { engine } of nodes) askAll(engine, isPatient);
    await world.pause(LOOK_MS);
  }
  return all.flatMap((node) => (node.isRunning ? openOf(node) : []));
}

/**
 * True for a channel of somebody who has forgotten something, with a peer who never comes back to tell it: she signs
 * nothing there, and shows nothing old. Source: ADR 0019.
 */
export function isLeftInDoubt(
  world: World,
  node: SimulatedNode,
  channel: Channel,
  forgetful: ReadonlySet<ActorName>,
): boolean {
  const lost = [...world.nodes].filter(([, { isRunning }]) => !isRunning).map(([name]) => name);
  return isHopeless(world, node, channel, { forgetful, lost: new Set(lost) });
}

function askAll(engine: Engine, isPatient: boolean): void {
  for (const channel of engine.channels()) {
    const { id: channelId, use } = channel;
    if (isSettled(engine, channel)) continue;
    const closing = use.type === "Virtual" ? "DefundVirtually" : "DefundDirectly";
    const isAsked = engine
      .objectives()
      .some((one) => one.channelId === channelId && isActive(one) && isEnding(one.goal.type));
    if (isAsked && isPatient) continue;
    void engine.submit({ type: isPatient ? closing : "Dispute", channelId });
  }
}

function isEnding(goal: string): boolean {
  return goal === "DirectDefund" || goal === "VirtualDefund" || goal === "Dispute";
}

/** `isComplete` is true when all can hear each other: then nothing may wait any more. */
function isDone(
  world: World,
  node: SimulatedNode,
  { forgetful }: Ordeal,
  isComplete: boolean,
): boolean {
  const { engine } = node;
  const isLeft = (channel: Channel | undefined): boolean =>
    channel !== undefined && isLeftInDoubt(world, node, channel, forgetful);
  const isOpen = engine
    .objectives()
    .filter(({ channelId }) => !isLeft(engine.channel(channelId)))
    .some((one) => isActive(one) && (isComplete || !isEmptyOpening(engine, one)));
  return (
    !isOpen &&
    engine.view().transactions.size === 0 &&
    engine.channels().every((channel) => isLeft(channel) || isSettled(engine, channel))
  );
}

/** True for the opening of a channel into which nobody has paid: it may wait for those who are gone, at no cost. */
function isEmptyOpening(engine: Engine, { channelId, goal }: Objective): boolean {
  const channel = engine.channel(channelId);
  return goal.type === "DirectFund" && channel !== undefined && isEmpty(channel);
}

function isEmpty(channel: Channel): boolean {
  return channel.fundingOutcome.every(({ asset }) => held(channel, asset) === 0n);
}

/** What is still open at a node, by its own words. */
function openOf({ engine, parts }: SimulatedNode): readonly string[] {
  const { name } = parts;
  const waits = engine
    .waits()
    .map(({ id, waitingFor }) => `${name} waits for ${waitingFor} of ${id}`);
  const open = engine
    .channels()
    .filter((channel) => !isSettled(engine, channel))
    .map(({ id }) => `${name} has money in ${id}`);
  const { size } = engine.view().transactions;
  return [...waits, ...open, ...(size > 0 ? [`${name} waits for ${size} transactions`] : [])];
}
