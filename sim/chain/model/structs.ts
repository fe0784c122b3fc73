/** The structs that the contracts read and write, and their hashes. Source: INitroTypes, ExitFormat, NitroUtils. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { ADDRESS, array, BOOL, BYTES, BYTES32, type Codec, ranged, tuple, uint } from "./abi.ts";
import type { ContractSignature } from "./ecrecover.ts";
import { hashOf, wordOf } from "./words.ts";

/** What never changes in a channel. */
export type FixedPart = {
  readonly participants: readonly Hex[];
  readonly channelNonce: bigint;
  readonly appDefinition: Hex;
  readonly challengeDuration: bigint;
};

/** An amount for somebody. */
export type Allocation = {
  readonly destination: Hex;
  readonly amount: bigint;
  readonly allocationType: bigint;
  readonly metadata: Hex;
};

/** What happens to one asset. */
export type Exit = {
  readonly asset: Hex;
  readonly assetMetadata: { readonly assetType: bigint; readonly metadata: Hex };
  readonly allocations: readonly Allocation[];
};

/** What changes from state to state. */
export type VariablePart = {
  readonly outcome: readonly Exit[];
  readonly appData: Hex;
  readonly turnNum: bigint;
  readonly isFinal: boolean;
};

/** A state as somebody shows it to the adjudicator. */
export type SignedVariablePart = {
  readonly variablePart: VariablePart;
  readonly sigs: readonly ContractSignature[];
};

/** A state as the adjudicator shows it to an app: bit i of `signedBy` is participant i. */
export type RecoveredVariablePart = {
  readonly variablePart: VariablePart;
  readonly signedBy: bigint;
};

/** The allocation type of guarantees. Source: ExitFormat.AllocationType. */
export const GUARANTEE = 2n;

/** A signature, as calldata has it. */
export const SIGNATURE: Codec<ContractSignature> = tuple<ContractSignature>({
  v: uint(8),
  r: BYTES32,
  s: BYTES32,
});

/** The codec of `FixedPart`. */
export const FIXED_PART: Codec<FixedPart> = tuple<FixedPart>({
  participants: array(ADDRESS),
  channelNonce: uint(64),
  appDefinition: ADDRESS,
  challengeDuration: uint(48),
});

/** The codec of allocations. */
export const ALLOCATIONS: Codec<readonly Allocation[]> = array(
  tuple<Allocation>({
    destination: BYTES32,
    amount: uint(256),
    allocationType: uint(8),
    metadata: BYTES,
  }),
);

/** Four types of assets have a number. Source: ExitFormat.AssetType. */
const ASSET_TYPES = 4n;

/** The codec of an outcome. */
export const OUTCOME: Codec<readonly Exit[]> = array(
  tuple<Exit>({
    asset: ADDRESS,
    assetMetadata: tuple<Exit["assetMetadata"]>({
      assetType: ranged(ASSET_TYPES),
      metadata: BYTES,
    }),
    allocations: ALLOCATIONS,
  }),
);

/** The codec of `VariablePart`. */
export const VARIABLE_PART: Codec<VariablePart> = tuple<VariablePart>({
  outcome: OUTCOME,
  appData: BYTES,
  turnNum: uint(48),
  isFinal: BOOL,
});

/** The codec of `SignedVariablePart`. */
export const SIGNED_PART: Codec<SignedVariablePart> = tuple<SignedVariablePart>({
  variablePart: VARIABLE_PART,
  sigs: array(SIGNATURE),
});

/** The codec of `RecoveredVariablePart`. */
export const RECOVERED_PART: Codec<RecoveredVariablePart> = tuple<RecoveredVariablePart>({
  variablePart: VARIABLE_PART,
  signedBy: uint(256),
});

/** The arguments with which the adjudicator asks an app, and the answer. Source: IForceMoveApp. */
export type SupportClaim = {
  readonly fixedPart: FixedPart;
  readonly proof: readonly RecoveredVariablePart[];
  readonly candidate: RecoveredVariablePart;
};

/** The codec of `SupportClaim`. */
export const SUPPORT_CLAIM: Codec<SupportClaim> = tuple<SupportClaim>({
  fixedPart: FIXED_PART,
  proof: array(RECOVERED_PART),
  candidate: RECOVERED_PART,
});

const OUTCOME_ALONE = tuple<{ readonly outcome: readonly Exit[] }>({ outcome: OUTCOME });

const STATE = tuple<VariablePart & { readonly channelId: Hex }>({
  channelId: BYTES32,
  appData: BYTES,
  outcome: OUTCOME,
  turnNum: uint(48),
  isFinal: BOOL,
});

/** An outcome in bytes. Source: ExitFormat.encodeExit. */
export function encodeOutcome(outcome: readonly Exit[]): Hex {
  return `0x${OUTCOME_ALONE.encode({ outcome })}`;
}

/** Hashes of what was read from a call. One call asks for the same several times; nobody changes what was read. */
const outcomeHashes = new WeakMap<readonly Exit[], Hex>();
const channelIds = new WeakMap<FixedPart, Hex>();
const stateHashes = new WeakMap<VariablePart, { readonly channelId: Hex; readonly hash: Hex }>();

/** Source: NitroUtils.hashOutcome. */
export function hashOutcome(outcome: readonly Exit[]): Hex {
  const hash = outcomeHashes.get(outcome) ?? hashOf(OUTCOME_ALONE.encode({ outcome }));
  outcomeHashes.set(outcome, hash);
  return hash;
}

/** Source: NitroUtils.getChannelId. */
export function channelIdOf(fixedPart: FixedPart): Hex {
  // As arguments, without the offset that a struct has before it.
  const channelId = channelIds.get(fixedPart) ?? hashOf(FIXED_PART.encode(fixedPart));
  channelIds.set(fixedPart, channelId);
  return channelId;
}

/** Source: NitroUtils.hashState. */
export function hashState(channelId: Hex, state: VariablePart): Hex {
  const known = stateHashes.get(state);
  if (known?.channelId === channelId) return known.hash;
  const hash = hashOf(STATE.encode({ channelId, ...state }));
  stateHashes.set(state, { channelId, hash });
  return hash;
}

/** Source: StatusManager._generateFingerprint. */
export function fingerprintOf(stateHash: Hex, outcomeHash: Hex): bigint {
  return BigInt(hashOf(stateHash.slice(2) + outcomeHash.slice(2))) & ((1n << 160n) - 1n);
}

/** Thirty-two bytes of zeros. */
export const ZERO_HASH: Hex = `0x${wordOf(0n)}`;
