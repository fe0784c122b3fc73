/** The payment app of the enforceable profile, written anew from its rules. Source: contracts/PaymentApp.sol, ADR 0020. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { array, type Codec, sourceOf, tuple, uint } from "./abi.ts";
import { appOf } from "./app.ts";
import type { Contract } from "./contract.ts";
import { type ContractSignature, ecrecover } from "./ecrecover.ts";
import { personalDigest } from "./signers.ts";
import {
  type Allocation,
  channelIdOf,
  type Exit,
  type FixedPart,
  GUARANTEE,
  type RecoveredVariablePart,
  SIGNATURE,
  type SupportClaim,
} from "./structs.ts";
import { encodeText, hashOf, WORD_VALUES, wordOf } from "./words.ts";

/** All that one end ever paid the other. */
type Voucher = {
  readonly counter: bigint;
  readonly amounts: readonly bigint[];
  readonly signature: ContractSignature;
  readonly receipt: ContractSignature;
};

const VOUCHER: Codec<Voucher> = tuple<Voucher>({
  counter: uint(32),
  amounts: array(uint(256)),
  signature: SIGNATURE,
  receipt: SIGNATURE,
});

type Vouchers = { readonly left: Voucher; readonly right: Voucher };

const VOUCHERS: Codec<Vouchers> = tuple<Vouchers>({ left: VOUCHER, right: VOUCHER });

/** Half the order of the curve: the contract takes no larger `s`. Source: EIP-2. */
const HALF_ORDER: Hex = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";

/** "receipt", as it stands behind the hash that a payee signs. */
const RECEIPT_SUFFIX = wordOf(64n) + encodeText("receipt");

/** Refuses with one word, and never reverts on its own account. */
export const paymentApp: Contract = appOf((claim) => {
  const { candidate, fixedPart, proof } = claim;
  const count = fixedPart.participants.length;
  if (count < 2 || count > 255) return "ParticipantCountOutOfRange";
  if (proof.length > 1) return "ProofTooLong";
  const shape = shapeRefusal(candidate.variablePart.outcome);
  if (shape !== "") return shape;
  const [postfund] = proof;
  if (postfund === undefined) return isSignedByAll(candidate, count) ? "" : "NotUnanimous";
  const proofRefusal = postfundRefusal(postfund, count);
  return proofRefusal === "" ? redemptionRefusal(claim, postfund) : proofRefusal;
});

function isSignedByAll({ signedBy }: RecoveredVariablePart, count: number): boolean {
  return signedBy === (1n << BigInt(count)) - 1n;
}

function shapeRefusal(outcome: readonly Exit[]): string {
  if (outcome.length === 0) return "NoAsset";
  for (const { allocations } of outcome) {
    if (allocations.length !== 2) return "NotTwoAllocations";
    const areGuarantees = allocations.every(({ allocationType }) => allocationType === GUARANTEE);
    if (!areGuarantees) return "NotGuarantees";
  }
  return "";
}

function postfundRefusal(postfund: RecoveredVariablePart, count: number): string {
  if (postfund.variablePart.turnNum !== 1n) return "ProofNotPostfund";
  if (postfund.variablePart.isFinal) return "ProofFinal";
  if (!isSignedByAll(postfund, count)) return "ProofNotUnanimous";
  return shapeRefusal(postfund.variablePart.outcome);
}

function redemptionRefusal(
  { candidate, fixedPart }: SupportClaim,
  { variablePart: { outcome: funding } }: RecoveredVariablePart,
): string {
  const { appData, isFinal, outcome, turnNum } = candidate.variablePart;
  if (isFinal) return "RedemptionFinal";
  const ends = 1n | (1n << BigInt(fixedPart.participants.length - 1));
  if ((candidate.signedBy & ends) === 0n) return "NotSignedByAnEnd";
  if (!keepsAllButAmounts(funding, outcome)) return "OutcomeChanged";
  const vouchers = readVouchers(appData, funding.length);
  if (vouchers === undefined) return "AppDataMalformed";
  const counters = vouchers.left.counter + vouchers.right.counter;
  if (counters === 0n) return "NothingRedeemed";
  if (turnNum !== 1n + counters) return "TurnWrong";
  const amounts = amountsRefusal(funding, outcome, vouchers);
  return amounts === "" ? vouchersRefusal(fixedPart, vouchers) : amounts;
}

