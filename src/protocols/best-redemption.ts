/** What one participant of a virtual channel can show to the chain, alone, at any moment. */
import type { ChallengeState } from "../channel/challenge.ts";
import type { Channel } from "../channel/channel.ts";
import { redemptionTurn, voucherReceiptHash } from "../channel/payment-voucher.ts";
import { decodeRedemption, type ReceiptedVoucher, redemptionState } from "../channel/redemption.ts";
import type { SignedState } from "../channel/signed-state.ts";
import { stateHash } from "../channel/state.ts";
import { promiseHash, type Voucher } from "../channel/voucher.ts";
import { assert } from "../primitives/assert.ts";
import { endingMove, loneMove } from "./best-move.ts";
import type { Context } from "./protocol.ts";
import { allSignatures } from "./signing.ts";

/** The arguments of a challenge. */
export type Redemption = {
  readonly candidate: ChallengeState;
  /** The postfund where vouchers are redeemed, the state below a move of mine alone; nothing for what all signed. */
  readonly proof: readonly ChallengeState[];
};

/**
 * The state that pays me what I count as mine, or more, and that nobody can outbid with less for me: the final
 * state where there is one, else my newest move of a game, the other one's last one where the contract takes nothing
 * below it any more, the redemption of the best vouchers, else the postfund. Undefined while
 * not even the prefund is complete. What I was paid I receipt on the spot; what I paid counts where
 * the other end has receipted it, in a message or, as `shown`, on the chain. Source: ADR 0020.
 */
export function bestRedemption(
  channel: Channel,
  context: Context,
  shown?: ReceiptedVoucher,
): Redemption | undefined {
  const { fundingOutcome, myIndex, supported, vouchers } = channel;
  if (supported === undefined) return undefined;
  const lone = loneMove(channel);
  if (lone !== undefined) return { candidate: shownState(lone.move), proof: [shownState(lone.on)] };
  const ended = endingMove(channel, context);
  if (ended !== undefined)
    return { candidate: shownState(ended.move), proof: [shownState(ended.on)] };
  const agreed = { variablePart: supported.variablePart, signatures: allSignatures(supported) };
  if (!redeemsVouchers(channel, shown)) return { candidate: agreed, proof: [] };
  const paid = newer(vouchers.issuedReceipted, shown);
  const got = vouchers.received && receipted(channel, vouchers.received, context);
  const [left, right] = myIndex === 0 ? [paid, got] : [got, paid];
  const redeemed = redemptionState(fundingOutcome, { left, right });
  assert(redeemed.ok, "what was taken for money is covered");
  const signature = context.sign(stateHash(channel.id, redeemed.value));
  return {
    candidate: { variablePart: redeemed.value, signatures: [signature] },
    proof: [agreed],
  };
}

function shownState({ signatures, variablePart }: SignedState): ChallengeState {
  return { variablePart, signatures: signatures.filter((signature) => signature !== undefined) };
}

/** The turn of `bestRedemption`: what a challenge must show for me to have nothing better. */
export function bestTurn(channel: Channel, shown?: ReceiptedVoucher): number {
  const { supported, vouchers } = channel;
  const lone = loneMove(channel);
  if (lone !== undefined) return lone.move.variablePart.turnNum;
  if (!redeemsVouchers(channel, shown)) return supported?.variablePart.turnNum ?? -1;
  const paid = newer(vouchers.issuedReceipted, shown);
  return redemptionTurn(paid?.counter ?? 0, vouchers.received?.counter ?? 0);
}

/** The voucher of mine that the challenge on the channel shows with its receipt; undefined where it shows none. */
export function shownVoucher(channel: Channel): ReceiptedVoucher | undefined {
  const { adjudication, fundingOutcome, myIndex, use } = channel;
  const isPaidIn = use.type === "Virtual" && use.profile === "enforceable";
  if (!isPaidIn || adjudication.type !== "Challenged") return undefined;
  const redeemed = decodeRedemption(adjudication.appData, fundingOutcome.length);
  if (!redeemed.ok) return undefined;
  const last = channel.fixedPart.participants.length - 1;
  if (myIndex === 0) return redeemed.value.left;
  return myIndex === last ? redeemed.value.right : undefined;
}

function redeemsVouchers(
  { fixedPart, myIndex, supported, use, vouchers }: Channel,
  shown: ReceiptedVoucher | undefined,
): boolean {
  const isVirtual = use.type === "Virtual" && use.profile === "enforceable";
  const isEnd = myIndex === 0 || myIndex === fixedPart.participants.length - 1;
  const hasVouchers =
    vouchers.issuedReceipted !== undefined ||
    shown !== undefined ||
    vouchers.received !== undefined;
  const isOpen = supported !== undefined && !supported.variablePart.isFinal;
  return isVirtual && isEnd && hasVouchers && isOpen;
}

function newer(
  one: ReceiptedVoucher | undefined,
  other: ReceiptedVoucher | undefined,
): ReceiptedVoucher | undefined {
  return (other?.counter ?? 0) > (one?.counter ?? 0) ? other : one;
}

function receipted({ id }: Channel, voucher: Voucher, { sign }: Context): ReceiptedVoucher {
  const hash = promiseHash("enforceable", id, voucher);
  return { ...voucher, receipt: sign(voucherReceiptHash(hash)) };
}
