/** Claims about virtual channels, judged off chain and by the payment app's contract at once. */
import { expect } from "bun:test";
import { PAYMENT_APP } from "../contracts/payment-app.ts";
import { startEvm } from "../sim/chain/evm.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import type { Allocation, Outcome, SingleAssetExit } from "../src/channel/outcome.ts";
import {
  encodeRedemption,
  type ReceiptedVoucher,
  type RedeemedVouchers,
  redemptionState,
} from "../src/channel/redemption.ts";
import type { VariablePart } from "../src/channel/state.ts";
import type { Address } from "../src/crypto/address.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import {
  checkPaymentSupport,
  type RecoveredState,
  type SupportClaim,
} from "../src/protocols/payment-rule.ts";
import { askApp } from "./force-move-app.ts";
import {
  paidByAlice,
  paidByBob,
  postfundOf,
  virtualChannel,
  virtualCoins,
} from "./sample-payments.ts";

/** Where the judge's chain has the app. */
export const APP: Address = `0x${"a9".repeat(20)}` as Address;

/** Two judges who must agree. */
export type PaymentJudges = {
  /** What both say: the reason, or nothing where the state is supported. */
  readonly judge: (claim: SupportClaim) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Starts a chain with the app on it. */
export async function startJudges(): Promise<PaymentJudges> {
  const chain = await startEvm({ accounts: [] });
  await chain.rpc.request("hardhat_setCode", [APP, PAYMENT_APP.deployedBytecode]);
  const judge = async (claim: SupportClaim): Promise<string> => {
    const ours = checkPaymentSupport(claim, signatureBackend.recoverSigner);
    const theirs = await askApp(chain.rpc, APP, claim);
    const reason = ours.ok ? "" : ours.reason.code;
    expect(theirs).toEqual({ supported: ours.ok, reason, reverted: false });
    return reason;
  };
  return { judge, stop: () => chain.stop() };
}

export const CHANNEL: FixedPart = virtualChannel(APP);
export const FUNDING: Outcome = virtualCoins(100n, 20n);
export const POSTFUND: VariablePart = postfundOf(FUNDING);

/** A state that all three signed, unless said otherwise. */
export const recovered = (variablePart: VariablePart, signedBy = 0b111n): RecoveredState => ({
  variablePart,
  signedBy,
});

/** A state without proof. */
export const agreed = (change: Partial<VariablePart>, signedBy = 0b111n): SupportClaim => ({
  fixedPart: CHANNEL,
  proof: [],
  candidate: recovered({ ...POSTFUND, ...change }, signedBy),
});

/** A redemption of vouchers that fit. */
export function redeemed(
  vouchers: Partial<RedeemedVouchers>,
  funding: Outcome = FUNDING,
): VariablePart {
  const { left, right } = vouchers;
  const state = redemptionState(funding, { left, right });
  if (!state.ok) throw new Error(`the vouchers do not fit: ${state.reason.code}`);
  return state.value;
}

/** The third voucher by Alice, of 30. */
export const LEFT: ReceiptedVoucher = paidByAlice(CHANNEL, 3, 30n);
/** The second voucher by Bob, of 50: more than he had at first. */
export const RIGHT: ReceiptedVoucher = paidByBob(CHANNEL, 2, 50n);
export const REDEEMED: VariablePart = redeemed({ left: LEFT, right: RIGHT });

/** The redemption of both vouchers, with something else in it, signed by Bob. */
export const redeeming = (change: Partial<VariablePart> = {}, signedBy = 0b100n): SupportClaim => ({
  fixedPart: CHANNEL,
  proof: [recovered(POSTFUND)],
  candidate: recovered({ ...REDEEMED, ...change }, signedBy),
});

/** The redemption with other vouchers in its app data, and the turn of their counters. */
export const showing = (
  left: ReceiptedVoucher | undefined,
  right: ReceiptedVoucher | undefined,
): SupportClaim =>
  redeeming({
    appData: encodeRedemption({ left, right }, FUNDING.length),
    turnNum: 1 + (left?.counter ?? 0) + (right?.counter ?? 0),
  });

/** An outcome with another first exit. */
export function exitChanged(change: Partial<SingleAssetExit>, outcome: Outcome = FUNDING): Outcome {
  return outcome.map((exit, index) => (index === 0 ? { ...exit, ...change } : exit));
}

/** An outcome with another allocation in its first exit. */
export function claimChanged(
  at: number,
  change: Partial<Allocation>,
  outcome: Outcome = FUNDING,
): Outcome {
  const claims = outcome[0]?.allocations ?? [];
  const allocations = claims.map((one, index) => (index === at ? { ...one, ...change } : one));
  return exitChanged({ allocations }, outcome);
}
