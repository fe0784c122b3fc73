/** Takes back the newest vouchers of a virtual channel from its other end: each signature is checked. */

import type { Channel } from "../channel/channel.ts";
import { COUNTER_MAX, voucherReceiptHash } from "../channel/payment-voucher.ts";
import { type ReceiptedVoucher, redeemedOutcome } from "../channel/redemption.ts";
import { type ChannelVouchers, promiseHash, type Voucher } from "../channel/voucher.ts";
import type { Address } from "../crypto/address.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { virtualUseOf } from "../protocols/guarantees.ts";
import { isCounted } from "../protocols/payments.ts";
import type { Context } from "../protocols/protocol.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Draft } from "./draft.ts";

type Held = ResyncMessage & { readonly type: "HeldVouchers" };

/** Learns the newest vouchers of both directions. What I know myself stays where it is newer. */
export function takeBackVouchers(
  draft: Draft,
  from: Address,
  held: Held,
  context: Context,
): Result<undefined, Rejection> {
  const channel = draft.tables.channels.get(held.channelId);
  if (channel?.use.type !== "Virtual") return reject({ code: "UnknownChannel" });
  const { participants } = channel.fixedPart;
  const by = participants.indexOf(from);
  const areEnds = Math.abs(by - channel.myIndex) === participants.length - 1;
  if (by < 0 || !areEnds) return reject({ code: "NotAParticipant" });
  const me = participants[channel.myIndex];
  const mine = [held.received, held.receivedReceipted] as const;
  const theirs = [held.issued, held.issuedReceipted] as const;
  const areTrue =
    mine.every((one) => isTrue(channel, one, me, from, context)) &&
    theirs.every((one) => isTrue(channel, one, from, me, context));
  if (!areTrue) return reject({ code: "WrongSignature" });
  const { vouchers } = channel;
  const merged: ChannelVouchers = {
    issued: newer(channel, vouchers.issued, held.received),
    received: newer(channel, vouchers.received, held.issued),
    issuedReceipted: newer(channel, vouchers.issuedReceipted, held.receivedReceipted),
    receivedReceipted: newer(channel, vouchers.receivedReceipted, held.issuedReceipted),
  };
  if (isSame(vouchers, merged)) return accept(undefined);
  const covered = checkCovered(channel, merged);
  if (!covered.ok) return covered;
  mark("resync/vouchers-taken-back");
  draft.record({ type: "VouchersResynced", channelId: channel.id, by, ...merged });
  return accept(undefined);
}

/** Whoever hides her own vouchers cannot show mine that pay out of them: both come, or neither. */
function checkCovered(
  { fundingOutcome, myIndex }: Channel,
  { issued, received }: ChannelVouchers,
): Result<undefined, Rejection> {
  const [left, right] = myIndex === 0 ? [issued, received] : [received, issued];
  const outcome = redeemedOutcome(fundingOutcome, left?.amounts, right?.amounts);
  return outcome.ok ? accept(undefined) : reject({ code: "WrongSignature" });
}

function isTrue(
  channel: Channel,
  voucher: Voucher | ReceiptedVoucher | undefined,
  payer: Address | undefined,
  payee: Address | undefined,
  { recoverSigner }: Context,
): boolean {
  if (voucher === undefined) return true;
  const { profile } = virtualUseOf(channel);
  const { amounts, counter, signature } = voucher;
  if (counter > COUNTER_MAX || amounts.length !== channel.fundingOutcome.length) return false;
  const hash = promiseHash(profile, channel.id, { amounts, counter });
  if (recoverSigner(hash, signature) !== payer) return false;
  return (
    !("receipt" in voucher) || recoverSigner(voucherReceiptHash(hash), voucher.receipt) === payee
  );
}

/**
 * One that was said again above passed counters promises the same. go-nitro's counters are in no signature: there only
 * what is promised tells.
 */
function newer<Kind extends Voucher>(
  channel: Channel,
  known: Kind | undefined,
  held: Kind | undefined,
): Kind | undefined {
  if (known === undefined || held === undefined) return known ?? held;
  const keeps = held.amounts.every((amount, index) => amount >= (known.amounts[index] ?? 0n));
  const isMore = held.amounts.some((amount, index) => amount > (known.amounts[index] ?? 0n));
  const isAbove = isCounted(channel) && held.counter > known.counter;
  return keeps && (isMore || isAbove) && held.counter >= known.counter ? held : known;
}

function isSame(one: ChannelVouchers, other: ChannelVouchers): boolean {
  return (
    one.issued === other.issued &&
    one.received === other.received &&
    one.issuedReceipted === other.issuedReceipted &&
    one.receivedReceipted === other.receivedReceipted
  );
}
