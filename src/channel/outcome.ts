/** Who gets what when a channel ends. */
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import type { Destination } from "./destination.ts";

/** How an allocation is paid. Numbers of the Solidity library exit-format 0.2.0. */
export const ALLOCATION_TYPE = { simple: 0, withdrawHelper: 1, guarantee: 2 } as const;

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
