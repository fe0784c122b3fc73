/** What one participant of a virtual channel can show to the chain, alone, at any moment. */
import type { ChallengeState } from "../channel/challenge.ts";
import type { Channel } from "../channel/channel.ts";
import { voucherReceiptHash } from "../channel/payment-voucher.ts";
import { type ReceiptedVoucher, redemptionState } from "../channel/redemption.ts";
import { stateHash } from "../channel/state.ts";
import { promiseHash, type Voucher } from "../channel/voucher.ts";
import { assert } from "../primitives/assert.ts";
import type { Context } from "./protocol.ts";
import { allSignatures } from "./signing.ts";

/** The arguments of a challenge. */
export type Redemption = {
  readonly candidate: ChallengeState;
  /** The postfund where vouchers are redeemed; nothing for a state that all signed. */
  readonly proof: readonly ChallengeState[];
};

/**
 * The state that pays me what I count as mine, or more, and that nobody can outbid with less for me: the final
 * state where there is one, else the redemption of the best vouchers, else the postfund. Undefined while
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
  const agreed = { variablePart: supported.variablePart, signatures: allSignatures(supported) };
  const paid = newer(vouchers.issuedReceipted, shown);
  const got = vouchers.received && receipted(channel, vouchers.received, context);
  const isVirtual = channel.use.type === "Virtual" && channel.use.profile === "enforceable";
  const hasVouchers = paid !== undefined || got !== undefined;
  if (!isVirtual || !hasVouchers || supported.variablePart.isFinal) {
    return { candidate: agreed, proof: [] };
  }
  const [left, right] = myIndex === 0 ? [paid, got] : [got, paid];
  const redeemed = redemptionState(fundingOutcome, { left, right });
  assert(redeemed.ok, "what was taken for money is covered");
  const signature = context.sign(stateHash(channel.id, redeemed.value));
  return {
    candidate: { variablePart: redeemed.value, signatures: [signature] },
    proof: [agreed],
  };
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
