/** What is to be said to a node of go-nitro about a ledger channel: its opening, its proposals, its end. */
import { type Channel, stateAt } from "../../channel/channel.ts";
import type { ChannelId } from "../../channel/channel-id.ts";
import { LEADER, type WaitingStep } from "../../channel/ledger.ts";
import type { LedgerChange } from "../../channel/ledger-proposal.ts";
import {
  directDefundId,
  directFundId,
  virtualDefundId,
  virtualFundId,
} from "../../channel/objective-id.ts";
import { TURN } from "../../channel/state.ts";
import type { Address } from "../../crypto/address.ts";
import type { GoNitroPayload, GoNitroSignedProposal } from "../../messages/go-nitro/message.ts";
import { goNitroProposalOf } from "../../messages/go-nitro/proposal.ts";
import { END_BEHIND_AGREEMENT_MS, UNAWAITED_TIMES_MAX } from "./limits.ts";
import { type GoNitroView, hasSigned, isHeld, isWanted, knownFinal, knownState } from "./view.ts";
import { NOTHING_SAID, payloadWord, statePayload, type Word } from "./word.ts";

/** Everything that there is to say about a ledger channel now. `agreements` are mine, as their follower. */
export function ledgerWords(
  view: GoNitroView,
  channel: Channel,
  agreements: readonly GoNitroSignedProposal[],
): readonly Word[] {
  return [
    ...openingWords(view, channel),
    ...proposalWords(view, channel),
    ...agreementWords(view, channel, agreements),
    ...endWords(view, channel),
  ];
}

/**
 * The postfund of a ledger that its peer may not know to be running yet, for whoever says something that a Go node
 * only bears once it does. A Go node that knows ignores it.
 */
export function runningPayloads(channel: Channel): readonly GoNitroPayload[] {
  const postfund = channel.supported;
  if (postfund?.variablePart.turnNum !== TURN.postfund) return [];
  return [statePayload(channel, directFundId(channel.id), postfund)];
}

function openingWords(view: GoNitroView, channel: Channel): readonly Word[] {
  const { id, myIndex } = channel;
  const fund = directFundId(id);
  if (!isHeld(view, fund)) return [];
  const prefund = stateAt(channel, TURN.prefund);
  const postfund = stateAt(channel, TURN.postfund);
  const isAwaited = isWanted(view, fund);
  const words: Word[] = [];
  if (prefund !== undefined && hasSigned(prefund, myIndex) && !hasSigned(postfund, 1 - myIndex)) {
    words.push(payloadWord("prefund", [statePayload(channel, fund, prefund)], isAwaited));
  }
  if (postfund !== undefined && hasSigned(postfund, myIndex)) {
    words.push(payloadWord("postfund", [statePayload(channel, fund, postfund)], isAwaited));
  }
  return words;
}

/** As the leader: the whole queue, as far as the peer can bear it. */
function proposalWords(view: GoNitroView, channel: Channel): readonly Word[] {
  const { ledger, myIndex } = channel;
  if (ledger === undefined || myIndex !== LEADER || channel.finalSignedByMe) return [];
  const follower = channel.fixedPart.participants[1 - LEADER];
  const ledgerProposals: GoNitroSignedProposal[] = [];
  for (const step of ledger.waiting.values()) {
    const said = saidProposal(view, channel, step, follower);
    if (said === undefined) break;
    ledgerProposals.push(said);
  }
  const last = ledgerProposals.at(-1);
  if (last === undefined) return [];
  const content = { ...NOTHING_SAID, ledgerProposals };
  const key = `proposals/${last.turnNum}`;
  return [{ key, content, timesMax: Number.POSITIVE_INFINITY, delayMs: 0 }];
}

function saidProposal(
  view: GoNitroView,
  channel: Channel,
  { changes: [change], turnNum }: WaitingStep,
  follower: Address | undefined,
): GoNitroSignedProposal | undefined {
  const signature = stateAt(channel, turnNum)?.signatures[LEADER];
  if (signature === undefined || change === undefined || follower === undefined) return undefined;
  const proposal = goNitroProposalOf(change.proposal);
  if (!proposal.ok || !isBearable(view, change, follower)) return undefined;
  return { ledgerId: channel.id, turnNum, proposal: proposal.value, signature };
}

/** A Go node stops at a proposal whose objective it does not know: its own signature proves that it does. */
function isBearable(
  { channels }: GoNitroView,
  { objectiveId, proposal }: LedgerChange,
  to: Address,
): boolean {
  if (!("target" in proposal)) return false;
  const target = channels.get(proposal.target);
  if (target === undefined) return false;
  const index = target.fixedPart.participants.indexOf(to);
  return proposal.type === "Add"
    ? objectiveId === virtualFundId(target.id) && hasSigned(knownState(target, TURN.prefund), index)
    : objectiveId === virtualDefundId(target.id) && hasSigned(knownFinal(target), index);
}

/** As the follower: each turn that I agreed to. What the leader does next shows that it has heard. */
function agreementWords(
  view: GoNitroView,
  channel: Channel,
  agreements: readonly GoNitroSignedProposal[],
): readonly Word[] {
  if (channel.myIndex === LEADER) return [];
  const leader = channel.fixedPart.participants[LEADER];
  return agreements.flatMap((agreement): readonly Word[] => {
    const { proposal, turnNum } = agreement;
    if (isUsed(view, proposal.target, leader, proposal.type)) return [];
    const content = { ...NOTHING_SAID, ledgerProposals: [agreement] };
    const key = `agreed/${turnNum}`;
    const isAwaited = isWanted(view, virtualFundId(proposal.target)) && proposal.type === "Add";
    const timesMax = isAwaited ? Number.POSITIVE_INFINITY : UNAWAITED_TIMES_MAX;
    return [{ key, content, timesMax, delayMs: 0 }];
  });
}

/** True once the leader has signed the postfund of what the guarantee was for: it counts on the guarantee. */
function isUsed(
  { channels }: GoNitroView,
  targetId: ChannelId,
  leader: Address | undefined,
  type: "Add" | "Remove",
): boolean {
  const target = channels.get(targetId);
  if (target === undefined || leader === undefined || type === "Remove") return false;
  const index = target.fixedPart.participants.indexOf(leader);
  return hasSigned(knownState(target, TURN.postfund), index);
}

/** The end, behind the proof that the ledger runs, and behind my last agreement where the peer leads. */
function endWords(view: GoNitroView, channel: Channel): readonly Word[] {
  const { id, myIndex, supported } = channel;
  const final = knownFinal(channel);
  if (final === undefined || !hasSigned(final, myIndex)) return [];
  const defund = directDefundId(id);
  const payloads = [...runningPayloads(channel), statePayload(channel, defund, final)];
  const hasChanged = (supported?.variablePart.turnNum ?? 0) > TURN.postfund;
  const isBegunByMe = !hasSigned(final, 1 - myIndex);
  const delayMs = hasChanged && myIndex !== LEADER && isBegunByMe ? END_BEHIND_AGREEMENT_MS : 0;
  return [payloadWord("end", payloads, isWanted(view, defund), delayMs)];
}
