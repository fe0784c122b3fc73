/** Folds an event into the tables of a node. The only code that changes them. */
import type { BlockId } from "../channel/holdings.ts";
import { type ObjectiveId, parseUpdateId } from "../channel/objective-id.ts";
import { REORG_DEPTH_MAX } from "../channel/remembered-facts.ts";
import type { Address } from "../crypto/address.ts";
import type { MessagingEvent, NodeEvent, ResyncEvent } from "../events/event.ts";
import { unreachable } from "../primitives/assert.ts";
import type { TransactionEvent } from "../protocols/objective.ts";
import {
  evolveOneChannel,
  evolveOneObjective,
  leavesChannel,
  type ProtocolEvent,
} from "../protocols/subject.ts";
import { withToldLog } from "./chain-start.ts";
import {
  EMPTY_DESK,
  messageKey,
  NEW_PEER,
  NO_FACTS,
  type NodeFacts,
  type NodeTables,
  type PeerRecord,
} from "./node-state.ts";

/** Folds one event. Never refuses: what is on disk has happened. Returns the same tables. */
export function evolveNode<Tables extends NodeTables>(tables: Tables, event: NodeEvent): Tables {
  switch (event.type) {
    case "MessageSent":
    case "MessageReceived":
    case "MessageAcked":
    case "MessageDropped":
      evolvePeer(tables, event);
      return tables;
    case "ResyncStarted":
    case "PeerResynced":
    case "ResyncCompleted":
      evolveResync(tables, event);
      return tables;
    case "SnapshotCreated":
    case "ClockHeld":
    case "RequestAnswered":
      // They tell of the log and its readers alone: nothing that a node holds follows from them.
      return tables;
    case "ChainReorged":
      changeFacts(tables, blocksAfterFork(factsOf(tables), event.fork));
      return tables;
    case "BlocksRead":
      changeFacts(tables, {
        cursor: { blockNumber: event.block.blockNumber, logIndex: Number.MAX_SAFE_INTEGER },
        blocks: withBlock(factsOf(tables).blocks, event.block),
      });
      return tables;
    default:
      evolveEntities(tables, event);
      return tables;
  }
}

function evolveEntities(tables: NodeTables, event: ProtocolEvent): void {
  if (!leavesChannel(event)) changeChannel(tables, event);
  if ("objectiveId" in event && event.objectiveId !== undefined) {
    changeObjective(tables, event.objectiveId, event);
  }
  if (event.type === "ChannelCreated") noteLedger(tables, event);
  if (isOfDesk(event)) evolveDesk(tables, event);
  else if (event.type === "ChannelResynced") takeBackCount(tables, event);
  else if (isOfTransaction(event)) evolveTransaction(tables, event);
  else if ("position" in event) {
    const { blockNumber, logIndex } = event.position;
    const { blocks, toldLogs } = factsOf(tables);
    changeFacts(tables, {
      cursor: { blockNumber, logIndex },
      blocks: withBlock(blocks, event.position),
      toldLogs: withToldLog(toldLogs, event.position),
    });
  }
}

/** A peer's ledger channels are found by the peer. */
function noteLedger(
  tables: NodeTables,
  { channelId, fixedPart, myIndex, use }: ProtocolEvent & { type: "ChannelCreated" },
): void {
  const peer = fixedPart.participants[1 - myIndex];
  if (use.type !== "Ledger" || peer === undefined) return;
  const { ledgers } = peerOf(tables, peer);
  if (!ledgers.includes(channelId)) changePeer(tables, peer, { ledgers: [...ledgers, channelId] });
}

/** What is not changed is not set: whoever writes snapshots looks at what was. */
function changeChannel(tables: NodeTables, event: ProtocolEvent): void {
  const before = tables.channels.get(event.channelId);
  const channel = evolveOneChannel(before, event);
  if (channel !== undefined && channel !== before) tables.channels.set(channel.id, channel);
  if (event.type === "ChannelResynced" || event.type === "ChannelDoubted") {
    // The log that knew the channel before is lost, and with it the blocks that were read for it.
    if (channel?.lastLog === undefined) changeFacts(tables, { cursor: undefined });
  }
}

