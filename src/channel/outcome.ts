/** Who gets what when a channel ends. */
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Destination } from "./destination.ts";

/** How an allocation is paid. Numbers of the Solidity library exit-format 0.2.0. */
export const ALLOCATION_TYPE = { simple: 0, withdrawHelper: 1, guarantee: 2 } as const;

/** The largest amount that a contract can hold, in an asset's smallest unit: the largest uint256. */
export const AMOUNT_MAX: bigint = 2n ** 256n - 1n;

/** Asset types that the contracts can read: an enumeration of four. Source: ExitFormat.AssetType. */
export const ASSET_TYPE_MAX = 3;

/** Assets in one outcome. Each adds a payout to the one transaction that closes a channel. */
export const ASSETS_MAX = 16;

/** Claims on one asset: each participant of the largest channel, or as many guarantees. */
export const ALLOCATIONS_MAX = 255;

/** Bytes of metadata of an asset or an allocation. A guarantee takes 64; 4 KiB leaves room for helpers. */
export const METADATA_BYTES_MAX = 4_096;

/** One claim on an asset. */
export type Allocation = {
  readonly destination: Destination;
  /** uint256, in the asset's smallest unit. */
  readonly amount: bigint;
  /** uint8; one of `ALLOCATION_TYPE`. */
  readonly allocationType: number;
  readonly metadata: Hex;
};

/** All claims on one asset, paid in order while holdings last. */
export type SingleAssetExit = {
  /** An ERC-20 contract, or the zero address for the chain's own coin. */
  readonly asset: Address;
  readonly assetMetadata: { readonly assetType: number; readonly metadata: Hex };
  readonly allocations: readonly Allocation[];
};

/** One exit per asset. */
export type Outcome = readonly SingleAssetExit[];

/** True when both pay the same, claim by claim. */
export function isSameOutcome(one: Outcome, other: Outcome): boolean {
  return (
    one === other ||
    (one.length === other.length && one.every((exit, index) => isSameExit(exit, other[index])))
  );
}

function isSameExit(one: SingleAssetExit, other: SingleAssetExit | undefined): boolean {
  if (other === undefined || one.asset !== other.asset) return false;
  const { assetType, metadata } = one.assetMetadata;
  return (
    assetType === other.assetMetadata.assetType &&
    metadata === other.assetMetadata.metadata &&
    one.allocations.length === other.allocations.length &&
    one.allocations.every((claim, index) => isSameAllocation(claim, other.allocations[index]))
  );
}

function isSameAllocation(one: Allocation, other: Allocation | undefined): boolean {
  if (one === other) return true;
  return (
    one.destination === other?.destination &&
    one.amount === other.amount &&
    one.allocationType === other.allocationType &&
    one.metadata === other.metadata
  );
}

/** What the outcome pays in all, by asset. */
export function totalPerAsset(outcome: Outcome): ReadonlyMap<Address, bigint> {
  return new Map(outcome.map((exit) => [exit.asset, totalOf(exit)]));
}

/** What is claimed of one asset in all. */
export function totalOf({ allocations }: SingleAssetExit): bigint {
  return sumOf(allocations);
}

/**
 * What must be held, by asset, before it is safe that `destination` deposits its part: the amounts
 * that stand before its first claim, or all where it has none. Source: go-nitro, outcome/exit.go.
 */
export function depositSafetyThreshold(
  outcome: Outcome,
  destination: Destination,
): ReadonlyMap<Address, bigint> {
  return new Map(
    outcome.map(({ allocations, asset }) => {
      const mine = allocations.findIndex((allocation) => allocation.destination === destination);
      return [asset, sumOf(mine < 0 ? allocations : allocations.slice(0, mine))];
    }),
  );
}

function sumOf(allocations: readonly Allocation[]): bigint {
  return allocations.reduce((sum, { amount }) => sum + amount, 0n);
}
