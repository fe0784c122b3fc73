/** A ledger channel full of guarantees, signed by all: what a dispute on chain has to work through. */
import { type TestAccount, testAccount } from "../sim/chain/test-account.ts";
import type { Claim, SignedVariablePart } from "../src/chain/adjudicator.ts";
import { type ChannelId, channelIdOf } from "../src/channel/channel-id.ts";
import { channelDestination, externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { encodeGuarantee } from "../src/channel/guarantee.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome } from "../src/channel/outcome.ts";
import { paymentVoucherHash, voucherReceiptHash } from "../src/channel/payment-voucher.ts";
import { type ReceiptedVoucher, redemptionState } from "../src/channel/redemption.ts";
import { stateHash, TURN, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Signature } from "../src/crypto/signature.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { Hex } from "../src/primitives/hex.ts";

/** How full a ledger is, and of what. */
export type LedgerShape = {
  /** Virtual channels, each with one guarantee per asset. */
  readonly targets: number;
  readonly assets: readonly Address[];
  /** Intermediaries of each virtual channel, 1 or more. */
  readonly intermediaries: number;
};

/** The apps that judge the channels. */
export type LedgerApps = { readonly ledger: Address; readonly target: Address };

/** A channel with the claim that finalizes it, and the signature that a challenge needs beside it. */
export type ChallengedChannel = {
  readonly channelId: ChannelId;
  readonly claim: Claim;
  readonly challengerSignature: Signature;
};

/** A ledger and the channels that it guarantees, in the order of its guarantees. */
export type FullLedger = {
  readonly ledger: ChallengedChannel;
  readonly targets: readonly ChallengedChannel[];
};

/** Seconds of a challenge: a day, which is what the limit of guarantees is made for. */
export const CHALLENGE_DURATION_SEC = 86_400;

/** What the left side of a target has, and the right one: 18 digits, as real amounts of coins have. */
const LEFT_AMOUNT = 987_654_321_987_654_321n;
const RIGHT_AMOUNT = 123_456_789_123_456_789n;
/** What each side paid, in the same unit, and in how many payments. */
const PAID = [345_678_912_345_678_912n, 12_345_678_912_345_678n];
const PAYMENTS = 1_000_000;

/** Builds and signs a full ledger. Its guarantees come first, sorted by target; two parties come last. */
export function fullLedger(shape: LedgerShape, apps: LedgerApps): FullLedger {
  const people = peopleOf(shape.intermediaries);
  const parties = people.slice(0, 2);
  const targets = Array.from({ length: shape.targets }, (_, nonce) =>
    signedTarget(people, shape.assets, { app: apps.target, nonce }),
  ).sort((one, other) => (one.channelId < other.channelId ? -1 : 1));
  const fixedPart = fixedPartOf(parties, apps.ledger, shape.targets);
  const outcome = ledgerOutcome(parties, shape.assets, targets);
  const state = { outcome, appData: "0x" as Hex, turnNum: 1_000_000, isFinal: false };
  return {
    ledger: challengeOf(parties, fixedPart, [], signedBy(parties, fixedPart, state)),
    targets,
  };
}

/** The first is Alice and the last is Bob; the ledger is between Alice and the hub next to her. */
function peopleOf(intermediaries: number): readonly TestAccount[] {
  return Array.from({ length: intermediaries + 2 }, (_, index) => testAccount(100 + index));
}

/** A target as Bob shows it: the postfund state, and what vouchers of both directions make of it. */
function signedTarget(
  people: readonly TestAccount[],
  assets: readonly Address[],
  { app, nonce }: { readonly app: Address; readonly nonce: number },
): ChallengedChannel {
  const fixedPart = fixedPartOf(people, app, nonce);
  const sides = [people[0], people.at(-1)].map((person) => assertDefined(person, "a side"));
  const outcome = targetOutcome(sides, assets);
  const postfund = { outcome, appData: "0x" as Hex, turnNum: TURN.postfund, isFinal: false };
  const [left, right] = receiptedVouchers(sides, channelIdOf(fixedPart), assets.length);
  const redemption = redemptionState(outcome, { left, right });
  assert(redemption.ok, "the vouchers fit the target");
  const bob = people.slice(-1);
  const proof = signedBy(people, fixedPart, postfund);
  return challengeOf(bob, fixedPart, [proof], signedBy(bob, fixedPart, redemption.value));
}

/** The vouchers of both sides, each with the receipt of the other one. */
function receiptedVouchers(
  sides: readonly TestAccount[],
  channelId: ChannelId,
  assetCount: number,
): readonly ReceiptedVoucher[] {
  return sides.map((payer, side) => {
    const paid = assertDefined(PAID[side], "what a side paid");
    const promise = { channelId, counter: PAYMENTS, amounts: new Array(assetCount).fill(paid) };
    const hash = paymentVoucherHash(promise);
    const payee = assertDefined(sides[1 - side], "the other side");
    const receipt = payee.signHash(voucherReceiptHash(hash));
    return { ...promise, signature: payer.signHash(hash), receipt };
  });
}

function targetOutcome(sides: readonly TestAccount[], assets: readonly Address[]): Outcome {
  return assets.map((asset) => ({
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: sides.map(({ address }, side) => ({
      destination: externalDestination(address),
      amount: side === 0 ? LEFT_AMOUNT : RIGHT_AMOUNT,
      allocationType: ALLOCATION_TYPE.guarantee,
      metadata: "0x",
    })),
  }));
}

function ledgerOutcome(
  parties: readonly TestAccount[],
  assets: readonly Address[],
  targets: readonly ChallengedChannel[],
): Outcome {
  const [alice, hub] = parties.map(({ address }) => externalDestination(address));
  const metadata = encodeGuarantee({
    left: assertDefined(alice, "Alice"),
    right: assertDefined(hub, "the hub"),
  });
  const guarantees: readonly Allocation[] = targets.map(({ channelId }) => ({
    destination: channelDestination(channelId),
    amount: LEFT_AMOUNT + RIGHT_AMOUNT,
    allocationType: ALLOCATION_TYPE.guarantee,
    metadata,
  }));
  const rest: readonly Allocation[] = parties.map(({ address }) => ({
    destination: externalDestination(address),
    amount: LEFT_AMOUNT,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x",
  }));
  return assets.map((asset) => ({
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [...guarantees, ...rest],
  }));
}

function fixedPartOf(people: readonly TestAccount[], app: Address, nonce: number): FixedPart {
  return {
    participants: people.map(({ address }) => address),
    // As full of digits as a nonce that was drawn.
    channelNonce: 2n ** 63n + BigInt(nonce),
    appDefinition: app,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  };
}

function signedBy(
  people: readonly TestAccount[],
  fixedPart: FixedPart,
  variablePart: VariablePart,
): SignedVariablePart {
  const hash = stateHash(channelIdOf(fixedPart), variablePart);
  return { variablePart, signatures: people.map((person) => person.signHash(hash)) };
}

function challengeOf(
  [challenger]: readonly TestAccount[],
  fixedPart: FixedPart,
  proof: readonly SignedVariablePart[],
  candidate: SignedVariablePart,
): ChallengedChannel {
  const channelId = channelIdOf(fixedPart);
  const hash = challengeHash(stateHash(channelId, candidate.variablePart));
  return {
    channelId,
    claim: { fixedPart, proof, candidate },
    challengerSignature: assertDefined(challenger, "a challenger").signHash(hash),
  };
}
