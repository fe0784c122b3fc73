/** Oracle: once faults are over, everything that honest parties began completes, or is decided on the chain. */
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { guaranteedIn } from "../../src/channel/ledger-outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import { othersOf } from "../../src/engine/fence.ts";
import { unnamedBy } from "../../src/engine/lacking-ledger.ts";
import { lacksLedger } from "../../src/protocols/guarantees.ts";
import type { Objective } from "../../src/protocols/objective.ts";
import type { ActorName } from "../actors.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import type { World } from "../world.ts";

/** Windows of a challenge behind each other that the longest dispute takes: a virtual channel, its ledger, and the ledger's successor, each once answered. */
const WINDOWS_MAX = 8;

/** Times that a node may wait for others before it goes on alone: to open, to pay, to close, and for a ledger's change. */
const WAITS_MAX = 4;

/** Virtual milliseconds for transactions and their confirmations, where the chain is as slow as it may be: a hundred blocks. */
const CHAIN_MS = 1_200_000;

/** Virtual milliseconds within which honest nodes must be done, from when faults are over and users have asked to end. */
export function livenessBoundMs(run: {
  readonly challengeDurationSec: number;
  readonly disputeAfterMs: number;
}): number {
  const { challengeDurationSec, disputeAfterMs } = run;
  return WAITS_MAX * disputeAfterMs + WINDOWS_MAX * challengeDurationSec * 1_000 + CHAIN_MS;
}

/** What no node need ever come out of, since somebody is not there to tell her what she has forgotten. */
export type Doubts = {
  /** Nodes that have forgotten something of their log. */
  readonly forgetful: ReadonlySet<ActorName>;
  /** Nodes that never come back. */
  readonly lost: ReadonlySet<ActorName>;
  /** True where users leave open what is open, so that nobody asks the chain to decide; else false. */
  readonly isResting?: boolean;
};

/** Nobody has forgotten anything, and all come back. */
const NO_DOUBTS: Doubts = { forgetful: new Set(), lost: new Set() };

/**
 * True for a channel in which a node is in doubt of its own log towards somebody who need not, or cannot, end that: it
 * never signs there again, nor shows an old state; or where that one has yet to name the ledger between them. Who
 * cheats can bring a node into doubt; who is lost leaves one there that has forgotten something. So where who cheats has
 * a state on record that she forgot, or has concluded by one: no log of the chain shows it. And for a ledger that the
 * chain has ended, where all that it still guarantees are such channels: she does not decide them. Source: ADR 0019.
 */
export function isHopeless(
  world: Pick<World, "adversaries" | "nodes">,
  node: SimulatedNode,
  channel: Channel,
  doubts: Doubts,
): boolean {
  const held = heldByChain(channel).map((id) => node.engine.channel(id));
  const isLeft = (one: Channel | undefined): boolean =>
    one !== undefined && isInDoubt(world, node, one, doubts);
  return isInDoubt(world, node, channel, doubts) || (held.length > 0 && held.every(isLeft));
}

/** The channels that a ledger still guarantees which the chain has ended. */
function heldByChain({ adjudication, ledger }: Channel): readonly ChannelId[] {
  if (ledger === undefined || adjudication.type !== "Final") return [];
  return guaranteedIn(adjudication.outcome ?? []);
}

function isInDoubt(
  { adversaries, nodes }: Pick<World, "adversaries" | "nodes">,
  { engine, parts: { name } }: SimulatedNode,
  channel: Channel,
  { forgetful, lost }: Doubts,
): boolean {
  const { peers } = engine.view();
  // Nobody else can tell what both have forgotten.
  const told = isEndUnknown(channel) ? othersOf(channel) : unnamedBy(channel);
  const isForgotten = [...nodes.values()].some(
    (one) => forgetful.has(one.parts.name) && told.includes(one.address),
  );
  if (forgetful.has(name) && isForgotten) return true;
  const silent = [...nodes.values()].filter(
    ({ parts }) => adversaries.has(parts.name) || (forgetful.has(name) && lost.has(parts.name)),
  );
  return silent.some(({ address }) => {
    const resync = peers.get(address)?.resync.type ?? "None";
    const isUnknown = forgetful.has(name) && (isOutpaced(channel) || isEndUnknown(channel));
    const isOpen = resync !== "None" || lacksLedger(channel) || isUnknown;
    return isOpen && othersOf(channel).includes(address);
  });
}

