/** Lives of channels on an adjudicator, drawn at random: every call that it takes, right ones and wrong ones. */
import fc from "fast-check";
import {
  type Claim,
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  depositCall,
  reclaimCall,
  transferAllAssetsCall,
  transferCall,
} from "../src/chain/adjudicator.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import { channelDestination, externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { encodeGuarantee } from "../src/channel/guarantee.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import { PAIR_APP, PAIR_TOKEN } from "./adjudicator-pair.ts";
import { ALICE, BOB } from "./sample-payments.ts";

export const ZERO_HASH = `0x${"00".repeat(32)}` as Hash;
export const CHALLENGE_SEC = 60;

let nonce = 0n;

/** A channel of Alice and Bob that nobody used before. */
export function nextChannel(): FixedPart {
  const participants = [ALICE.address, BOB.address];
  const channelNonce = nonce++;
  return {
    participants,
    channelNonce,
    appDefinition: PAIR_APP,
    challengeDurationSec: CHALLENGE_SEC,
  };
}

export function outcomeOf(
  assets: readonly Address[],
  allocationsOf: (asset: Address) => Outcome[number]["allocations"],
): Outcome {
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return assets.map((asset) => ({ asset, assetMetadata, allocations: allocationsOf(asset) }));
}

const simple = (destination: Allocation["destination"], amount: bigint): Allocation => ({
  destination,
  amount,
  allocationType: ALLOCATION_TYPE.simple,
  metadata: "0x",
});

export const payTo = (to: Address, amount: bigint): Allocation =>
  simple(externalDestination(to), amount);

export const signaturesOf = (channel: FixedPart, state: VariablePart): readonly Hex[] => {
  const hash = stateHash(channelIdOf(channel), state);
  return [ALICE, BOB].map(({ signHash }) => signHash(hash));
};

/** What happens to one channel: what it pays, and the calls in their order, each with a number that varies it. */
export type Life = {
  readonly amounts: readonly bigint[];
  readonly assets: readonly Address[];
  readonly isGuaranteeing: boolean;
  readonly turnNum: number;
  readonly isFinal: boolean;
  readonly steps: readonly (readonly [kind: number, variant: number])[];
};

/** How lives may begin, so that what needs several steps is not left to chance. */
const PLOTS: readonly Life["steps"][] = [
  // Deposited, concluded with its target, reclaimed, paid.
  [
    [0, 8],
    [1, 9],
    [2, 5],
    [3, 0],
    [9, 0],
    [10, 0],
    [8, 0],
    [7, 0],
  ],
  // Challenged by the newer state, then by the older one, then final; paid by index.
  [
    [0, 6],
    [5, 1],
    [5, 0],
    [6, 1],
    [11, 0],
    [5, 1],
    [8, 7],
    [7, 9],
  ],
  // A checkpoint of the newer state, after which the older one counts no more.
  [
    [6, 1],
    [5, 0],
    [6, 0],
    [5, 1],
  ],
];

export const lives: fc.Arbitrary<Life> = fc.record({
  amounts: fc.array(fc.bigInt(0n, 6n), { minLength: 3, maxLength: 3 }),
  assets: fc.constantFrom([ZERO_ADDRESS], [PAIR_TOKEN], [ZERO_ADDRESS, PAIR_TOKEN]),
  isGuaranteeing: fc.boolean(),
  turnNum: fc.nat(3),
  // What is not final cannot be concluded, so most are.
  isFinal: fc.nat(4).map((number) => number > 0),
  steps: fc
    .tuple(
      fc.constantFrom<Life["steps"][]>([], ...PLOTS),
      fc.array(fc.tuple(fc.nat(11), fc.nat(9)), { minLength: 4, maxLength: 10 }),
    )
    .map(([plot, random]) => [...plot, ...random]),
});

/** What the calls of one life are made of. */
export type LifeParts = {
  readonly channel: FixedPart;
  readonly target: FixedPart;
  readonly assets: readonly Address[];
  readonly outcome: Outcome;
  readonly targetOutcome: Outcome;
  /** Two states of the channel that both signed, the older one first. */
  readonly claims: readonly [Claim, Claim];
  /** What may be shown for the state that made the channel final. */
  readonly hashes: readonly Hash[];
};

