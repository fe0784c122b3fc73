/** What each event is about: the tags by which readers pick the events of one entity. */
import type { Hash } from "../crypto/signature.ts";
import type { Message } from "../messages/message.ts";
import type { NodeEvent } from "./event.ts";
import type { Tag } from "./record.ts";

/** Makes a tag out of the kind of an entity and its id. */
type TagMaker = (kind: "objective" | "channel" | "peer", id: string) => Tag;

/** The tag of a wish with this key. Each is looked for once or twice, so none is remembered. */
export const requestTag = (key: Hash): Tag => `request:${key}`;

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
 * The tags of an event: of its objective and of its channel, of its peer, of the key of a wish, or none where it is about the
 * log or the chain as such. A message that was sent is also about the objective and the channel that it
 * names. A prefund names neither: it is found by its peer.
 */
function tagsOf(tag: TagMaker, event: NodeEvent): readonly Tag[] {
  if ("peer" in event) return [tag("peer", event.peer)];
  switch (event.type) {
    case "MessageSent":
      return [tag("peer", event.to), ...subjectTags(tag, event.message)];
    case "MessageReceived":
      return [tag("peer", event.from)];
    case "RequestAnswered":
      return event.objectiveId === undefined
        ? [requestTag(event.key)]
        : [requestTag(event.key), tag("objective", event.objectiveId)];
    case "ChainReorged":
    case "SnapshotCreated":
    case "ClockHeld":
      // Nobody looks for them by an entity: they are found by reading the log.
      return [];
    case "ProposalSigned":
    case "ProposalReceived": {
      const objectives = new Set(event.changes.map(({ objectiveId }) => objectiveId));
      const tags = [...objectives].map((id) => tag("objective", id));
      return [...tags, tag("channel", event.channelId)];
    }
    default:
      return subjectTags(tag, event);
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
