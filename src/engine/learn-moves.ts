/** Moves that the other player of a game has shown to the chain instead of to this node. Source: ADR 0040. */
import type { ChallengeState } from "../channel/challenge.ts";
import { type Channel, stateAt } from "../channel/channel.ts";
import { directFundId } from "../channel/objective-id.ts";
import { stateHash } from "../channel/state.ts";
import type { Signature } from "../crypto/signature.ts";
import { mark } from "../primitives/mark.ts";
import { isMove, newestPlayed } from "../protocols/message-log-app.ts";
import type { Context } from "../protocols/protocol.ts";
import { receiveState, takeBackState } from "../protocols/signing.ts";
import type { Draft } from "./draft.ts";

/**
 * Takes the moves in a claim that the contract took, the oldest first, as if their mover had sent them; and takes back
 * those of this node that its log has lost. What is no move on a state that is known here, or is known already, adds
 * nothing.
 */
export function learnMoves(
  draft: Draft,
  channelId: Channel["id"],
  shown: readonly ChallengeState[],
  context: Context,
): void {
  for (const state of shown) {
    const channel = draft.tables.channels.get(channelId);
    if (channel?.use.type !== "MessageLog") return;
    if (isForgotten(channel, state, context)) {
      mark("game/own-move-on-chain");
      takeBackShown(draft, channel, state, context);
    } else if (isNewMove(channel, state, context)) learnMove(draft, channel, state, context);
  }
}

/** True for what bears my signature, and is in no log of mine: a log that was lost knew of it. */
function isForgotten(channel: Channel, state: ChallengeState, context: Context): boolean {
  const { myIndex, supported } = channel;
  const { turnNum } = state.variablePart;
  const isAbove = turnNum > (supported?.variablePart.turnNum ?? turnNum);
  const isKnown = stateAt(channel, turnNum)?.signatures[myIndex] !== undefined;
  return isAbove && !isKnown && signaturesOf(channel, state, context)[myIndex] !== undefined;
}

/** Nothing else is ever signed for its turn, and the game goes on from it. */
function takeBackShown(
  draft: Draft,
  channel: Channel,
  state: ChallengeState,
  context: Context,
): void {
  const signatures = signaturesOf(channel, state, context);
  const { variablePart } = state;
  const about = { channelId: channel.id, objectiveId: undefined, variablePart, updatesAsked: 0 };
  const held = { type: "ChannelResynced", ...about, signatures } as const;
  draft.record(...takeBackState(channel, held));
}

function signaturesOf(
  { fixedPart, id }: Channel,
  { signatures, variablePart }: ChallengeState,
  { recoverSigner }: Context,
): readonly (Signature | undefined)[] {
  const hash = stateHash(id, variablePart);
  return fixedPart.participants.map((participant) =>
    signatures.find((one) => recoverSigner(hash, one) === participant),
  );
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

function learnMove(draft: Draft, channel: Channel, state: ChallengeState, context: Context): void {
  const by = 1 - channel.myIndex;
  const { variablePart } = state;
  const signature = signaturesOf(channel, state, context)[by];
  if (signature === undefined) return;
  // What he has said of the turn otherwise was no move: the contract has taken this one.
  if (stateAt(channel, variablePart.turnNum) !== undefined) {
    mark("game/other-move-on-chain");
    takeBackShown(draft, channel, state, context);
    return;
  }
  mark("game/move-learned-from-chain");
  // What it served, if anything, is over: the opening stands in for it.
  const objectiveId = directFundId(channel.id);
  const received = { objectiveId, by, variablePart, signature };
  const facts = receiveState(channel, received, context);
  if (facts.ok) draft.record(...facts.value);
}