function keepsAllButAmounts(funding: readonly Exit[], redeemed: readonly Exit[]): boolean {
  const isSameClaim = (one: Allocation, other: Allocation | undefined): boolean =>
    one.destination === other?.destination && one.metadata === other.metadata;
  const isSameExit = (one: Exit, other: Exit | undefined): boolean =>
    one.asset === other?.asset &&
    one.assetMetadata.assetType === other.assetMetadata.assetType &&
    one.assetMetadata.metadata === other.assetMetadata.metadata &&
    one.allocations.every((claim, index) => isSameClaim(claim, other.allocations[index]));
  return (
    funding.length === redeemed.length &&
    funding.every((exit, index) => isSameExit(exit, redeemed[index]))
  );
}

/** Two vouchers in their only encoding, with one amount per asset; one that is missing is all zeros. */
function readVouchers(appData: Hex, assets: number): Vouchers | undefined {
  const words = 9 + assets;
  if (appData.length !== 2 + 64 * (2 + 2 * words)) return undefined;
  try {
    const vouchers = VOUCHERS.decode(sourceOf(appData), 0);
    const isCanonical = `0x${VOUCHERS.encode(vouchers)}` === appData;
    const isWhole = (voucher: Voucher): boolean =>
      voucher.amounts.length === assets && (voucher.counter > 0n || isZero(voucher));
    return isCanonical && isWhole(vouchers.left) && isWhole(vouchers.right) ? vouchers : undefined;
  } catch {
    // What cannot be decoded is malformed: the contract looks before it decodes.
    return undefined;
  }
}

function isZero({ amounts, receipt, signature }: Voucher): boolean {
  const words = [signature.r, signature.s, receipt.r, receipt.s].map(BigInt);
  return [...amounts, ...words, signature.v, receipt.v].every((word) => word === 0n);
}

function amountsRefusal(
  funding: readonly Exit[],
  redeemed: readonly Exit[],
  { left, right }: Vouchers,
): string {
  for (const [index, exit] of funding.entries()) {
    const [byLeft = 0n, byRight = 0n] = [left.amounts[index], right.amounts[index]];
    const refusal = amountRefusal(amountsOf(exit), amountsOf(redeemed[index]), byLeft - byRight);
    if (refusal !== "") return refusal;
  }
  return "";
}

type Amounts = readonly [left: bigint, right: bigint];

function amountsOf(exit: Exit | undefined): Amounts {
  return [exit?.allocations[0]?.amount ?? 0n, exit?.allocations[1]?.amount ?? 0n];
}

/** `paid` is what the left end paid more than it was paid. */
function amountRefusal([left, right]: Amounts, redeemed: Amounts, paid: bigint): string {
  if (left + right >= WORD_VALUES) return "SumTooLarge";
  if (paid > left || -paid > right) return "Overdrawn";
  return redeemed[0] === left - paid && redeemed[1] === right + paid ? "" : "AmountWrong";
}

function vouchersRefusal(fixedPart: FixedPart, { left, right }: Vouchers): string {
  const { participants } = fixedPart;
  const ends = [participants[0], participants.at(-1)] as const;
  const channelId = channelIdOf(fixedPart);
  const refusal = voucherRefusal(channelId, left, ends);
  return refusal === "" ? voucherRefusal(channelId, right, [ends[1], ends[0]]) : refusal;
}

const SIGNED_AMOUNTS = tuple<{
  readonly channelId: bigint;
  readonly counter: bigint;
  readonly amounts: readonly bigint[];
}>({ channelId: uint(256), counter: uint(32), amounts: array(uint(256)) });

function voucherRefusal(
  channelId: Hex,
  { amounts, counter, receipt, signature }: Voucher,
  [payer, payee]: readonly [Hex | undefined, Hex | undefined],
): string {
  if (counter === 0n) return "";
  const hash = hashOf(SIGNED_AMOUNTS.encode({ channelId: BigInt(channelId), counter, amounts }));
  if (!isSignedBy(hash, signature, payer)) return "VoucherNotSigned";
  const receiptHash = hashOf(hash.slice(2) + RECEIPT_SUFFIX);
  return isSignedBy(receiptHash, receipt, payee) ? "" : "VoucherNotReceipted";
}

function isSignedBy(hash: Hex, signature: ContractSignature, signer: Hex | undefined): boolean {
  if (signature.s > HALF_ORDER) return false;
  const recovered = ecrecover(personalDigest(hash), signature);
  return recovered !== undefined && recovered === signer;
}
