/**
 * Payments: one signature, one message, and nothing to wait for. The two ends of an open virtual channel pay
 * each other by vouchers, each over all that was ever paid in its direction.
 *
 * What an end takes for money it can enforce by itself on the chain. So a voucher may go beyond what its payer
 * has put in only as far as the payer receipts what the payee has paid. Source: ADR 0020.
 */

import type { Channel } from "../channel/channel.ts";
import type { Profile } from "../channel/channel-use.ts";
import { finalStateOf } from "../channel/final-state.ts";
import { AMOUNT_MAX } from "../channel/outcome.ts";
import { COUNTER_MAX, voucherReceiptHash } from "../channel/payment-voucher.ts";
import type { ReceiptedVoucher } from "../channel/redemption.ts";
import { promiseHash, type Voucher } from "../channel/voucher.ts";
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Message } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { virtualUseOf } from "./guarantees.ts";
import type { Action, Context } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import { allSignatures } from "./signing.ts";

/** One end of a virtual channel, as itself. */
export type PaymentEnd = {
  readonly profile: Profile;
  /** The participant at the other end. */
  readonly other: number;
  /** Per asset, what I put in, in the asset's smallest unit. */
  readonly mine: readonly bigint[];
  /** Per asset, what the other end put in. */
  readonly theirs: readonly bigint[];
};

/** The money of one asset in a virtual channel, as one end counts it, in the asset's smallest unit. */
export type PaymentAccount = {
  readonly asset: Address;
  /** All that I ever paid. */
  readonly paid: bigint;
  /** All that I was ever paid. */
  readonly received: bigint;
  /** What I can still pay. */
  readonly remaining: bigint;
  /** What the other end can still pay, as far as I know. */
  readonly remainingOfOther: bigint;
};

/** What one wants to pay: an amount of one asset, more than nothing. */
export type Payment = { readonly asset: Address; readonly amount: bigint };

/** Whose the channel's money is, for one of its ends. Whoever is between them sees no payments. */
export function paymentEnd(channel: Channel): Result<PaymentEnd, Rejection> {
  const { fixedPart, fundingOutcome, myIndex, use } = channel;
  if (use.type !== "Virtual") return reject({ code: "NotVirtual" });
  const last = fixedPart.participants.length - 1;
  if (myIndex !== 0 && myIndex !== last) return reject({ code: "NotAnEnd" });
  const part = (at: 0 | 1): readonly bigint[] =>
    fundingOutcome.map(({ allocations }) => assertDefined(allocations[at], "an end's part").amount);
  const [mine, theirs] = myIndex === 0 ? [part(0), part(1)] : [part(1), part(0)];
  return accept({ profile: use.profile, other: last - myIndex, mine, theirs });
}

/** True for an end of a virtual channel whose vouchers are counted: every one but go-nitro's. */
export function isCounted({
  fixedPart,
  myIndex,
  use,
}: Pick<Channel, "fixedPart" | "myIndex" | "use">): boolean {
  const isEnd = myIndex === 0 || myIndex === fixedPart.participants.length - 1;
  return isEnd && use.type === "Virtual" && use.profile === "enforceable";
}

/** What was paid and what is left, asset by asset, in the order of the channel's outcome. */
export function accountsOf(channel: Channel): Result<readonly PaymentAccount[], Rejection> {
  const end = paymentEnd(channel);
  if (!end.ok) return end;
  const { mine, theirs } = end.value;
  const { issued, received } = channel.vouchers;
  const accounts = channel.fundingOutcome.map(({ asset }, index): PaymentAccount => {
    const paid = issued?.amounts[index] ?? 0n;
    const got = received?.amounts[index] ?? 0n;
    return {
      asset,
      paid,
      received: got,
      remaining: (mine[index] ?? 0n) + got - paid,
      remainingOfOther: (theirs[index] ?? 0n) + paid - got,
    };
  });
  return accept(accounts);
}

/** The voucher that pays this much more: to be recorded, and sent to the other end once it is durable. */
export function pay(
  channel: Channel,
  { amount, asset }: Payment,
  { sign }: Context,
): Result<Action, Rejection> {
  const end = paymentEnd(channel);
  if (!end.ok) return end;
  const { other, profile } = end.value;
  const open = checkOpen(channel);
  if (!open.ok) return open;
  if (profile === "go-nitro" && channel.myIndex !== 0) return reject({ code: "PaysOneWay" });
  const amounts = raised(channel, end.value, { amount, asset });
  if (!amounts.ok) return amounts;
  // Counters that were passed may stand in vouchers that a lost log has forgotten.
  const counter = nextCounter(channel);
  if ((channel.passedTurn ?? 0) >= counter - 1 && counter > 1) mark("payment/counters-passed-over");
  if (counter > COUNTER_MAX) return reject({ code: "CountersUsedUp" });
  // Another voucher of its counter may have a receipt of mine that I forgot: its payer puts it above that first.
  const isReceiptNeeded = !isCovered(
    amounts.value,
    end.value.mine,
    channel.vouchers.receivedReceipted?.amounts,
  );
  if (isReceiptNeeded && isPassedVoucher(channel)) return reject({ code: "Resyncing" });
  const counted = receiptFor(channel, end.value, amounts.value, sign);
  const voucher = promised(channel, profile, { counter, amounts: amounts.value }, sign);
  return accept(issue(channel, other, voucher, counted));
}

/**
 * The newest voucher that I issued once more, with a counter above those that were passed, so that whoever passed them
 * can take it; nothing where none is to be said again.
 */