function changeObjective(tables: NodeTables, id: ObjectiveId, event: ProtocolEvent): void {
  const before = tables.objectives.get(id);
  const objective = evolveOneObjective(before, event);
  if (objective !== undefined && objective !== before) tables.objectives.set(id, objective);
}

type DeskEvent = ProtocolEvent & {
  readonly type: "ObjectiveCreated" | "ObjectiveRejected" | "ObjectiveCompleted";
};

function isOfDesk(event: ProtocolEvent): event is DeskEvent {
  const { type } = event;
  return (
    type === "ObjectiveCreated" || type === "ObjectiveRejected" || type === "ObjectiveCompleted"
  );
}

function isOfTransaction(event: ProtocolEvent): event is TransactionEvent {
  return "effectId" in event;
}

function evolveDesk(tables: NodeTables, event: DeskEvent): void {
  const { channelId, objectiveId, type } = event;
  const desk = tables.desks.get(channelId) ?? EMPTY_DESK;
  if (type !== "ObjectiveCreated") {
    const open = desk.open.filter((id: ObjectiveId) => id !== objectiveId);
    tables.desks.set(channelId, { ...desk, open });
    return;
  }
  const asked = event.goal.type === "Update" ? parseUpdateId(channelId, objectiveId) : undefined;
  const updatesAsked =
    asked === undefined
      ? desk.updatesAsked
      : withCount(desk.updatesAsked, asked.by, asked.count + 1);
  tables.desks.set(channelId, { open: [...desk.open, objectiveId], updatesAsked });
}

function withCount(counts: readonly number[], by: number, count: number): readonly number[] {
  if ((counts[by] ?? 0) >= count) return counts;
  const changed = [...counts];
  while (changed.length <= by) changed.push(0);
  changed[by] = count;
  return changed;
}

/** What a peer showed also tells how my next update is named. */
function takeBackCount(
  tables: NodeTables,
  { channelId, updatesAsked: count }: ProtocolEvent & { type: "ChannelResynced" },
): void {
  const channel = tables.channels.get(channelId);
  if (channel === undefined) return;
  const desk = tables.desks.get(channelId) ?? EMPTY_DESK;
  const updatesAsked = withCount(desk.updatesAsked, channel.myIndex, count);
  tables.desks.set(channelId, { ...desk, updatesAsked });
}

function evolveTransaction(tables: NodeTables, event: TransactionEvent): void {
  const { effectId } = event;
  switch (event.type) {
    case "TransactionRequested": {
      const { call, channelId, objectiveId } = event;
      tables.transactions.set(effectId, {
        effectId,
        objectiveId,
        channelId,
        call,
        raw: undefined,
        transactionHash: undefined,
        earlier: [],
      });
      return;
    }
    case "TransactionSubmitted": {
      const open = tables.transactions.get(effectId);
      const { nonce, raw, transactionHash } = event;
      if (open !== undefined) {
        const { transactionHash: replaced } = open;
        const earlier = replaced === undefined ? open.earlier : [...open.earlier, replaced];
        tables.transactions.set(effectId, { ...open, raw, transactionHash, earlier });
      }
      const { nextNonce = 0 } = factsOf(tables);
      changeFacts(tables, { nextNonce: Math.max(nextNonce, nonce + 1) });
      return;
    }
    case "TransactionVanished": {
      const { call, channelId, objectiveId, raw, transactionHash } = event;
      const name = { effectId, objectiveId, channelId };
      tables.transactions.set(effectId, { ...name, call, raw, transactionHash, earlier: [] });
      return;
    }
    case "TransactionConfirmed":
    case "TransactionFailed":
      tables.transactions.delete(effectId);
      return;
    default:
      unreachable(event);
  }
}

