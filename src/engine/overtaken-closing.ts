/** A wish to close a game that the other one has moved in since. */
import { type Channel, stateAt } from "../channel/channel.ts";
import { directDefundId } from "../channel/objective-id.ts";
import { isActive } from "../protocols/objective.ts";
import { type ReceivedState, toOthers } from "../protocols/signing.ts";
import type { Draft } from "./draft.ts";

/**
 * Drops this node's own wish to close a game in which the other one has moved since: the wish was for what the channel
 * paid then, and would give the game up now.
 */
export function dropOvertakenClosing(
  draft: Draft,
  before: Channel,
  { by, variablePart }: Pick<ReceivedState, "by" | "variablePart">,
): void {
  const { id: channelId, myIndex, use } = before;
  const isMove = stateAt(before, variablePart.turnNum) === undefined && !variablePart.isFinal;
  if (use.type !== "MessageLog" || !isMove || by === myIndex || before.finalSignedByMe) return;
  const objectiveId = directDefundId(channelId);
  const closing = draft.tables.objectives.get(objectiveId);
  if (closing?.openedBy !== myIndex || !isActive(closing)) return;
  const code = "Overtaken";
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by: myIndex, code });
  draft.request(...toOthers(before, { type: "ObjectiveRejection", objectiveId, channelId, code }));
}
