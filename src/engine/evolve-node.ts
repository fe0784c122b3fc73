/** Folds an event into the tables of a node. The only code that changes them. */
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Address } from "../crypto/address.ts";
import type { MessagingEvent, NodeEvent } from "../events/event.ts";
import { unreachable } from "../primitives/assert.ts";
import type { TransactionEvent } from "../protocols/objective.ts";
import { evolveOneChannel, evolveOneObjective, type ProtocolEvent } from "../protocols/subject.ts";
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
    case "SnapshotCreated":
    case "ClockHeld":
      // They tell of the log alone: nothing that a node holds follows from them.
      return tables;
    case "ChainReorged":
      // No node writes it yet. Whoever does takes back here what its positions told.
      return tables;
    default:
      evolveEntities(tables, event);
      return tables;
  }
}

function evolveEntities(tables: NodeTables, event: ProtocolEvent): void {
  const channel = evolveOneChannel(tables.channels.get(event.channelId), event);
  if (channel !== undefined) tables.channels.set(channel.id, channel);
  if ("objectiveId" in event) {
    const objective = evolveOneObjective(tables.objectives.get(event.objectiveId), event);
    if (objective !== undefined) tables.objectives.set(objective.id, objective);
  }
  if (isOfDesk(event)) evolveDesk(tables, event);
  else if (isOfTransaction(event)) evolveTransaction(tables, event);
  else if ("position" in event) {
    const { blockNumber, logIndex } = event.position;
    changeFacts(tables, { cursor: { blockNumber, logIndex } });
  }
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
  const isMyUpdate =
    event.goal.type === "Update" && event.openedBy === tables.channels.get(channelId)?.myIndex;
  const updatesAsked = desk.updatesAsked + (isMyUpdate ? 1 : 0);
  tables.desks.set(channelId, { open: [...desk.open, objectiveId], updatesAsked });
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
      });
      return;
    }
    case "TransactionSubmitted": {
      const open = tables.transactions.get(effectId);
      const { nonce, raw, transactionHash } = event;
      if (open !== undefined) tables.transactions.set(effectId, { ...open, raw, transactionHash });
      changeFacts(tables, { nextNonce: nonce + 1 });
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

function evolvePeer(tables: NodeTables, event: MessagingEvent): void {
  switch (event.type) {
    case "MessageSent": {
      const { message, sequence, to } = event;
      changePeer(tables, to, { lastSent: sequence });
      tables.messages.set(messageKey(to, sequence), { to, sequence, message });
      return;
    }
    case "MessageReceived":
      changePeer(tables, event.from, { lastReceived: event.sequence });
      return;
    case "MessageAcked": {
      const { peer, upTo } = event;
      const { ackedUpTo } = tables.peers.get(peer) ?? NEW_PEER;
      for (let sequence = ackedUpTo + 1; sequence <= upTo; sequence++) {
        tables.messages.delete(messageKey(peer, sequence));
      }
      changePeer(tables, peer, { ackedUpTo: Math.max(ackedUpTo, upTo) });
      return;
    }
    case "MessageDropped":
      tables.messages.delete(messageKey(event.peer, event.sequence));
      return;
    default:
      unreachable(event);
  }
}

function changePeer(tables: NodeTables, peer: Address, change: Partial<PeerRecord>): void {
  tables.peers.set(peer, { ...(tables.peers.get(peer) ?? NEW_PEER), ...change });
}

function changeFacts(tables: NodeTables, change: Partial<NodeFacts>): void {
  tables.facts.set("node", { ...(tables.facts.get("node") ?? NO_FACTS), ...change });
}