export function renew(channel: Channel, { sign }: Context): Action {
  const end = paymentEnd(channel);
  const { issued, receivedReceipted } = channel.vouchers;
  const counter = nextCounter(channel);
  const isLate = !checkOpen(channel).ok || counter > COUNTER_MAX;
  if (!end.ok || issued === undefined || isLate) return { events: [], effects: [] };
  mark("payment/renewed-above-passed-counters");
  const { other, profile } = end.value;
  const voucher = promised(channel, profile, { counter, amounts: issued.amounts }, sign);
  return issue(channel, other, voucher, receivedReceipted);
}

/** True while the newest voucher that I was paid has a counter that was passed. */
export function isPassedVoucher({ passedTurn = 0, vouchers }: Channel): boolean {
  return vouchers.received !== undefined && vouchers.received.counter <= passedTurn;
}

function nextCounter({ passedTurn = 0, vouchers }: Channel): number {
  return Math.max(vouchers.issued?.counter ?? 0, passedTurn) + 1;
}

function promised(
  { id }: Channel,
  profile: Profile,
  promise: Pick<Voucher, "amounts" | "counter">,
  sign: Context["sign"],
): Voucher {
  return { ...promise, signature: sign(promiseHash(profile, id, promise)) };
}

/** The message of the newest voucher that I issued, to be said again; undefined before the first. */
export function repeatVoucher(channel: Channel): Message | undefined {
  const { issued, receivedReceipted } = channel.vouchers;
  return issued && voucherMessage(channel, issued, receivedReceipted);
}

/** True when `amounts` are no more than what the payer put in and was paid. */
export function isCovered(
  amounts: readonly bigint[],
  putIn: readonly bigint[],
  wasPaid: readonly bigint[] | undefined,
): boolean {
  return uncoveredAsset(amounts, putIn, wasPaid) < 0;
}

/** The first asset of which `amounts` has more than what the payer put in and was paid; -1 when none. */
export function uncoveredAsset(
  amounts: readonly bigint[],
  putIn: readonly bigint[],
  wasPaid: readonly bigint[] | undefined,
): number {
  return amounts.findIndex(
    (amount, index) => amount > (putIn[index] ?? 0n) + (wasPaid?.[index] ?? 0n),
  );
}

/** From the first signature on a final state on nothing is paid, and never before all signed the postfund. */
function checkOpen(channel: Channel): Result<undefined, Rejection> {
  if (!channel.wasOpen) return reject({ code: "NotOpen" });
  return finalStateOf(channel) === undefined ? accept(undefined) : reject({ code: "PaymentsOver" });
}

/** All that I will have paid. */
function raised(
  { fundingOutcome, vouchers }: Channel,
  { mine }: PaymentEnd,
  { amount, asset }: Payment,
): Result<readonly bigint[], Rejection> {
  if (amount <= 0n) return reject({ code: "AmountNotPositive" });
  const place = fundingOutcome.findIndex((exit) => exit.asset === asset);
  if (place < 0) return reject({ code: "AssetMismatch", asset });
  const before = vouchers.issued?.amounts ?? fundingOutcome.map(() => 0n);
  const paid = before[place] ?? 0n;
  const available = (mine[place] ?? 0n) + (vouchers.received?.amounts[place] ?? 0n) - paid;
  if (amount > available) return reject({ code: "InsufficientFunds", available, asked: amount });
  // Money that goes back and forth adds up, and a contract holds no more than this.
  if (paid + amount > AMOUNT_MAX) return reject({ code: "AmountOutOfRange", amount });
  return accept(before.with(place, paid + amount));
}

/**
 * The receipt that lets the payee enforce `amounts`: none as long as I pay what I put in. One that I have
 * given before does where it is enough, so that a receipt costs a signature only now and then.
 */
function receiptFor(
  { id, vouchers }: Channel,
  { mine, profile }: PaymentEnd,
  amounts: readonly bigint[],
  sign: Context["sign"],
): ReceiptedVoucher | undefined {
  const { received, receivedReceipted } = vouchers;
  if (isCovered(amounts, mine, receivedReceipted?.amounts)) return receivedReceipted;
  mark("payment/receipt-given");
  const counted = assertDefined(received, "a voucher that covers the payment");
  return { ...counted, receipt: sign(voucherReceiptHash(promiseHash(profile, id, counted))) };
}

function issue(
  channel: Channel,
  other: number,
  voucher: Voucher,
  counted: ReceiptedVoucher | undefined,
): Action {
  const { fixedPart, id: channelId, vouchers } = channel;
  const isNews = counted !== vouchers.receivedReceipted;
  const to = assertDefined(fixedPart.participants[other], "the other end");
  return {
    events: [
      {
        type: "VoucherIssued",
        channelId,
        to: other,
        ...voucher,
        counted: isNews ? counted : undefined,
      },
    ],
    effects: [{ type: "SendMessage", to, message: voucherMessage(channel, voucher, counted) }],
  };
}

function voucherMessage(
  channel: Channel,
  voucher: Voucher,
  counted: ReceiptedVoucher | undefined,
): Message {
  const isFirst = channel.vouchers.issued === undefined || voucher.counter === 1;
  const postfundSignatures = isFirst ? signaturesOfPostfund(channel) : [];
  return { type: "Voucher", channelId: channel.id, ...voucher, counted, postfundSignatures };
}

/** None in go-nitro's profile, whose nodes have no place for them. */
function signaturesOfPostfund(channel: Channel): readonly Signature[] {
  const { supported } = channel;
  const isPostfund = supported !== undefined && !supported.variablePart.isFinal;
  return isPostfund && virtualUseOf(channel).profile === "enforceable"
    ? allSignatures(supported)
    : [];
}
