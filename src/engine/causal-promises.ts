/** The causal rules of what is said in a channel without a state: vouchers, and messages of an app. */

import type { AppMessageEvent } from "../channel/app-message.ts";
import type { ChannelEvent } from "../channel/channel.ts";
import type { Outcome } from "../channel/outcome.ts";
import { redeemedOutcome } from "../channel/redemption.ts";
import { TURN } from "../channel/state.ts";
import type { Voucher, VoucherEvent } from "../channel/voucher.ts";
import { broken } from "./broken-rule.ts";
import { brokenByDispute } from "./causal-chain.ts";
import { unknownChannel } from "./causal-channels.ts";
import type { Broken, ChannelHistory, History } from "./causal-history.ts";
import { brokenByDoubt } from "./causal-resync.ts";

type Signed = ChannelEvent & { readonly type: "StateSigned" };

/** Learns a voucher. Each one promises more than the last. */
export function learnVoucher(history: History, event: VoucherEvent): Broken {
  const channel = history.channels.get(event.channelId);
  if (channel === undefined) return unknownChannel(event.channelId);
  const { channelId, myIndex } = channel.created;
  const isMine = event.type === "VoucherIssued";
  const [by, to] = isMine ? [myIndex, event.to] : [event.by, myIndex];
  const other = isMine ? to : by;
  if (!isParticipant(channel, other)) return notAParticipant(channelId, other);
  const before = channel.vouchers.get(`${by} ${to}`);
  channel.vouchers.set(`${by} ${to}`, { ...event, counted: event.counted ?? before?.counted });
  const rules = [
    ...(isMine ? brokenByDispute(history, event) : []),
    ...(isMine ? brokenByDoubt(history, channelId, "a voucher") : []),
    ...brokenByPlace(channel, { by, to, isNews: before === undefined || grows(before, event) }),
    ...brokenByCover(channel),
  ];
  if (before === undefined || isMore(before, event, channel.passedCounter)) return rules;
  const text = `participant ${by} promises ${event.amounts} in ${channelId} after ${before.amounts}`;
  return [...rules, ...broken("VoucherNotIncreased", text)];
}

/** The final state that this node signs pays it what it was promised. */
export function brokenByFinal({ channels }: History, { channelId, variablePart }: Signed): Broken {
  const channel = channels.get(channelId);
  if (channel?.created.use.type !== "Virtual" || !variablePart.isFinal) return [];
  const { fixedPart, myIndex } = channel.created;
  const isEnd = myIndex === 0 || myIndex === fixedPart.participants.length - 1;
  if (!isEnd || paysMyDue(channel, variablePart.outcome)) return [];
  const text = `the final state of ${channelId} pays this node less than its vouchers`;
  return broken("FinalBelowVouchers", text);
}

/** True when an outcome gives me, an end, what the vouchers say. Where they do not fit, another rule tells. */
function paysMyDue(channel: ChannelHistory, outcome: Outcome): boolean {
  const due = outcomeByVouchers(channel);
  const place = channel.created.myIndex === 0 ? 0 : 1;
  const paid = (index: number): bigint => outcome[index]?.allocations[place]?.amount ?? 0n;
  return (
    due === undefined ||
    due.every(({ allocations }, index) => paid(index) >= (allocations[place]?.amount ?? 0n))
  );
}

/**
 * Only the two ends pay each other, from the postfund of all on, and each until she stops or knows how the channel
 * ends. What comes from the other end later still counts as far as the final state pays it.
 */
function brokenByPlace(
  channel: ChannelHistory,
  { by, isNews, to }: { readonly by: number; readonly isNews: boolean; readonly to: number },
): Broken {
  const { created, states, stopped, supportedTurn = -1 } = channel;
  const { channelId, fixedPart, myIndex, use } = created;
  const last = fixedPart.participants.length - 1;
  const areEnds = (by === 0 && to === last) || (by === last && to === 0);
  const isOpen = supportedTurn >= TURN.postfund;
  const final = [...states.values()].find(({ variablePart }) => variablePart.isFinal);
  const isUnpaid = final !== undefined && !paysMyDue(channel, final.variablePart.outcome);
  // Who pays after she has stopped breaks the rules, and not who takes it. Nobody pays who says a voucher again.
  const isOver = by === myIndex ? (stopped.has(by) && isNews) || final !== undefined : isUnpaid;
  if (use.type === "Virtual" && areEnds && isOpen && !isOver) return [];
  const text = `participant ${by} pays participant ${to} in ${channelId}, which is not open for it`;
  return broken("VoucherOutOfPlace", text);
}

function brokenByCover(channel: ChannelHistory): Broken {
  const { channelId, use } = channel.created;
  if (use.type !== "Virtual" || outcomeByVouchers(channel) !== undefined) return [];
  return broken("VoucherUncovered", `the vouchers of ${channelId} promise more than there is`);
}

/** What a virtual channel pays by its newest vouchers; undefined where they do not fit it. */
function outcomeByVouchers({ created, vouchers }: ChannelHistory): Outcome | undefined {
  const last = created.fixedPart.participants.length - 1;
  const byLeft = vouchers.get(`0 ${last}`)?.amounts;
  const byRight = vouchers.get(`${last} 0`)?.amounts;
  const outcome = redeemedOutcome(created.outcome, byLeft, byRight);
  return outcome.ok ? outcome.value : undefined;
}

/** A newer voucher counts one more at least, takes nothing back, and promises something, or stands above what is passed. */
function isMore(before: Voucher, after: Voucher, passedCounter: number): boolean {
  const keeps = before.amounts.every((amount, index) => amount <= (after.amounts[index] ?? 0n));
  // go-nitro counts no vouchers: there every counter is 0.
  const counts = after.counter > before.counter || (after.counter === 0 && before.counter === 0);
  return (grows(before, after) || before.counter <= passedCounter) && keeps && counts;
}

function grows(before: Voucher, after: Voucher): boolean {
  return after.amounts.some((amount, index) => amount > (before.amounts[index] ?? 0n));
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