/** True for what the chain has concluded by a state that this log does not hold. */
function isEndUnknown({ adjudication }: Channel): boolean {
  return adjudication.type === "Final" && adjudication.outcome === undefined;
}

/** True while the chain has a higher turn on record than any state that she knows: no challenge of hers counts. */
function isOutpaced({ adjudication, supported }: Channel): boolean {
  const turnNum = supported?.variablePart.turnNum ?? 0;
  return adjudication.type === "Open" && adjudication.turnNumRecord > turnNum;
}

/**
 * True for an update that waits, in a channel that nobody closes, for somebody who need not, or cannot, sign it. No time
 * limit leaves an update to the chain: the older state counts, and whether to dispute is the user's. Source: ADR 0027.
 */
export function mayStayOpen(
  { adversaries, nodes }: Pick<World, "adversaries" | "nodes">,
  { goal }: Pick<Objective, "goal">,
  channel: Channel,
  { isResting = false, lost }: Doubts,
): boolean {
  if (!isResting || goal.type !== "Update") return false;
  const others = othersOf(channel);
  return [...nodes.values()].some(
    ({ address, parts: { name } }) =>
      (adversaries.has(name) || lost.has(name)) && others.includes(address),
  );
}

/**
 * What honest nodes still wait for, in words; undefined when all of them are done. A runner calls it when its
 * bound is over, and tells the text as a violation of `liveness`. Nodes that are away are not asked; and what
 * only those who are away or dishonest could take off a node, such as an acknowledgement, is not waited for.
 */
export function standstill(
  world: Pick<World, "adversaries" | "nodes">,
  honest: readonly ActorName[],
  doubts: Doubts = NO_DOUBTS,
): string | undefined {
  const { nodes } = world;
  const here = [...nodes.values()].filter(
    ({ isRunning, parts }) => isRunning && honest.includes(parts.name),
  );
  const answering = new Set(here.map(({ address }) => address));
  const waits = here.flatMap((node) =>
    waitsOf(
      node,
      answering,
      (channel, objective) =>
        isHopeless(world, node, channel, doubts) || mayStayOpen(world, objective, channel, doubts),
    ),
  );
  return waits.length === 0 ? undefined : waits.join("; ");
}

function waitsOf(
  { engine, parts: { name } }: SimulatedNode,
  answering: ReadonlySet<Address>,
  isGivenUp: (channel: Channel, objective: Objective) => boolean,
): string[] {
  const { messages, objectives, transactions } = engine.view();
  const { inputs, wishes } = engine.load();
  const unheard = [...messages.values()].filter(({ to }) => answering.has(to));
  const waits = engine.waits().filter(({ id }) => {
    const objective = objectives.get(id);
    const channel = objective && engine.channel(objective.channelId);
    return objective === undefined || channel === undefined || !isGivenUp(channel, objective);
  });
  return [
    ...waits.map(({ id, waitingFor }) => `${name} waits for ${waitingFor} of ${id}`),
    // One that was never signed waits while its channel is in doubt.
    ...[...transactions.values()]
      .filter(({ channelId, objectiveId, raw }) => {
        const [channel, objective] = [engine.channel(channelId), objectives.get(objectiveId)];
        const isKnown = channel !== undefined && objective !== undefined;
        return raw !== undefined || !isKnown || !isGivenUp(channel, objective);
      })
      .map(({ call, channelId }) => `${name}'s ${call.type} of ${channelId} is not mined`),
    ...unheard.map(
      ({ message, sequence }) => `${name}'s message ${sequence}, ${message.type}, is not settled`,
    ),
    ...(inputs + wishes > 0 ? [`${name} has ${inputs + wishes} inputs left to work off`] : []),
  ];
}
