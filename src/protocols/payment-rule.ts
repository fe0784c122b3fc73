/** The rule of our payment app, off chain: the same verdict as the contract's, with the same reason. */
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import { type FixedPart, PARTICIPANTS_MAX, PARTICIPANTS_MIN } from "../channel/fixed-part.ts";
import {
  ALLOCATION_TYPE,
  type Allocation,
  AMOUNT_MAX,
  type Outcome,
  type SingleAssetExit,
  totalOf,
} from "../channel/outcome.ts";
import {
  paymentVoucherHash,
  redemptionTurn,
  voucherReceiptHash,
} from "../channel/payment-voucher.ts";
import {
  decodeRedemption,
  type ReceiptedVoucher,
  type RedeemedVouchers,
  redeemedOutcome,
} from "../channel/redemption.ts";
import { TURN, type VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Context } from "./protocol.ts";

/** A state, and who signed it. Source: INitroTypes.RecoveredVariablePart. */
export type RecoveredState = {
  readonly variablePart: VariablePart;
  /** Bit i is set when participant i signed. */
  readonly signedBy: bigint;
};

/** What is shown as supported: a state, and the states that lead to it. */
export type SupportClaim = {
  readonly fixedPart: FixedPart;
  /** Nothing for a state that all signed; the postfund for a redemption. */
  readonly proof: readonly RecoveredState[];
  readonly candidate: RecoveredState;
};

/** Why a state is not supported. The codes are the contract's reasons. Source: PaymentApp.sol. */
export type PaymentRejection = {
  readonly code:
    | "ParticipantCountOutOfRange"
    | "ProofTooLong"
    /** The shape that every supported state has: an asset, and two guarantees per asset. */
    | "NoAsset"
    | "NotTwoAllocations"
    | "NotGuarantees"
    | "NotUnanimous"
    /** The proof is a unanimous postfund, and not final. */
    | "ProofNotPostfund"
    | "ProofFinal"
    | "ProofNotUnanimous"
    | "RedemptionFinal"
    /** Neither the first participant nor the last signed the redemption. */
    | "NotSignedByAnEnd"
    /** More than amounts differs from the postfund. */
    | "OutcomeChanged"
    | "AppDataMalformed"
    | "NothingRedeemed"
    /** Not 1 plus both counters. */
    | "TurnWrong"
    /** The postfund claims more than a contract can add up. */
    | "SumTooLarge"
    | "Overdrawn"
    /** Not what the vouchers give. */
    | "AmountWrong"
    | "VoucherNotSigned"
    | "VoucherNotReceipted";
};

type Checked = Result<undefined, PaymentRejection>;

const GOOD: Checked = accept(undefined);

const refuse = (code: PaymentRejection["code"]): Checked => reject({ code });

/** What the contract's `stateIsSupported` says of the claim. */
export function checkPaymentSupport(
  { candidate, fixedPart, proof }: SupportClaim,
  recoverSigner: Context["recoverSigner"],
): Checked {
  const count = fixedPart.participants.length;
  const [postfund, ...others] = proof;
  if (count < PARTICIPANTS_MIN || count > PARTICIPANTS_MAX) {
    return refuse("ParticipantCountOutOfRange");
  }
  if (others.length > 0) return refuse("ProofTooLong");
  const shape = checkShape(candidate.variablePart.outcome);
  if (!shape.ok) return shape;
  if (postfund === undefined) return isUnanimous(candidate, count) ? GOOD : refuse("NotUnanimous");
  const provesIt = checkPostfund(postfund, count);
  if (!provesIt.ok) return provesIt;
  return checkRedemption(fixedPart, postfund.variablePart.outcome, candidate, recoverSigner);
}

function isUnanimous({ signedBy }: RecoveredState, count: number): boolean {
  return signedBy === (1n << BigInt(count)) - 1n;
}

function checkShape(outcome: Outcome): Checked {
  if (outcome.length === 0) return refuse("NoAsset");
  for (const { allocations } of outcome) {
    if (allocations.length !== 2) return refuse("NotTwoAllocations");
    const isGuarantee = (claim: Allocation): boolean =>
      claim.allocationType === ALLOCATION_TYPE.guarantee;
    if (!allocations.every(isGuarantee)) return refuse("NotGuarantees");
  }
  return GOOD;
}

