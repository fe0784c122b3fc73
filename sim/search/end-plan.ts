/** How a run ends: users close what is open, or let the chain decide, until nothing of theirs is left in channels. */
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { held, isPaidOut, paysMe } from "../../src/channel/holdings.ts";
import { currentLedger } from "../../src/engine/crank-channel.ts";
import { mayHold, virtualUseOf } from "../../src/protocols/guarantees.ts";
import { isActive } from "../../src/protocols/objective.ts";
import type { ActorName } from "../actors.ts";
import { type Doubts, isHopeless, livenessBoundMs, mayStayOpen } from "../checkers/liveness.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { World } from "../world.ts";
import type { Plan } from "./plan.ts";

/** Virtual milliseconds between two looks of a user: two blocks. */
const LOOK_MS = 24_000;

/** Virtual milliseconds in which agreement and its transactions come about where all answer: fifty blocks. */
const AGREEMENT_MS = 600_000;

/**
 * Resolves with true once nothing of the honest ones is left to be done; with false when the time is over in
 * which that must have come about. Channels in which a node is in doubt for ever are left as they are.
 */
export async function endPlan(
  world: World,
  { challengeDurationSec, disputeAfterMs, end }: Plan,
  honest: readonly ActorName[],
  doubts: Doubts,
): Promise<boolean> {
  const startMs = world.virtualMs;
  const patienceMs = AGREEMENT_MS + 2 * disputeAfterMs;
  const boundMs = patienceMs + livenessBoundMs({ challengeDurationSec, disputeAfterMs });
  while (world.virtualMs - startMs < boundMs) {
    const nodes = honest.map((name) => world.node(name)).filter(({ isRunning }) => isRunning);
    if (nodes.every((node) => isDone(world, node, end, doubts) && isHeard(node, nodes)))
      return true;
    const isPatient = world.virtualMs - startMs < patienceMs;
    if (end !== "Rest") for (const node of nodes) askAll(node, end === "Close" && isPatient);
    await world.pause(LOOK_MS);
  }
  return false;
}

function askAll({ engine }: SimulatedNode, isPatient: boolean): void {
  for (const channel of engine.channels()) {
    const { id: channelId, use } = channel;
    if (isSettled(engine, channel)) continue;
    const closing = use.type === "Virtual" ? "DefundVirtually" : "DefundDirectly";
    const type = isPatient ? closing : "Dispute";
    const isAsked = engine
      .objectives()
      .some((one) => one.channelId === channelId && isActive(one) && isEnding(one.goal.type));
    if (!isAsked || !isPatient) void engine.submit({ type, channelId });
  }
}

function isEnding(goal: string): boolean {
  return goal === "DirectDefund" || goal === "VirtualDefund" || goal === "Dispute";
}

function isDone(world: World, node: SimulatedNode, end: Plan["end"], doubts: Doubts): boolean {
  const { engine } = node;
  const hopeful = engine.channels().filter((one) => !isHopeless(world, node, one, doubts));
  const byId = new Map(hopeful.map((one) => [one.id, one]));
  const isOpen = engine.objectives().some((objective) => {
    const channel = byId.get(objective.channelId);
    if (channel === undefined || !isActive(objective)) return false;
    return !mayStayOpen(world, objective, channel, doubts);
  });
  if (isOpen) return false;
  if (end === "Rest") return true;
  const isMined = [...engine.view().transactions.values()].every(
    ({ channelId, raw }) =>
      raw === undefined && engine.channel(channelId) !== undefined && !byId.has(channelId),
  );
  return isMined && hopeful.every((channel) => isSettled(engine, channel));
}

/** True once all that she has said to those who are there, and honest, is settled. */
function isHeard({ engine }: SimulatedNode, there: readonly SimulatedNode[]): boolean {
  const { messages } = engine.view();
  return [...messages.values()].every(({ to }) => there.every(({ address }) => address !== to));
}

/** True for a node that has nothing left in any channel, not even in those that nobody can close. */
export function hasSettled({ engine }: SimulatedNode): boolean {
  return engine.channels().every((channel) => isSettled(engine, channel));
}

/** What an engine knows of its channels. */
type KnownChannels = {
  readonly channel: (channelId: ChannelId) => Channel | undefined;
  readonly view: () => Parameters<typeof currentLedger>[0];
};

/** True when the channel holds nothing that she could get, on the chain or in her ledgers. */
export function isSettled(engine: KnownChannels, channel: Channel): boolean {
  if (channel.use.type === "Virtual") {
    const { left, right } = virtualUseOf(channel);
    return [left, right].every((id) => {
      const ledger = id && currentLedger(engine.view(), id);
      if (ledger === undefined || ledger.paidInFull) return true;
      return !mayHold(ledger, channel) || isUsedUp(engine, ledger);
    });
  }
  if (isUnread(engine, channel)) return false;
  // Nobody deposits before all have signed the prefund: what is in a channel without it is not hers.
  return channel.supported === undefined || isEmpty(channel) || isPaid(channel);
}

/** True for a ledger that the one before it has just paid: what it holds is asked for, and not known yet. */
function isUnread(engine: KnownChannels, { holdings, ledger }: Channel): boolean {
  const before = ledger?.predecessor && engine.channel(ledger.predecessor);
  return before?.concluded === true && before.paidOut.size > 0 && holdings.size === 0;
}

/** What somebody puts in behind the payout, or above what is owed, is a present: it may not even reach her. */
function isPaid(channel: Channel): boolean {
  const { adjudication, paidInFull } = channel;
  if (paidInFull || isPaidOut(channel)) return true;
  return adjudication.type === "Final" && !paysMe(channel, adjudication.outcome);
}

/**
 * True for a ledger that holds nothing, and gets nothing from the one before it. A full payout has the adjudicator
 * forget it: whoever wants can then challenge with a state that guarantees what is long paid. Source: ADR 0022.
 */
function isUsedUp(engine: KnownChannels, ledger: Channel): boolean {
  const { predecessor } = ledger.ledger ?? {};
  const before = predecessor && engine.channel(predecessor);
  return isEmpty(ledger) && (before === undefined || isUsedUp(engine, before));
}

function isEmpty(channel: Channel): boolean {
  return channel.fundingOutcome.every(({ asset }) => held(channel, asset) === 0n);
}
