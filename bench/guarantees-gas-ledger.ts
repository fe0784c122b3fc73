/** A ledger channel full of guarantees, signed by all: what a dispute on chain has to work through. */
import { encodeAbiParameters } from "viem";
import { type TestAccount, testAccount } from "../sim/chain/test-account.ts";
import type { Claim, SignedVariablePart } from "../src/chain/adjudicator.ts";
import { type ChannelId, channelIdOf } from "../src/channel/channel-id.ts";
import { channelDestination, externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { encodeGuarantee } from "../src/channel/guarantee.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome } from "../src/channel/outcome.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import { voucherHash } from "../src/channel/voucher.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Signature } from "../src/crypto/signature.ts";
import { assertDefined } from "../src/primitives/assert.ts";
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
/** Of a voucher, in the same unit. */
const PAID = 345_678_912_345_678_912n;

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

/** A target as the one who is paid shows it: the postfund state, and what a voucher makes of it. */
function signedTarget(
  people: readonly TestAccount[],
  assets: readonly Address[],
  { app, nonce }: { readonly app: Address; readonly nonce: number },
): ChallengedChannel {
  const fixedPart = fixedPartOf(people, app, nonce);
  const bob = people.slice(-1);
  const postfund = targetState(people, assets, 1);
  const proof = signedBy(people, fixedPart, postfund);
  // The published app redeems coins alone. Of other assets the postfund state itself is shown.
  if (assets.length > 1) return challengeOf(bob, fixedPart, [], proof);
  const redemption = redeemed(people, fixedPart, postfund);
  return challengeOf(bob, fixedPart, [proof], signedBy(bob, fixedPart, redemption));
}

function redeemed(
  people: readonly TestAccount[],
  fixedPart: FixedPart,
  postfund: VariablePart,
): VariablePart {
  const [alice] = people;
  const signature = assertDefined(alice, "Alice").signHash(
    voucherHash(channelIdOf(fixedPart), PAID),
  );
  const outcome = postfund.outcome.map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((allocation, side) => ({
      ...allocation,
      amount: side === 0 ? LEFT_AMOUNT + RIGHT_AMOUNT - PAID : PAID,
    })),
  }));
  return { outcome, appData: voucherData(PAID, signature), turnNum: 2, isFinal: false };
}

/** `abi.encode(VoucherAmountAndSignature)`. Source: VirtualPaymentApp of nitro-protocol. */
function voucherData(amount: bigint, signature: Hex): Hex {
  const digits = signature.slice(2);
  const parts = ["uint256", "uint8", "bytes32", "bytes32"].map((type) => ({ type }));
  return encodeAbiParameters(parts, [
    amount,
    Number.parseInt(digits.slice(128), 16),
    `0x${digits.slice(0, 64)}`,
    `0x${digits.slice(64, 128)}`,
  ]);
}

function targetState(
  people: readonly TestAccount[],
  assets: readonly Address[],
  turnNum: number,
): VariablePart {
  const sides = [people[0], people.at(-1)].map((person) => assertDefined(person, "a side"));
  // Only coins are redeemed here, and by an app that takes nothing but an empty right side.
  const amounts =
    assets.length > 1 ? [LEFT_AMOUNT, RIGHT_AMOUNT] : [LEFT_AMOUNT + RIGHT_AMOUNT, 0n];
  const outcome = assets.map((asset) => ({
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" as Hex },
    allocations: sides.map(({ address }, side) => ({
      destination: externalDestination(address),
      amount: assertDefined(amounts[side], "an amount"),
      allocationType: ALLOCATION_TYPE.guarantee,
      metadata: "0x" as Hex,
    })),
  }));
  return { outcome, appData: "0x", turnNum, isFinal: false };
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
