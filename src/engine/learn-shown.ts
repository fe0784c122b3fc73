/**
 * What a checkpoint teaches, and a challenge where nothing was supported: states that I signed and whose other signatures
 * were withheld from me.
 */

import type { ShownClaim } from "../chain/adjudicator-logs.ts";
import type { ChallengeState } from "../channel/challenge.ts";
import { type Channel, type ChannelEvent, stateAt } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import {
  directFundId,
  type ObjectiveId,
  virtualFundId,
  withdrawalId,
} from "../channel/objective-id.ts";
import { decodeRedemption } from "../channel/redemption.ts";
import { isSameState, stateHash } from "../channel/state.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { mark } from "../primitives/mark.ts";
import { virtualUseOf } from "../protocols/guarantees.ts";
import type { Context } from "../protocols/protocol.ts";
import { receiveState, withSupport } from "../protocols/signing.ts";
import type { ProtocolEvent } from "../protocols/subject.ts";
import { challengeStates } from "./challenge-states.ts";
import type { Draft } from "./draft.ts";
import { learnMoves } from "./learn-moves.ts";
import { takeBackVouchers } from "./take-back-vouchers.ts";

/**
 * Learns the signatures and the receipts in a claim that the contract took. It takes no older state any more, so
 * that without them nothing could be shown.
 */
export function learnShown(
  draft: Draft,
  channelId: ChannelId,
  { candidate, proof }: ShownClaim,
  context: Context,
): void {
  const channel = draft.tables.channels.get(channelId);
  const shown = channel && challengeStates(channel, [candidate, ...proof], context);
  if (channel === undefined || shown === undefined) return;
  for (const state of [...shown.proof, shown.candidate])
    learnState(draft, channel.id, state, context);
  learnMoves(draft, channelId, [...shown.proof, shown.candidate], context);
  learnReceipts(draft, channel, shown.candidate.variablePart.appData, context);
}

/** Of states that I signed: nobody else's can bind me. */
function learnState(
  draft: Draft,
  channelId: ChannelId,
  { signatures, variablePart }: ChallengeState,
  context: Context,
): void {
  const hash = stateHash(channelId, variablePart);
  for (const signature of signatures) {
    const channel = assertDefined(draft.tables.channels.get(channelId), "the channel");
    const { fixedPart, myIndex } = channel;
    const known = stateAt(channel, variablePart.turnNum);
    if (known?.signatures[myIndex] === undefined) return;
    if (!isSameState(channelId, known.variablePart, variablePart)) return;
    const signer = context.recoverSigner(hash, signature);
    const by = signer === undefined ? -1 : fixedPart.participants.indexOf(signer);
    if (by < 0 || known.signatures[by] !== undefined) continue;
    mark("dispute/signature-learned-from-chain");
    draft.record(...signatureFacts(draft, channel, { by, signature, variablePart }, context));
  }
}

type Shown = Pick<
  ChannelEvent & { readonly type: "StateReceived" },
  "by" | "signature" | "variablePart"
>;

function signatureFacts(
  draft: Draft,
  channel: Channel,
  shown: Shown,
  context: Context,
): readonly ProtocolEvent[] {
  const { by, signature, variablePart } = shown;
  const { turnNum } = variablePart;
  const step = channel.ledger?.waiting.get(turnNum);
  if (step !== undefined) {
    const { baseTurnNum, changes } = step;
    const about = { channelId: channel.id, by, signature };
    const received = { type: "ProposalReceived", ...about, turnNum, baseTurnNum, changes } as const;
    return withSupport(channel, received, turnNum);
  }
  const known = (id: ObjectiveId): boolean => draft.tables.objectives.get(id) !== undefined;
  const objectiveId = objectivesOf(channel, turnNum).find(known);
  if (objectiveId === undefined) return [];
  const received = receiveState(channel, { objectiveId, ...shown }, context);
  return received.ok ? received.value : [];
}

/**
 * What the state serves; where that is over, the opening stands in for it: of a ledger that took another one's place,
 * the withdrawal.
 */
function objectivesOf(
  { fixedPart, id, ledger, proposal, use }: Channel,
  turnNum: number,
): readonly ObjectiveId[] {
  const opening = use.type === "Virtual" ? virtualFundId(id) : directFundId(id);
  const before = ledger?.predecessor;
  return [
    ...(proposal?.turnNum === turnNum ? [proposal.objectiveId] : []),
    opening,
    ...(before === undefined ? [] : [withdrawalId(before, fixedPart.channelNonce)]),
  ];
}

/** A redemption shows the receipts of the other end: with them I can show the same, and what came since. */
function learnReceipts(draft: Draft, channel: Channel, appData: Hex, context: Context): void {
  const { fixedPart, fundingOutcome, id: channelId, myIndex, use } = channel;
  if (use.type !== "Virtual" || virtualUseOf(channel).profile !== "enforceable") return;
  const last = fixedPart.participants.length - 1;
  if (myIndex !== 0 && myIndex !== last) return;
  const redeemed = decodeRedemption(appData, fundingOutcome.length);
  const from = fixedPart.participants[last - myIndex];
  if (!redeemed.ok || from === undefined) return;
  mark("dispute/redemption-seen-in-checkpoint");
  const { left, right } = redeemed.value;
  const [mine, theirs] = myIndex === 0 ? [left, right] : [right, left];
  const vouchers = {
    issued: theirs,
    received: mine,
    issuedReceipted: theirs,
    receivedReceipted: mine,
  };
  takeBackVouchers(draft, from, { type: "HeldVouchers", channelId, ...vouchers }, context);
}
