/** The two published apps that channels use here: unanimous consent, and one-way payments. Source: ConsensusApp, VirtualPaymentApp. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { sourceOf, tuple, uint } from "./abi.ts";
import { appOf } from "./app.ts";
import type { Contract } from "./contract.ts";
import type { ContractSignature } from "./ecrecover.ts";
import { PANIC, panic, require, revertWith } from "./revert.ts";
import { countSigners, recoverSigner } from "./signers.ts";
import {
  channelIdOf,
  type Exit,
  type FixedPart,
  type RecoveredVariablePart,
  SIGNATURE,
  type SupportClaim,
} from "./structs.ts";
import { hashOf, wordOf } from "./words.ts";

/** Supported is what all signed. */
export const consensusApp: Contract = appOf(({ candidate, fixedPart, proof }) => {
  require(proof.length === 0, "|proof|!=0");
  require(isUnanimous(candidate, fixedPart), "!unanimous");
  return "";
});

/** Supported is the prefund, the postfund, or a redemption by the payee of the payer's newest voucher. */
export const virtualPaymentApp: Contract = appOf((claim) => {
  if (claim.proof.length === 0) return requireFunding(claim);
  const [postfund, ...others] = claim.proof;
  if (postfund === undefined || others.length > 0) throw revertWith("bad proof length");
  return requireRedemption(claim, postfund);
});

function isUnanimous({ signedBy }: RecoveredVariablePart, { participants }: FixedPart): boolean {
  return countSigners(signedBy) === participants.length;
}

function requireFunding({ candidate, fixedPart }: SupportClaim): string {
  require(isUnanimous(candidate, fixedPart), "!unanimous; |proof|=0");
  require(candidate.variablePart.turnNum <= 1n, "bad candidate turnNum; |proof|=0");
  return "";
}

function requireRedemption(
  { candidate, fixedPart }: SupportClaim,
  postfund: RecoveredVariablePart,
): string {
  require(postfund.variablePart.turnNum === 1n, "bad proof[0].turnNum; |proof|=1");
  require(isUnanimous(postfund, fixedPart), "postfund !unanimous; |proof|=1");
  require(candidate.variablePart.turnNum === 2n, "bad candidate turnNum; |proof|=1");
  const { length } = fixedPart.participants;
  if (length === 0) throw panic(PANIC.arithmetic);
  // A number of eight bits: of 257 participants the contract takes the first for the last.
  const payee = BigInt((length - 1) % 256);
  require((candidate.signedBy >> payee) % 2n === 1n, "redemption not signed by Bob");
  const paid = readVoucher(fixedPart, candidate.variablePart.appData);
  requirePaid(postfund.variablePart.outcome, candidate.variablePart.outcome, paid);
  return "";
}

type Voucher = { readonly amount: bigint; readonly signature: ContractSignature };

const VOUCHER = tuple<Voucher>({ amount: uint(256), signature: SIGNATURE });

function readVoucher(fixedPart: FixedPart, appData: Hex): bigint {
  const { amount, signature } = VOUCHER.decode(sourceOf(appData), 0);
  const signer = recoverSigner(hashOf(channelIdOf(fixedPart).slice(2) + wordOf(amount)), signature);
  require(signer === fixedPart.participants[0], "invalid signature for voucher");
  return amount;
}

function requirePaid(before: readonly Exit[], after: readonly Exit[], paid: bigint): void {
  const [old, ...otherOld] = before;
  const [redeemed, ...otherRedeemed] = after;
  const isOneEach =
    old !== undefined &&
    redeemed !== undefined &&
    otherOld.length + otherRedeemed.length === 0 &&
    BigInt(old.asset) === 0n &&
    BigInt(redeemed.asset) === 0n;
  require(isOneEach, "only native asset allowed");
  const payer = amountAt(redeemed, 0);
  const payerBefore = amountAt(old, 0);
  if (payerBefore < paid) throw panic(PANIC.arithmetic);
  require(payer === payerBefore - paid, "Alice not adjusted correctly");
  require(amountAt(redeemed, 1) === paid, "Bob not adjusted correctly");
}

function amountAt({ allocations }: Exit, index: number): bigint {
  const allocation = allocations[index];
  if (allocation === undefined) throw panic(PANIC.index);
  return allocation.amount;
}
