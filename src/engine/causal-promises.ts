/** The causal rules of what is promised in a channel without a whole state: proposals and vouchers. */
import type { AppMessageEvent } from "../channel/app-message.ts";
import type { LedgerProposalEvent } from "../channel/ledger-proposal.ts";
import type { VoucherEvent } from "../channel/voucher.ts";
import { broken } from "./broken-rule.ts";
import { unknownChannel } from "./causal-channels.ts";
import type { Broken, ChannelHistory, History } from "./causal-history.ts";

/** Learns a signature on the ledger state that a proposal leads to. */
export function learnProposal(history: History, event: LedgerProposalEvent): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  const { channelId, turnNum } = event;
  const by = event.type === "ProposalSigned" ? channel.created.myIndex : event.by;
  if (!isParticipant(channel, by)) return notAParticipant(channelId, by);
  const last = channel.lastSigned.get(by);
  if (last === undefined || turnNum > last.turnNum) {
    channel.lastSigned.set(by, { turnNum, isFinal: false });
  }
  if (last === undefined) return [];
  const about = `participant ${by} signs a proposal for turn ${turnNum} of ${channelId} after`;
  if (last.isFinal) {
    const code = event.type === "ProposalSigned" ? "SignedAfterFinal" : "PeerSignedAfterFinal";
    return broken(code, `${about} the final state of turn ${last.turnNum}`);
  }
  return turnNum > last.turnNum ? [] : broken("TurnNotIncreased", `${about} turn ${last.turnNum}`);
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
  const before = channel.vouchers.get(`${by} ${to}`) ?? 0n;
  channel.vouchers.set(`${by} ${to}`, event.amount > before ? event.amount : before);
  if (event.amount > before) return [];
  const text = `participant ${by} promises ${event.amount} in ${event.channelId} after ${before}`;
  return broken("VoucherNotIncreased", text);
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
