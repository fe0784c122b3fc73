/** The channels that the gas table is made of, with amounts, nonces and signatures as full of digits as real ones. */
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
import { assert } from "../src/primitives/assert.ts";

export const ALICE: TestAccount = testAccount(201);
export const HUB: TestAccount = testAccount(202);
export const BOB: TestAccount = testAccount(203);

/** What each of two owns in a channel: 18 digits, as real amounts of coins have. */
export const SHARES = [987_654_321_987_654_321n, 123_456_789_123_456_789n] as const;
export const TOTAL: bigint = SHARES[0] + SHARES[1];

/** Seconds of a challenge: a day. */
export const CHALLENGE_SEC = 86_400;

/** As full of digits as a nonce that was drawn. */
const FIRST_NONCE = 0x9e37_79b9_7f4a_7c15n;

/** A channel between these, judged by an app. `place` keeps its id apart from the others'. */
export function channelOf(people: readonly TestAccount[], app: Address, place: number): FixedPart {
  return {
    participants: people.map(({ address }) => address),
    channelNonce: FIRST_NONCE + BigInt(place),
    appDefinition: app,
    challengeDurationSec: CHALLENGE_SEC,
  };
}

function allocation(
  destination: Allocation["destination"],
  amount: bigint,
  allocationType: number,
): Allocation {
  return { destination, amount, allocationType, metadata: "0x" } as Allocation;
}

/** Pays the shares to two accounts. */
export function paysBoth(
  asset: Address,
  people: readonly [TestAccount, TestAccount],
  allocationType: number = ALLOCATION_TYPE.simple,
): Outcome {
  const allocations = people.map(({ address }, index) =>
    allocation(externalDestination(address), SHARES[index] ?? 0n, allocationType),
  );
  return [{ asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}

/** A ledger of Alice and the hub with one guarantee, of all that the target holds. */
export function guarantees(asset: Address, target: FixedPart): Outcome {
  const [exit] = paysBoth(asset, [ALICE, HUB]);
  assert(exit !== undefined, "there is one asset");
  const ends = {
    left: externalDestination(ALICE.address),
    right: externalDestination(HUB.address),
  };
  const guarantee: Allocation = {
    ...allocation(channelDestination(channelIdOf(target)), TOTAL, ALLOCATION_TYPE.guarantee),
    metadata: encodeGuarantee(ends),
  };
  return [{ ...exit, allocations: [guarantee, ...exit.allocations] }];
}

/** A state in the midst of a channel's life, or its last. */
export function stateOf(outcome: Outcome, isFinal = false): VariablePart {
  return { outcome, appData: "0x", turnNum: 1_000_000, isFinal };
}

/** What all sign in a virtual channel before they pay. */
export function postfundOf(outcome: Outcome): VariablePart {
  return { outcome, appData: "0x", turnNum: TURN.postfund, isFinal: false };
}

/** A state with the signatures of these. */
export function signedBy(
  people: readonly TestAccount[],
  channel: FixedPart,
  variablePart: VariablePart,
): SignedVariablePart {
  const hash = stateHash(channelIdOf(channel), variablePart);
  return { variablePart, signatures: people.map(({ signHash }) => signHash(hash)) };
}

/** A claim without proof: all have signed the state. */
export function claimOf(
  people: readonly TestAccount[],
  channel: FixedPart,
  state: VariablePart,
): Claim {
  return { fixedPart: channel, proof: [], candidate: signedBy(people, channel, state) };
}

/** Bob's claim by vouchers: of Alice alone, or of both. */
export function redemptionOf(channel: FixedPart, outcome: Outcome, count: 1 | 2): Claim {
  const channelId = channelIdOf(channel);
  const left = voucherOf(channelId, ALICE, BOB, 345_678_912_345_678_912n);
  const right = count === 1 ? undefined : voucherOf(channelId, BOB, ALICE, 12_345_678_912_345_678n);
  const redemption = redemptionState(outcome, { left, right });
  assert(redemption.ok, "the vouchers fit the channel");
  const proof = [signedBy([ALICE, HUB, BOB], channel, postfundOf(outcome))];
  return { fixedPart: channel, proof, candidate: signedBy([BOB], channel, redemption.value) };
}

function voucherOf(
  channelId: ChannelId,
  payer: TestAccount,
  payee: TestAccount,
  amount: bigint,
): ReceiptedVoucher {
  const promise = { channelId, counter: 1_000_000, amounts: [amount] };
  const hash = paymentVoucherHash(promise);
  const receipt = payee.signHash(voucherReceiptHash(hash));
  return { ...promise, signature: payer.signHash(hash), receipt };
}

/** The signature that a challenge has besides those of the states. */
export function challengerSignature({ candidate, fixedPart }: Claim, by: TestAccount): Signature {
  const hash = stateHash(channelIdOf(fixedPart), candidate.variablePart);
  return by.signHash(challengeHash(hash));
}
