/** Moves that the other player of a game has shown to the chain instead of to this node. Source: ADR 0040. */
import type { ChallengeState } from "../channel/challenge.ts";
import { type Channel, stateAt } from "../channel/channel.ts";
import { directFundId } from "../channel/objective-id.ts";
import { stateHash } from "../channel/state.ts";
import { isMove, newestPlayed } from "../protocols/message-log-app.ts";
import type { Context } from "../protocols/protocol.ts";
import { receiveState } from "../protocols/signing.ts";
import type { Draft } from "./draft.ts";

/**
 * Takes the moves in a claim that the contract took, the oldest first, as if their mover had sent them. What is no move
 * on a state that is known here, or is known already, adds nothing.
 */
export function learnMoves(
  draft: Draft,
  channelId: Channel["id"],
  shown: readonly ChallengeState[],
  context: Context,
): void {
  for (const state of shown) {
    const channel = draft.tables.channels.get(channelId);
    if (channel !== undefined && isNewMove(channel, state, context)) {
      learnMove(draft, channel, state, context);
    }
  }
}

function isNewMove(
  channel: Channel,
  { variablePart }: ChallengeState,
  { appOf }: Context,
): boolean {
  const { fixedPart, myIndex, supported, use } = channel;
  const app = appOf(fixedPart.appDefinition);
  const { turnNum } = variablePart;
  if (use.type !== "MessageLog" || app?.type !== "MessageLog" || supported === undefined) {
    return false;
  }
  const newest = newestPlayed(channel, app).variablePart.turnNum;
  const below = stateAt(channel, turnNum - 1);
  if (below === undefined || turnNum !== newest + 1) return false;
  const isMine = stateAt(channel, turnNum)?.signatures[myIndex] !== undefined;
  return !isMine && isMove(channel, below.variablePart, variablePart, app);
}

function learnMove(
  draft: Draft,
  channel: Channel,
  { signatures, variablePart }: ChallengeState,
  context: Context,
): void {
  const by = 1 - channel.myIndex;
  const hash = stateHash(channel.id, variablePart);
  const theirs = signatures.find(
    (one) => context.recoverSigner(hash, one) === channel.fixedPart.participants[by],
  );
  if (theirs === undefined) return;
  // What he has said of the turn otherwise was no move: the contract has taken this one.
  if (stateAt(channel, variablePart.turnNum) !== undefined) {
    const signed = channel.fixedPart.participants.map((_, one) =>
      one === by ? theirs : undefined,
    );
    const about = { channelId: channel.id, objectiveId: undefined, variablePart, updatesAsked: 0 };
    draft.record({ type: "ChannelResynced", ...about, signatures: signed });
    return;
  }
  // What it served, if anything, is over: the opening stands in for it.
  const objectiveId = directFundId(channel.id);
  const received = { objectiveId, by, variablePart, signature: theirs };
  const facts = receiveState(channel, received, context);
  if (facts.ok) draft.record(...facts.value);
}