function evolvePeer(tables: NodeTables, event: Exclude<MessagingEvent, ResyncEvent>): void {
  switch (event.type) {
    case "MessageSent": {
      const { message, sequence, to } = event;
      tables.peers.set(to, { ...peerOf(tables, to), lastSent: sequence });
      tables.messages.set(messageKey(to, sequence), { to, sequence, message });
      return;
    }
    case "MessageReceived": {
      const { from, sequence } = event;
      tables.peers.set(from, { ...peerOf(tables, from), lastReceived: sequence });
      return;
    }
    case "MessageAcked": {
      const { peer, upTo } = event;
      const before = peerOf(tables, peer);
      for (let sequence = before.ackedUpTo + 1; sequence <= upTo; sequence++) {
        tables.messages.delete(messageKey(peer, sequence));
      }
      const ackedUpTo = Math.max(before.ackedUpTo, upTo);
      tables.peers.set(peer, { ...before, ackedUpTo, head: event.head ?? before.head });
      return;
    }
    case "MessageDropped":
      tables.messages.delete(messageKey(event.peer, event.sequence));
      return;
    default:
      unreachable(event);
  }
}

function evolveResync(tables: NodeTables, event: ResyncEvent): void {
  const { peer } = event;
  const { resync } = peerOf(tables, peer);
  const before = resync.type === "None" ? 0 : resync.missingMax;
  switch (event.type) {
    case "ResyncStarted": {
      const missingMax = Math.max(before, event.missingMax);
      changePeer(tables, peer, { resync: { type: "Owed", missingMax } });
      return;
    }
    case "PeerResynced":
      renumber(tables, event);
      changePeer(tables, peer, {
        lastReceived: event.lastReceived,
        resync: { type: "Asked", missingMax: before, round: event.lastSent },
      });
      return;
    case "ResyncCompleted":
      changePeer(tables, peer, { resync: { type: "None" }, lostMax: event.lostMax });
      return;
    default:
      unreachable(event);
  }
}

/** What is open is sent once more, behind all that was ever sent, in the order that it had. */
function renumber(
  tables: NodeTables,
  { lastSent, peer }: ResyncEvent & { type: "PeerResynced" },
): void {
  const before = peerOf(tables, peer);
  let sequence = lastSent;
  for (let old = before.ackedUpTo + 1; old <= before.lastSent; old++) {
    const open = tables.messages.get(messageKey(peer, old));
    if (open === undefined) continue;
    sequence += 1;
    tables.messages.delete(messageKey(peer, old));
    tables.messages.set(messageKey(peer, sequence), { ...open, sequence });
  }
  changePeer(tables, peer, { lastSent: sequence, ackedUpTo: lastSent });
}

function changePeer(tables: NodeTables, peer: Address, change: Partial<PeerRecord>): void {
  tables.peers.set(peer, { ...peerOf(tables, peer), ...change });
}

function peerOf(tables: NodeTables, peer: Address): PeerRecord {
  return tables.peers.get(peer) ?? NEW_PEER;
}

function withBlock(
  blocks: readonly BlockId[],
  { blockHash, blockNumber }: BlockId,
): readonly BlockId[] {
  if (blocks.at(-1)?.blockHash === blockHash) return blocks;
  const recent = blocks.filter(
    (one) => one.blockNumber < blockNumber && one.blockNumber > blockNumber - REORG_DEPTH_MAX,
  );
  return [...recent, { blockNumber, blockHash }];
}

function blocksAfterFork({ blocks, toldLogs }: NodeFacts, fork: BlockId): Partial<NodeFacts> {
  const kept = withBlock(blocks, fork);
  return {
    cursor: { blockNumber: fork.blockNumber, logIndex: Number.MAX_SAFE_INTEGER },
    blocks: kept,
    toldLogs: toldLogs.filter(({ blockNumber }) => blockNumber <= fork.blockNumber),
  };
}

function factsOf(tables: NodeTables): NodeFacts {
  return tables.facts.get("node") ?? NO_FACTS;
}

function changeFacts(tables: NodeTables, change: Partial<NodeFacts>): void {
  tables.facts.set("node", { ...factsOf(tables), ...change });
}
