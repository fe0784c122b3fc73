/** What is to be said to a node of go-nitro about a virtual channel: its opening, its vouchers, its end. */
import type { Channel } from "../../channel/channel.ts";
import { virtualDefundId, virtualFundId } from "../../channel/objective-id.ts";
import { isSupported } from "../../channel/signed-state.ts";
import { TURN } from "../../channel/state.ts";
import type { GoNitroPayload } from "../../messages/go-nitro/message.ts";
import { runningPayloads } from "./ledger-words.ts";
import { END_BEHIND_OPENING_MS, VOUCHER_TIMES_MAX } from "./limits.ts";
import { type GoNitroView, hasSigned, isHeld, isWanted, knownFinal, knownState } from "./view.ts";
import { NOTHING_SAID, payloadWord, statePayload, type Word } from "./word.ts";

/** Everything that there is to say about a virtual channel now to its participant `index`. */
export function virtualWords(view: GoNitroView, channel: Channel, index: number): readonly Word[] {
  return [
    ...openingWords(view, channel, index),
    ...voucherWords(channel, index),
    ...requestWords(view, channel, index),
    ...endWords(view, channel, index),
  ];
}

/** First the prefund, and with the postfund once more: whoever hears the postfund alone makes a wrong channel of it. */
function openingWords(view: GoNitroView, channel: Channel, index: number): readonly Word[] {
  const { id, myIndex } = channel;
  const fund = virtualFundId(id);
  const prefund = knownState(channel, TURN.prefund);
  const postfund = knownState(channel, TURN.postfund);
  if (!isHeld(view, fund) || !hasSigned(prefund, myIndex) || prefund === undefined) return [];
  const isEnding = hasSigned(knownFinal(channel), index);
  if (isEnding) return [];
  const isAwaited = isWanted(view, fund);
  const first = statePayload(channel, fund, prefund);
  if (postfund !== undefined && hasSigned(postfund, myIndex)) {
    const payloads = [first, statePayload(channel, fund, postfund)];
    return [payloadWord("postfund", payloads, isAwaited)];
  }
  if (hasSigned(postfund, index) || mayOvertake(view, channel, index)) return [];
  const payloads = [...ledgerPayloads(view, channel, index), first];
  return [payloadWord("prefund", payloads, isAwaited)];
}

/**
 * True when this participant's own prefund could reach a neighbour of mine before the neighbour knows that our ledger
 * runs: her signature on the prefund shows that she does.
 */
function mayOvertake(view: GoNitroView, channel: Channel, index: number): boolean {
  const prefund = knownState(channel, TURN.prefund);
  const others = [channel.myIndex - 1, channel.myIndex + 1].filter((one) => one !== index);
  return others.some(
    (one) => !hasSigned(prefund, one) && ledgerPayloads(view, channel, one).length > 0,
  );
}

/** A neighbour who does not know yet that our ledger runs would stop at what is to be funded by it. */
function ledgerPayloads(
  { channels }: GoNitroView,
  { myIndex, use }: Channel,
  index: number,
): readonly GoNitroPayload[] {
  if (use.type !== "Virtual") return [];
  const ledgerId = index === myIndex - 1 ? use.left : index === myIndex + 1 ? use.right : undefined;
  const ledger = ledgerId === undefined ? undefined : channels.get(ledgerId);
  return ledger === undefined ? [] : runningPayloads(ledger);
}

/** The newest voucher, which says all that the earlier ones did. */
function voucherWords(channel: Channel, index: number): readonly Word[] {
  const { fixedPart, id: channelId, myIndex, vouchers } = channel;
  const isPayee = index === fixedPart.participants.length - 1;
  const { issued } = vouchers;
  const amount = issued?.amounts[0];
  const isOver = knownFinal(channel) !== undefined;
  if (myIndex !== 0 || !isPayee || issued === undefined || amount === undefined || isOver) {
    return [];
  }
  const payments = [{ channelId, amount, signature: issued.signature }];
  const content = { ...NOTHING_SAID, payments };
  return [{ key: `voucher/${amount}`, content, timesMax: VOUCHER_TIMES_MAX, delayMs: 0 }];
}

/** Asks the payer for the final state, which only she can begin. */
function requestWords(view: GoNitroView, channel: Channel, index: number): readonly Word[] {
  const { id: channelId, myIndex } = channel;
  const defund = virtualDefundId(channelId);
  const isDue = index === 0 && myIndex !== 0 && isWanted(view, defund);
  if (!isDue || knownFinal(channel) !== undefined || !channel.wasOpen) return [];
  const request = { type: "RequestFinalState", objectiveId: defund, channelId } as const;
  // The payer tells the payee at once, who by then must know that the channel is open.
  const isPayee = myIndex === channel.fixedPart.participants.length - 1;
  const delayMs = isPayee ? 0 : END_BEHIND_OPENING_MS;
  return [payloadWord("request", [...openPayloads(channel), request], true, delayMs)];
}

/**
 * The end, from the payer to the payee first: whoever else signs it tells the payee, who may not know yet that the
 * channel is open, and would stop. The others do, since they have signed the postfund.
 */
function endWords(view: GoNitroView, channel: Channel, index: number): readonly Word[] {
  const { fixedPart, id, myIndex } = channel;
  const final = knownFinal(channel);
  if (final === undefined || !hasSigned(final, myIndex)) return [];
  const last = fixedPart.participants.length - 1;
  if (myIndex === 0 && index !== last && !hasSigned(final, last)) return [];
  const defund = virtualDefundId(id);
  const payloads = [...openPayloads(channel), statePayload(channel, defund, final)];
  return [payloadWord("end", payloads, isWanted(view, defund))];
}

/**
 * What completes the opening of a channel for a Go node that may have lost a line of it: it would stop at the end of
 * a channel that it is still opening. One that has completed it ignores this.
 */
function openPayloads(channel: Channel): readonly GoNitroPayload[] {
  const postfund = knownState(channel, TURN.postfund);
  if (postfund === undefined || !isSupported(postfund)) return [];
  return [statePayload(channel, virtualFundId(channel.id), postfund)];
}
