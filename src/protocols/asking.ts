/** How a participant whose turn it is not gets the mover to sign first. */
import { type Channel, moverOf, nextTurn } from "../channel/channel.ts";
import type { Message } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { type Action, nothing } from "./protocol.ts";
import type { Subject } from "./subject.ts";

/** True when the next turn is mine and no other state waits for signatures. */
export function isMyMove(channel: Channel): boolean {
  return channel.proposal === undefined && moverOf(channel, nextTurn(channel)) === channel.myIndex;
}

/** Asks the mover of the next turn, or whoever else signs first, once per turn, for what this node itself wants. */
export function askMover(
  { channel, objective }: Subject,
  message: Message,
  first: number = moverOf(channel, nextTurn(channel)),
): Action {
  const turnNum = nextTurn(channel);
  const isMine = objective.openedBy === channel.myIndex;
  if (!isMine || channel.proposal !== undefined || objective.askedTurnNum === turnNum) {
    return nothing;
  }
  const { channelId, id: objectiveId } = objective;
  const mover = channel.fixedPart.participants[first];
  const to = assertDefined(mover, "the mover");
  return {
    events: [{ type: "ObjectiveCranked", objectiveId, channelId, askedTurnNum: turnNum }],
    effects: [{ type: "SendMessage", to, message }],
  };
}
