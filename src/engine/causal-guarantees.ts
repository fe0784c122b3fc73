/** The causal rules of virtual channels: what funds one is there, or set aside, before this node relies on it. */
import type { ChannelEvent } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { includesGuarantee } from "../channel/ledger-outcome.ts";
import type { LedgerEvent, LedgerProposal } from "../channel/ledger-proposal.ts";
import { TURN } from "../channel/state.ts";
import { broken } from "./broken-rule.ts";
import { challengeOf } from "./causal-chain.ts";
import { unknownChannel } from "./causal-channels.ts";
import type { Broken, ChannelHistory, History } from "./causal-history.ts";
import { statusOf } from "./causal-objectives.ts";

type Agreed = LedgerEvent & { readonly type: "ProposalAgreed" };
type Signed = ChannelEvent & { readonly type: "StateSigned" };

/** Who may want a change of a ledger channel, and when. */
export function brokenByGuarantee(history: History, agreed: Agreed): Broken {
  const { channelId, proposal } = agreed;
  const about = "target" in proposal ? proposal.target : channelId;
  const target = history.channels.get(about);
  if (target === undefined) return unknownChannel(about);
  const rules = brokenByWish(history, agreed, target);
  if (!("target" in proposal)) return rules;
  if (!ledgerIdsOf(history, target).includes(channelId)) {
    return [...rules, ...broken("NotALedger", `${channelId} is none of the ledgers of ${about}`)];
  }
  return [...rules, ...brokenByTarget(target, proposal)];
}

/** What a virtual channel rests on must be there before this node signs. */
export function brokenByFunding(history: History, signed: Signed): Broken {
  const { channels } = history;
  const { channelId, objectiveId, variablePart } = signed;
  const channel = channels.get(channelId);
  if (channel === undefined) return [];
  const ledgers = ledgerIdsOf(history, channel).map((id) => channels.get(id));
  if (variablePart.turnNum === TURN.prefund) {
    const areReserved = ledgers.every((one) => one?.ledger?.reserved.has(objectiveId));
    if (areReserved) return [];
    return broken("NotReserved", `no money is set aside for ${channelId} when it is signed for`);
  }
  const areThere = ledgers.every((one) => one !== undefined && isGuaranteedIn(one, channelId));
  if (variablePart.turnNum !== TURN.postfund || areThere) return [];
  const text = `the postfund of ${channelId} is signed before its guarantees are there`;
  return broken("PostfundTooEarly", text);
}

/** A removal is owed by an objective that is over as well, when its channel never came to be. */
function brokenByWish(
  history: History,
  { objectiveId, proposal }: Agreed,
  { created: { channelId } }: ChannelHistory,
): Broken {
  const status = statusOf(history, { channelId, objectiveId });
  if (status === undefined) {
    return broken("UnknownObjective", `${objectiveId} was not created before`);
  }
  const isUndone = proposal.type === "Remove" && status === "Rejected";
  if (status === "Approved" || isUndone) return [];
  const text = `${objectiveId} was ${status} when this node agreed to a change for it`;
  return broken("SignedUnapproved", text);
}

/** In once all have signed the prefund; out once all have signed the end, or when there never was a beginning. */
function brokenByTarget(
  target: ChannelHistory,
  proposal: LedgerProposal & { readonly type: "Add" | "Remove" },
): Broken {
  const { created, states, supportedTurn } = target;
  const challenge = challengeOf(target);
  const { channelId } = created;
  const supported = states.get(supportedTurn ?? -1)?.variablePart;
  const signed = supported?.isFinal === true ? supported : undefined;
  // What nobody answered on the chain is as final as what all have signed.
  const final = challenge?.isOver === true ? challenge.shown : signed;
  const isAdd = proposal.type === "Add";
  if (isAdd ? supported === undefined : final === undefined && hasRelied(target)) {
    const what = isAdd ? "to fund" : "to free";
    return broken("AgreedTooEarly", `this node agrees ${what} ${channelId} before it may`);
  }
  const outcome = (isAdd ? undefined : final?.outcome) ?? created.outcome;
  const isIt =
    outcome.length === proposal.shares.length &&
    outcome.every(({ allocations, asset }, index) => {
      const share = proposal.shares[index];
      const [left, right] = allocations;
      return share?.asset === asset && share.left === left?.amount && share.right === right?.amount;
    });
  if (isIt) return [];
  return broken("GuaranteeMismatch", `the guarantee for ${channelId} is not what it pays`);
}

/**
 * True once this node has signed the postfund. Whoever signs the end of what never opened may still give its guarantee
 * back, as where a ledger goes on in another one.
 */
function hasRelied({ created: { myIndex }, lastSigned, states }: ChannelHistory): boolean {
  const { isFinal = false, turnNum = -1 } = lastSigned.get(myIndex) ?? {};
  const isEndOnly = isFinal && states.get(TURN.postfund)?.signatures[myIndex] === undefined;
  return turnNum >= TURN.postfund && !isEndOnly;
}

/** The ledger channels that fund a virtual one, as far as this node is in them. */
function ledgerIdsOf(history: History, { created: { use } }: ChannelHistory): readonly ChannelId[] {
  if (use.type !== "Virtual") return [];
  const ids = [use.left, use.right].filter((id) => id !== undefined);
  return ids.map((id) => currentIdOf(history, id));
}

function currentIdOf(history: History, ledgerId: ChannelId): ChannelId {
  const successor = history.channels.get(ledgerId)?.ledger?.successor;
  return successor === undefined ? ledgerId : currentIdOf(history, successor);
}

/** In the supported state, and in each that could still take its place. */
function isGuaranteedIn({ states }: ChannelHistory, channelId: ChannelId): boolean {
  const outcomes = [...states.values()].map(({ variablePart }) => variablePart.outcome);
  return outcomes.length > 0 && outcomes.every((outcome) => includesGuarantee(outcome, channelId));
}