/** Makes the channel of a life, and one that it may guarantee. */
export function partsOf({ amounts, assets, isFinal, isGuaranteeing, turnNum }: Life): LifeParts {
  const channel = nextChannel();
  const target = nextChannel();
  const [first = 0n, second = 0n, third = 0n] = amounts;
  const outcome = outcomeOf(assets, () => [
    ...(isGuaranteeing ? [guaranteeOf(target)] : []),
    payTo(ALICE.address, first),
    payTo(BOB.address, second),
    simple(channelDestination(channelIdOf(target)), third),
  ]);
  const targetOutcome = outcomeOf(assets, () => [payTo(ALICE.address, 1n), payTo(BOB.address, 1n)]);
  const older: VariablePart = { outcome, appData: "0x", turnNum, isFinal };
  const newer: VariablePart = { ...older, turnNum: turnNum + 1 };
  const hashes = [newer, older].map((state) => stateHash(channelIdOf(channel), state));
  return {
    channel,
    target,
    assets,
    outcome,
    targetOutcome,
    claims: [claimOf(channel, older), claimOf(channel, newer)],
    hashes: [ZERO_HASH, ...hashes],
  };
}

function claimOf(fixedPart: FixedPart, variablePart: VariablePart): Claim {
  const signatures = signaturesOf(fixedPart, variablePart);
  return { fixedPart, proof: [], candidate: { variablePart, signatures } };
}

function guaranteeOf(target: FixedPart): Allocation {
  return {
    destination: channelDestination(channelIdOf(target)),
    amount: 2n,
    allocationType: ALLOCATION_TYPE.guarantee,
    metadata: encodeGuarantee({
      left: externalDestination(ALICE.address),
      right: externalDestination(BOB.address),
    }),
  };
}

/** A call, once it is known of which adjudicator. */
export type CallOf = (adjudicator: Address) => ContractCall;

/**
 * One step of a life as a call; undefined for a step that waits. `held` is what the published adjudicator holds
 * of coins and of tokens.
 */
export function callOf(
  parts: LifeParts,
  [kind, variant]: readonly [kind: number, variant: number],
  held: readonly bigint[],
): CallOf | undefined {
  if (kind <= 2) return depositOf(parts, variant, held);
  if (kind <= 6) return claimingOf(parts, kind, variant);
  return kind <= 10 ? payingOf(parts, kind, variant) : undefined;
}

const assetAt = ({ assets }: LifeParts, variant: number): number => variant % assets.length;

function depositOf(parts: LifeParts, variant: number, held: readonly bigint[]): CallOf {
  const asset = parts.assets[assetAt(parts, variant)] ?? ZERO_ADDRESS;
  const now = held[asset === ZERO_ADDRESS ? 0 : 1] ?? 0n;
  const expectedHeld = variant === 9 ? now + 1n : now;
  const channelId = channelIdOf(parts.channel);
  return (to) => depositCall(to, { asset, channelId, expectedHeld, amount: BigInt(variant) });
}

function claimingOf({ channel, claims }: LifeParts, kind: number, variant: number): CallOf {
  const claim = claims[variant % 2 === 0 ? 0 : 1];
  const { signatures, variablePart } = claims[0].candidate;
  const hash = stateHash(channelIdOf(channel), claim.candidate.variablePart);
  const some = signatures.slice(variant > 7 ? 1 : 0);
  if (kind === 3) return (to) => concludeCall(to, channel, variablePart, signatures);
  if (kind === 4) {
    return (to) => concludeAndTransferAllAssetsCall(to, channel, variablePart, some);
  }
  return kind === 5
    ? (to) => challengeCall(to, claim, ALICE.signHash(challengeHash(hash)))
    : (to) => checkpointCall(to, claim);
}

/** Which allocations a transfer names, by its variant. */
const PLACES = [[], [0], [1], [0, 1], [1, 2], [1, 0], [2], [3], [1, 3], [9]] as const;

function payingOf(parts: LifeParts, kind: number, variant: number): CallOf {
  const { channel, hashes, outcome, target, targetOutcome } = parts;
  const channelId = channelIdOf(channel);
  const assetIndex = assetAt(parts, variant);
  const shown = hashes[variant % hashes.length] ?? ZERO_HASH;
  const outcomeBytes = toHex(encodeOutcome(outcome));
  if (kind === 7) {
    return (to) => transferAllAssetsCall(to, { channelId, outcome, stateHash: shown });
  }
  if (kind === 8) {
    const transfer = { assetIndex, channelId, outcomeBytes, stateHash: shown };
    return (to) => transferCall(to, { ...transfer, indices: PLACES[variant] ?? [] });
  }
  if (kind === 9) {
    const ended = { outcome: targetOutcome, appData: "0x", turnNum: 1, isFinal: true } as const;
    return (to) => concludeCall(to, target, ended, signaturesOf(target, ended));
  }
  const reclaim = {
    sourceChannelId: channelId,
    sourceStateHash: shown,
    sourceOutcomeBytes: outcomeBytes,
    sourceAssetIndex: assetIndex,
    indexOfTargetInSource: variant === 5 ? 1 : 0,
    targetStateHash: ZERO_HASH,
    targetOutcomeBytes: toHex(encodeOutcome(targetOutcome)),
    targetAssetIndex: assetIndex,
  };
  return (to) => reclaimCall(to, reclaim);
}
