/** Decides payments by voucher: those that the user wants, and those that a peer makes. */

import { type Channel, isInDispute } from "../channel/channel.ts";
import { coversOpening } from "../channel/holdings.ts";
import { virtualDefundId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Message } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { pay, paymentEnd } from "../protocols/payments.ts";
import { receiveVoucher } from "../protocols/receive-voucher.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { receiveBase } from "../protocols/signing.ts";
import { crankChannel, currentLedger } from "./crank-channel.ts";
import { resyncWith } from "./decide-resync.ts";
import type { Draft } from "./draft.ts";
import type { Input } from "./input.ts";
import { tellLateOpening } from "./late-opening.ts";
import type { Rules } from "./rules.ts";
import { senderOf } from "./sender.ts";

type Decision = Result<undefined, Rejection>;
type VoucherMessage = Message & { readonly type: "Voucher" };

/**
 * The part of a challenge duration for which a payee goes without news of the chain: a quarter. Half is then
 * left to answer with after a challenge that was registered at once, and a quarter for the chain to be slow.
 */
const CHAIN_LAG_PARTS = 4;

/** Pays: a signature, an event and a message. */
export function decidePayment(
  draft: Draft,
  { channelId, isHandedOver, payment }: Input & { readonly type: "Payment" },
  { context }: Rules,
): Decision {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return reject({ code: "UnknownChannel" });
  if (draft.isHeld(channel)) return reject({ code: "Resyncing" });
  // Whoever has asked to close, or was asked, pays nothing more: the others rely on it.
  const isClosing = draft.tables.objectives.get(virtualDefundId(channelId)) !== undefined;
  if (isClosing) return reject({ code: "PaymentsOver" });
  // What the chain pays no longer counts a new voucher for sure: the payee would refuse it.
  if (isInDispute(channel)) return reject({ code: "ChannelDisputed" });
  const paid = pay(channel, payment, context);
  if (!paid.ok) return paid;
  draft.record(...paid.value.events);
  if (isHandedOver !== true) draft.request(...paid.value.effects);
  return accept(undefined);
}

/** Takes a voucher that did not come by a message of its payer. Who brings it does not matter: she has signed it. */
export function decideHandover(
  draft: Draft,
  { channelId, voucher }: Input & { readonly type: "Handover" },
  rules: Rules,
): Decision {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return reject({ code: "UnknownChannel" });
  const end = paymentEnd(channel);
  if (!end.ok) return end;
  const from = assertDefined(channel.fixedPart.participants[end.value.other], "the other end");
  if (resyncWith(draft, from).type !== "None") return reject({ code: "Resyncing" });
  const message = { type: "Voucher", channelId, ...voucher, postfundSignatures: [] } as const;
  return decideVoucher(draft, from, message, rules);
}

/**
 * Hears a voucher. One with a counter that I passed, or may pass yet, teaches nothing, and is not refused: the payer says
 * it again above them as soon as she hears of it, and would count what was refused as unpaid.
 */
export function hearVoucher(
  draft: Draft,
  from: Address,
  message: VoucherMessage,
  rules: Rules,
): Decision {
  const decided = decideVoucher(draft, from, message, rules);
  const isSaidAgain = !decided.ok && SAID_AGAIN.includes(decided.reason.code);
  return isSaidAgain ? marked("payment/passed-counter-unheard", accept(undefined)) : decided;
}

const SAID_AGAIN: readonly Rejection["code"][] = ["Resyncing", "TurnPassedOver"];

/** Takes a voucher, as long as the chain can be trusted to pay it. */
function decideVoucher(
  draft: Draft,
  from: Address,
  message: VoucherMessage,
  { context }: Rules,
): Decision {
  const sender = senderOf(draft, message.channelId, from);
  if (!sender.ok) return sender;
  const { by, channel: before } = sender.value;
  // Which counters I pass is not settled yet.
  if (before.missingMax > 0) return reject({ code: "Resyncing" });
  const channel = opened(draft, before, message, context);
  const received = receiveVoucher(channel, by, message, context);
  if (!received.ok) return received;
  if (received.value.length === 0) return accept(undefined);
  const safe = checkEnforceable(draft, channel);
  if (!safe.ok) return safe;
  draft.record(...received.value);
  return accept(undefined);
}

/** The channel, after the signatures on its postfund that the message brings along, where it was not open yet. */
function opened(
  draft: Draft,
  channel: Channel,
  { postfundSignatures }: VoucherMessage,
  context: Rules["context"],
): Channel {
  if (channel.wasOpen || postfundSignatures.length === 0) return channel;
  draft.record(...receiveBase(channel, TURN.postfund + 1, postfundSignatures, context));
  mark("payment/voucher-opened-channel");
  tellLateOpening(draft, channel);
  crankChannel(draft, channel.id, context);
  return draft.tables.channels.get(channel.id) ?? channel;
}

/** As long as a ledger that took another one's place is not paid, that one counts, too. Source: ADR 0022. */
function isDisputedLedger(tables: Draft["tables"], ledger: Channel): boolean {
  const predecessorId = coversOpening(ledger) ? undefined : ledger.ledger?.predecessor;
  const predecessor = predecessorId && tables.channels.get(predecessorId);
  return isInDispute(ledger) || (predecessor !== undefined && isInDispute(predecessor));
}

/** Refuses new money where a dispute may be over before this node can show its voucher. */
function checkEnforceable({ life, tables }: Draft, channel: Channel): Decision {
  const { fixedPart, use } = channel;
  const ledgerId = use.type === "Virtual" ? (use.left ?? use.right) : undefined;
  const ledger = ledgerId && currentLedger(tables, ledgerId);
  const isDisputed =
    isInDispute(channel) || (ledger !== undefined && isDisputedLedger(tables, ledger));
  if (isDisputed) return reject({ code: "ChannelDisputed" });
  const lagSec = life.chainLagSec();
  // What no contract enforces does not depend on seeing the chain in time. Source: ADR 0037.
  const isUnenforceable = use.type === "Virtual" && use.profile === "go-nitro";
  const isSeen = isUnenforceable || lagSec * CHAIN_LAG_PARTS <= fixedPart.challengeDurationSec;
  return isSeen ? accept(undefined) : reject({ code: "ChainNotSeen", lagSec });
}
