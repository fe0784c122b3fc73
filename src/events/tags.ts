/** What each event is about: the tags by which readers pick the events of one entity. */
import type { Message } from "../messages/message.ts";
import { unreachable } from "../primitives/assert.ts";
import type { NodeEvent } from "./event.ts";
import type { Tag } from "./record.ts";

/** Makes a tag out of the kind of an entity and its id. */
type TagMaker = (kind: "objective" | "channel" | "peer", id: string) => Tag;

/** Tags of each kind that are remembered: those of ten thousand channels, some megabytes. */
const TAGS_REMEMBERED = 10_000;

/**
 * Makes the function that says what an event is about. It remembers the tags that it has made: an index asks
 * for the same ones over and over, and finds one that is the very same text in half of the time.
 */
export function createTagsOf(): (event: NodeEvent) => readonly Tag[] {
  const tag = createTagMaker();
  return (event) => tagsOf(tag, event);
}

/**
 * The tags of an event: of its objective and of its channel, of its peer, or none where it is about the
 * log or the chain as such. A message that was sent is also about the objective and the channel that it
 * names. A prefund names neither: it is found by its peer.
 */
function tagsOf(tag: TagMaker, event: NodeEvent): readonly Tag[] {
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
      return [tag("objective", event.objectiveId), tag("channel", event.channelId)];
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
      return [tag("channel", event.channelId)];
    case "ChannelResynced":
      return subjectTags(tag, event);
    case "MessageSent":
      return [tag("peer", event.to), ...subjectTags(tag, event.message)];
    case "MessageReceived":
      return [tag("peer", event.from)];
    case "MessageAcked":
    case "MessageDropped":
    case "ResyncStarted":
    case "PeerResynced":
    case "ResyncCompleted":
      return [tag("peer", event.peer)];
    case "ChainReorged":
    case "SnapshotCreated":
    case "ClockHeld":
      // Nobody looks for them by an entity: they are found by reading the log.
      return [];
    default:
      return unreachable(event);
  }
}

function subjectTags(tag: TagMaker, subject: Message | NodeEvent): readonly Tag[] {
  if (!("channelId" in subject)) return [];
  const { channelId } = subject;
  const objectiveId = "objectiveId" in subject ? subject.objectiveId : undefined;
  if (objectiveId === undefined) return [tag("channel", channelId)];
  return [tag("objective", objectiveId), tag("channel", channelId)];
}

function createTagMaker(): TagMaker {
  const made = {
    objective: new Map<string, Tag>(),
    channel: new Map<string, Tag>(),
    peer: new Map<string, Tag>(),
  };
  return (kind, id) => {
    const known = made[kind].get(id);
    if (known !== undefined) return known;
    if (made[kind].size >= TAGS_REMEMBERED) made[kind].clear();
    const tag: Tag = `${kind}:${id}`;
    made[kind].set(id, tag);
    return tag;
  };
}
