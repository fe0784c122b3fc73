/** What each event is about: the tags by which readers pick the events of one entity. */
import { unreachable } from "../primitives/assert.ts";
import type { NodeEvent } from "./event.ts";
import type { Tag } from "./record.ts";

/** One step that touches an objective and its channel carries both tags; a message, that of its peer. */
export function tagsOf(event: NodeEvent): readonly Tag[] {
  switch (event.type) {
    case "ObjectiveCreated":
    case "ObjectiveApproved":
    case "ObjectiveRejected":
    case "ObjectiveCranked":
    case "ObjectiveCompleted":
    case "StateSigned":
    case "StateReceived":
    case "TransactionRequested":
    case "TransactionSubmitted":
    case "TransactionConfirmed":
    case "TransactionFailed":
      return [`objective:${event.objectiveId}`, `channel:${event.channelId}`];
    case "ChannelCreated":
    case "SupportedStateAdvanced":
    case "ChannelFinalized":
    case "DepositDetected":
    case "AllocationUpdated":
    case "ChannelConcluded":
      return [`channel:${event.channelId}`];
    case "MessageSent":
      return [`peer:${event.to}`];
    case "MessageReceived":
      return [`peer:${event.from}`];
    case "MessageAcked":
    case "MessageDropped":
      return [`peer:${event.peer}`];
    default:
      return unreachable(event);
  }
}
