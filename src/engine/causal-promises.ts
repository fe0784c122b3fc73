/** The causal rules of what is promised in a channel without a whole state: proposals and vouchers. */
import type { AppMessageEvent } from "../channel/app-message.ts";
import { applyChanges } from "../channel/ledger.ts";
import type { LedgerEvent } from "../channel/ledger-proposal.ts";
import { TURN, type VariablePart } from "../channel/state.ts";
import type { Voucher, VoucherEvent } from "../channel/voucher.ts";
import { broken } from "./broken-rule.ts";
import { addSignature, unknownChannel } from "./causal-channels.ts";
import type { Broken, ChannelHistory, History } from "./causal-history.ts";

type SignedProposal = LedgerEvent & { readonly type: "ProposalSigned" | "ProposalReceived" };

/** Learns a signature on the ledger state that a proposal leads to. */
export function learnProposal(history: History, event: SignedProposal): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  const { channelId, turnNum } = event;
  const by = event.type === "ProposalSigned" ? channel.created.myIndex : event.by;
  if (!isParticipant(channel, by)) return notAParticipant(channelId, by);
  const last = channel.lastSigned.get(by);
  const misfit = addProposed(channel, event, by);
  if (last === undefined) return misfit;
  const about = `participant ${by} signs a proposal for turn ${turnNum} of ${channelId} after`;
  if (last.isFinal) {
    const code = event.type === "ProposalSigned" ? "SignedAfterFinal" : "PeerSignedAfterFinal";
    return broken(code, `${about} the final state of turn ${last.turnNum}`);
  }
  if (turnNum > last.turnNum) return misfit;
  return broken("TurnNotIncreased", `${about} turn ${last.turnNum}`);
}

/** Remembers the state that the changes lead to, with the signature on it. */
function addProposed(channel: ChannelHistory, event: SignedProposal, by: number): Broken {
  const { baseTurnNum, changes, channelId, signature, turnNum } = event;
  const { use } = channel.created;
  const known = channel.states.get(turnNum);
  const base = channel.states.get(baseTurnNum)?.variablePart ?? openingOf(channel, baseTurnNum);
  const profile = use.type === "Ledger" ? use.profile : "enforceable";
  const outcome = base && applyChanges(profile, channelId, base.outcome, changes);
  const proposed = outcome?.ok && base ? { ...base, outcome: outcome.value, turnNum } : undefined;
  const variablePart = known?.variablePart ?? proposed;
  if (variablePart !== undefined) {
    addSignature(channel, { channelId, signature, variablePart }, by);
    return [];
  }
  const text = `the changes of turn ${turnNum} of ${channelId} do not fit turn ${baseTurnNum}`;
  return broken("ProposalMisfit", text);
}

/** The postfund, in a log in which nobody has signed it. */
function openingOf({ created, states }: ChannelHistory, turnNum: number): VariablePart | undefined {
  const { appData, outcome } = created;
  const isOpening = turnNum === TURN.postfund && states.size === 0;
  return isOpening ? { outcome, appData, turnNum, isFinal: false } : undefined;
}

/** Learns a voucher. Each one promises more than the last. */
export function learnVoucher(history: History, event: VoucherEvent): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  const { myIndex } = channel.created;
  const isMine = event.type === "VoucherIssued";
  const [by, to] = isMine ? [myIndex, event.to] : [event.by, myIndex];
  const other = isMine ? to : by;
  if (!isParticipant(channel, other)) return notAParticipant(event.channelId, other);
  const before = channel.vouchers.get(`${by} ${to}`);
  channel.vouchers.set(`${by} ${to}`, event);
  if (before === undefined || isMore(before, event)) return [];
  const text = `participant ${by} promises ${event.amounts} in ${event.channelId} after ${before.amounts}`;
  return broken("VoucherNotIncreased", text);
}

/** A newer voucher counts one more at least, takes nothing back, and promises something. */
function isMore(before: Voucher, after: Voucher): boolean {
  const grows = after.amounts.some((amount, index) => amount > (before.amounts[index] ?? 0n));
  const keeps = before.amounts.every((amount, index) => amount <= (after.amounts[index] ?? 0n));
  // go-nitro counts no vouchers: there every counter is 0.
  const counts = after.counter > before.counter || (after.counter === 0 && before.counter === 0);
  return grows && keeps && counts;
}

/** Learns a message of an app. */
export function learnParticipant(history: History, event: AppMessageEvent): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  return isParticipant(channel, event.by) ? [] : notAParticipant(event.channelId, event.by);
}

function isParticipant({ created }: ChannelHistory, index: number): boolean {
  return index < created.fixedPart.participants.length;
}

function notAParticipant(channelId: string, index: number): Broken {
  return broken("NotAParticipant", `participant ${index} of ${channelId} is nobody`);
}
