/** What each event is about: the tags by which readers pick the events of one entity. */
import type { Message } from "../messages/message.ts";
import { unreachable } from "../primitives/assert.ts";
import type { NodeEvent } from "./event.ts";
import type { Tag } from "./record.ts";

/**
 * The tags of an event: of its objective and of its channel, of its peer, or none where it is about the
 * log or the chain as such. A message that was sent is also about the objective and the channel that it
 * names. A prefund names neither: it is found by its peer.
 */
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
    case "ProposalSigned":
    case "ProposalReceived":
      return [`objective:${event.objectiveId}`, `channel:${event.channelId}`];
    case "ChannelCreated":
    case "SupportedStateAdvanced":
    case "ChannelFinalized":
    case "ChannelDoubted":
    case "DoubtSettled":
    case "TurnPassed":
    case "DepositDetected":
    case "AllocationUpdated":
    case "ChannelConcluded":
    case "ChallengeRegistered":
    case "ChallengeCleared":
    case "WithdrawCompleted":
    case "VoucherIssued":
    case "VoucherReceived":
    case "AppMessageAppended":
      return [`channel:${event.channelId}`];
    case "ChannelResynced":
      return subjectTags(event);
    case "MessageSent":
      return [`peer:${event.to}`, ...subjectTags(event.message)];
    case "MessageReceived":
      return [`peer:${event.from}`];
    case "MessageAcked":
    case "MessageDropped":
    case "ResyncStarted":
    case "PeerResynced":
    case "ResyncCompleted":
      return [`peer:${event.peer}`];
    case "ChainReorged":
    case "SnapshotCreated":
    case "ClockHeld":
      // Nobody looks for them by an entity: they are found by reading the log.
      return [];
    default:
      return unreachable(event);
  }
}

function subjectTags(subject: Message | NodeEvent): readonly Tag[] {
  if (!("channelId" in subject)) return [];
  const { channelId } = subject;
  const objectiveId = "objectiveId" in subject ? subject.objectiveId : undefined;
  if (objectiveId === undefined) return [`channel:${channelId}`];
  return [`objective:${objectiveId}`, `channel:${channelId}`];
}