function checkPostfund(postfund: RecoveredState, count: number): Checked {
  const { isFinal, outcome, turnNum } = postfund.variablePart;
  if (turnNum !== TURN.postfund) return refuse("ProofNotPostfund");
  if (isFinal) return refuse("ProofFinal");
  if (!isUnanimous(postfund, count)) return refuse("ProofNotUnanimous");
  return checkShape(outcome);
}

function checkRedemption(
  fixedPart: FixedPart,
  funding: Outcome,
  { signedBy, variablePart }: RecoveredState,
  recoverSigner: Context["recoverSigner"],
): Checked {
  const { appData, isFinal, outcome, turnNum } = variablePart;
  if (isFinal) return refuse("RedemptionFinal");
  const ends = 1n | (1n << BigInt(fixedPart.participants.length - 1));
  if ((signedBy & ends) === 0n) return refuse("NotSignedByAnEnd");
  if (!keepsAllButAmounts(funding, outcome)) return refuse("OutcomeChanged");
  const vouchers = decodeRedemption(appData, funding.length);
  if (!vouchers.ok) return vouchers;
  const { left, right } = vouchers.value;
  if (left === undefined && right === undefined) return refuse("NothingRedeemed");
  if (turnNum !== redemptionTurn(left?.counter ?? 0, right?.counter ?? 0)) {
    return refuse("TurnWrong");
  }
  const paysRight = checkAmounts(funding, outcome, vouchers.value);
  return paysRight.ok ? checkVouchers(fixedPart, vouchers.value, recoverSigner) : paysRight;
}

function keepsAllButAmounts(funding: Outcome, redeemed: Outcome): boolean {
  return (
    funding.length === redeemed.length &&
    funding.every((exit, index) => isSameExit(exit, redeemed[index]))
  );
}

/** Types and numbers of allocations need no look: both have the shape by now. */
function isSameExit(one: SingleAssetExit, other: SingleAssetExit | undefined): boolean {
  return (
    one.asset === other?.asset &&
    one.assetMetadata.assetType === other.assetMetadata.assetType &&
    one.assetMetadata.metadata === other.assetMetadata.metadata &&
    one.allocations.every(({ destination, metadata }, index) => {
      const claim = other.allocations[index];
      return destination === claim?.destination && metadata === claim.metadata;
    })
  );
}

/** Asset by asset, as the contract goes, so that the first fault is the same. */
function checkAmounts(
  funding: Outcome,
  redeemed: Outcome,
  { left, right }: RedeemedVouchers,
): Checked {
  for (const [index, exit] of funding.entries()) {
    if (totalOf(exit) > AMOUNT_MAX) return refuse("SumTooLarge");
    const due = redeemedOutcome(
      [exit],
      left?.amounts.slice(index, index + 1),
      right?.amounts.slice(index, index + 1),
    );
    if (!due.ok) return refuse("Overdrawn");
    const amounts = redeemed[index]?.allocations.map(({ amount }) => amount);
    const isExact = due.value[0]?.allocations.every(({ amount }, at) => amount === amounts?.[at]);
    if (isExact !== true) return refuse("AmountWrong");
  }
  return GOOD;
}

function checkVouchers(
  fixedPart: FixedPart,
  { left, right }: RedeemedVouchers,
  recoverSigner: Context["recoverSigner"],
): Checked {
  const channelId = channelIdOf(fixedPart);
  const ends = [fixedPart.participants[0], fixedPart.participants.at(-1)] as const;
  const ofLeft = checkVoucher(channelId, left, ends, recoverSigner);
  return ofLeft.ok ? checkVoucher(channelId, right, [ends[1], ends[0]], recoverSigner) : ofLeft;
}

function checkVoucher(
  channelId: ChannelId,
  voucher: ReceiptedVoucher | undefined,
  [payer, payee]: readonly [Address | undefined, Address | undefined],
  recoverSigner: Context["recoverSigner"],
): Checked {
  if (voucher === undefined) return GOOD;
  const hash = paymentVoucherHash({ channelId, ...voucher });
  if (recoverSigner(hash, voucher.signature) !== payer) return refuse("VoucherNotSigned");
  const isReceipted = recoverSigner(voucherReceiptHash(hash), voucher.receipt) === payee;
  return isReceipted ? GOOD : refuse("VoucherNotReceipted");
}
