/** A second fold of a node's log, record by record: what an oracle knows of the node at each of its events. */
import type { Channel } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import { successorIdOf } from "../../src/channel/successor.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EventRecord } from "../../src/events/record.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import {
  evolveOneChannel,
  leavesChannel,
  type ProtocolEvent,
} from "../../src/protocols/subject.ts";
import type { ActorName } from "../actors.ts";

/** What is known of one node. `foldRecord` alone changes it. */
export type NodeMirror = {
  readonly node: ActorName;
  /** Records folded so far. */
  length: number;
  readonly channels: Map<ChannelId, Channel>;
  /** Channels that the chain holds money for, with whether the node has them as funded. */
  readonly deposits: Map<ChannelId, "Expected" | "Complete">;
  /** Channels of which this log lost a part, or took back that they were paid out: the chain is to be read for them. */
  readonly takenBack: Set<ChannelId>;
  readonly funds: Map<ObjectiveId, ChannelId>;
  /** By target, the ledger channels whose newest supported state has a guarantee for it. */
  readonly funders: Map<ChannelId, Set<ChannelId>>;
};

/** What one record did to one channel. */
export type ChannelStep = {
  readonly mirror: NodeMirror;
  readonly offset: number;
  readonly event: NodeEvent & { readonly channelId: ChannelId };
  readonly before: Channel | undefined;
  readonly after: Channel;
  /** Targets that won or lost a guarantee in this ledger channel. */
  readonly targets: readonly ChannelId[];
};

/** A node of which nothing was seen. */
export function createMirror(node: ActorName): NodeMirror {
  return {
    node,
    length: 0,
    channels: new Map(),
    deposits: new Map(),
    takenBack: new Set(),
    funds: new Map(),
    funders: new Map(),
  };
}

/** True when the record is the next one of the log that was seen so far. */
export function isNext({ length }: NodeMirror, { offset }: EventRecord<NodeEvent>): boolean {
  return offset === length;
}

/**
 * Folds the next record. Gives what happened to its channel; undefined when it is about none. Throws what
 * the fold throws: an event that no log can hold at this place.
 */
export function foldRecord(
  mirror: NodeMirror,
  { event, offset }: EventRecord<NodeEvent>,
): ChannelStep | undefined {
  mirror.length = offset + 1;
  if (!isOfProtocol(event)) return undefined;
  noteFunding(mirror, event);
  const before = mirror.channels.get(event.channelId);
  const after = leavesChannel(event) ? before : evolveOneChannel(before, event);
  if (after === undefined) return undefined;
  if (after !== before) mirror.channels.set(after.id, after);
  return { mirror, offset, event, before, after, targets: noteTargets(mirror, before, after) };
}

function isOfProtocol(event: NodeEvent): event is ProtocolEvent {
  return "channelId" in event;
}

function noteFunding(mirror: NodeMirror, event: ProtocolEvent): void {
  const { channels, deposits, funds, takenBack } = mirror;
  const { channelId, type } = event;
  if (type === "ChannelResynced" || type === "ChannelDoubted") takenBack.add(channelId);
  // What was paid out, as far as it knew, is over: it waits for the chain to tell of deposit and payout again.
  const wasPaidOut = (channels.get(channelId)?.paidOut.size ?? 0) > 0;
  if (type === "ChainFactsTakenBack" && wasPaidOut) takenBack.add(channelId);
  if (type === "ObjectiveCreated" && event.goal.type === "DirectFund") {
    funds.set(event.objectiveId, channelId);
    deposits.set(channelId, "Expected");
  }
  const ledger = channels.get(channelId);
  if (type === "ObjectiveCreated" && event.goal.type === "Withdrawal" && ledger !== undefined) {
    funds.set(event.objectiveId, successorIdOf(ledger, event.goal.nonce));
  }
  const funded = type === "ObjectiveCompleted" ? funds.get(event.objectiveId) : undefined;
  if (funded !== undefined) deposits.set(funded, "Complete");
}

function noteTargets(
  { funders }: NodeMirror,
  before: Channel | undefined,
  after: Channel,
): readonly ChannelId[] {
  const isLedger = after.use.type === "Ledger";
  if (!isLedger || before?.supported === after.supported) return [];
  const [old, now] = [targetsOf(before), targetsOf(after)];
  const won = [...now].filter((target) => !old.has(target));
  const lost = [...old].filter((target) => !now.has(target));
  for (const target of won) funders.set(target, (funders.get(target) ?? new Set()).add(after.id));
  for (const target of lost) funders.get(target)?.delete(after.id);
  return [...won, ...lost];
}

function targetsOf(ledger: Channel | undefined): Set<ChannelId> {
  const targets = new Set<ChannelId>();
  for (const { allocations } of ledger?.supported?.variablePart.outcome ?? []) {
    for (const { allocationType, destination } of allocations) {
      if (allocationType !== ALLOCATION_TYPE.simple) targets.add(destination as Hex as ChannelId);
    }
  }
  return targets;
}
