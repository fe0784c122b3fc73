/** Takes a voucher from the other end of a virtual channel, or says why it is no money. */

import type { Channel } from "../channel/channel.ts";
import { finalStateOf } from "../channel/final-state.ts";
import { COUNTER_MAX, voucherReceiptHash } from "../channel/payment-voucher.ts";
import { type ReceiptedVoucher, redeemedOutcome } from "../channel/redemption.ts";
import { promiseHash, type Voucher } from "../channel/voucher.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Message } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isPassedVoucher, type PaymentEnd, paymentEnd, uncoveredAsset } from "./payments.ts";
import type { Context } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";
import type { ProtocolEvent } from "./subject.ts";

type VoucherMessage = Message & { readonly type: "Voucher" };

/**
 * The fact that a voucher of participant `by` is, checked in full; none when it is the newest that is known.
 * A voucher that was on its way when the channel began to close counts as far as the final state pays it.
 */
export function receiveVoucher(
  channel: Channel,
  by: number,
  message: VoucherMessage,
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const end = paymentEnd(channel);
  if (!end.ok) return end;
  if (by !== end.value.other) return reject({ code: "NotAnEnd" });
  if (!channel.wasOpen) return reject({ code: "NotOpen" });
  if (end.value.profile === "go-nitro" && by !== 0) return reject({ code: "PaysOneWay" });
  if (isKnown(channel.vouchers.received, message))
    return marked("payment/voucher-again", accept([]));
  const grown = checkGrowth(channel, message);
  if (!grown.ok) return grown;
  if (!isPaidByFinal(channel, message.amounts)) return reject({ code: "PaymentsOver" });
  if (finalStateOf(channel) !== undefined) mark("payment/voucher-behind-end");
  return takeVoucher(channel, end.value, message, context);
}

/** The same voucher may come twice; another signature on it is another voucher. */
function isKnown(known: Voucher | undefined, { amounts, counter, signature }: Voucher): boolean {
  return (
    known?.signature === signature &&
    known.counter === counter &&
    known.amounts.length === amounts.length &&
    known.amounts.every((amount, index) => amount === amounts[index])
  );
}

/** Refuses what does not go on from the voucher before. */
function checkGrowth(
  channel: Channel,
  { amounts, counter }: VoucherMessage,
): Result<undefined, Rejection> {
  const { fundingOutcome, passedTurn = 0, vouchers } = channel;
  const count = amounts.length;
  if (count !== fundingOutcome.length) return reject({ code: "AmountsNotPerAsset", count });
  const known = vouchers.received?.counter ?? 0;
  if (counter <= known) return reject({ code: "VoucherNotNewer", counter, known });
  if (counter > COUNTER_MAX) return reject({ code: "CountersUsedUp" });
  if (counter <= passedTurn) return reject({ code: "TurnPassedOver", turnNum: counter });
  const before = (index: number): bigint => vouchers.received?.amounts[index] ?? 0n;
  const lowered = amounts.findIndex((amount, index) => amount < before(index));
  if (lowered >= 0) return reject({ code: "VoucherLowered", assetIndex: lowered });
  const isMore = amounts.some((amount, index) => amount > before(index));
  return isMore || isPassedVoucher(channel) ? accept(undefined) : reject({ code: "NothingPaid" });
}

/** True while no final state is known, or when the one that is known pays me all of it. */
function isPaidByFinal(channel: Channel, amounts: readonly bigint[]): boolean {
  const final = finalStateOf(channel);
  if (final === undefined) return true;
  const { fundingOutcome, myIndex, vouchers } = channel;
  const paid = vouchers.issued?.amounts;
  const due = redeemedOutcome(
    fundingOutcome,
    myIndex === 0 ? paid : amounts,
    myIndex === 0 ? amounts : paid,
  );
  const place = myIndex === 0 ? 0 : 1;
  return (
    due.ok &&
    due.value.every(({ allocations }, index) => {
      const paidOut = final.outcome[index]?.allocations[place]?.amount ?? -1n;
      return paidOut >= assertDefined(allocations[place], "my part").amount;
    })
  );
}

/** Checks the money, and then the signatures, which cost most. */
function takeVoucher(
  channel: Channel,
  end: PaymentEnd,
  message: VoucherMessage,
  context: Context,
): Result<ProtocolEvent[], Rejection> {
  const { amounts, counter, signature } = message;
  const { other, profile, theirs } = end;
  const { fixedPart, id: channelId, vouchers } = channel;
  const counted = newerReceipt(channel, message);
  if (!counted.ok) return counted;
  const receipted = counted.value ?? vouchers.issuedReceipted;
  const assetIndex = uncoveredAsset(amounts, theirs, receipted?.amounts);
  if (assetIndex >= 0) {
    const hasIt = uncoveredAsset(amounts, theirs, vouchers.issued?.amounts) < 0;
    return reject({ code: hasIt ? "ReceiptMissing" : "VoucherTooLarge", assetIndex });
  }
  const hash = promiseHash(profile, channelId, message);
  const isSigned = context.recoverSigner(hash, signature) === fixedPart.participants[other];
  const isReceipted =
    counted.value === undefined || isTrueReceipt(channel, end, counted.value, context);
  if (!isSigned || !isReceipted) return reject({ code: "WrongSignature" });
  const voucher = { counter, amounts, signature };
  const by = other;
  return accept([{ type: "VoucherReceived", channelId, by, ...voucher, counted: counted.value }]);
}

/** The voucher of mine that the message receipts, where it is newer than the one before. Not yet verified. */
function newerReceipt(
  { fundingOutcome, vouchers }: Channel,
  { counted }: VoucherMessage,
): Result<ReceiptedVoucher | undefined, Rejection> {
  const { issued, issuedReceipted } = vouchers;
  if (counted === undefined) return accept(undefined);
  if (counted.counter <= (issuedReceipted?.counter ?? 0)) return accept(undefined);
  const isMine = counted.counter <= (issued?.counter ?? 0);
  const isWhole = counted.amounts.length === fundingOutcome.length;
  return isMine && isWhole ? accept(counted) : reject({ code: "ReceiptUnknown" });
}

/** True when I issued the voucher and the other end receipted it. The newest of mine I know as it is. */
function isTrueReceipt(
  { fixedPart, id, myIndex, vouchers }: Channel,
  { other, profile }: PaymentEnd,
  counted: ReceiptedVoucher,
  { recoverSigner }: Context,
): boolean {
  const { participants } = fixedPart;
  const hash: Hash = promiseHash(profile, id, counted);
  const isMine =
    isKnown(vouchers.issued, counted) ||
    recoverSigner(hash, counted.signature) === participants[myIndex];
  return isMine && recoverSigner(voucherReceiptHash(hash), counted.receipt) === participants[other];
}
