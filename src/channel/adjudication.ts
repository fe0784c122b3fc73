/** What the adjudicator has on record about a channel, as its logs in confirmed blocks tell. */
import type { Hash } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Destination } from "./destination.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome, type SingleAssetExit } from "./outcome.ts";

/** The state hash of a channel that was concluded: the contract keeps none. Source: ForceMove.conclude. */
export const CONCLUDED_STATE_HASH = `0x${"00".repeat(32)}` as Hash;

/** How far the contract is with a channel. Source: ForceMove, `_mode`. */
export type Adjudication =
  /** No clock runs. No state below `turnNumRecord` starts one; 0 for a channel that nobody ever disputed. */
  | { readonly type: "Open"; readonly turnNumRecord: number }
  /** Unless a newer state is shown before `finalizesAtSec`, this outcome is final. */
  | {
      readonly type: "Challenged";
      /** Seconds since 1970-01-01 UTC, in the time of the chain's blocks. */
      readonly finalizesAtSec: number;
      readonly turnNum: number;
      readonly stateHash: Hash;
      readonly outcome: Outcome;
      /** Of the shown state: in a virtual channel, the vouchers that it redeems. */
      readonly appData: Hex;
    }
  /** Nothing changes the outcome any more but payouts and reclaims. */
  | {
      readonly type: "Final";
      /** The turn of the challenged state; undefined after a conclude, for which no turn counts. */
      readonly turnNum: number | undefined;
      /** `CONCLUDED_STATE_HASH` after a conclude. */
      readonly stateHash: Hash;
      /** As the contract holds it now, what was paid taken off. Undefined when this log cannot tell. */
      readonly outcome: Outcome | undefined;
    };

/** The record of a channel that nobody ever disputed. */
export const UNDISPUTED: Adjudication = { type: "Open", turnNumRecord: 0 };

/** The record once nobody can answer a challenge any more; any other one as it is. */
export function afterExpiry(adjudication: Adjudication): Adjudication {
  if (adjudication.type !== "Challenged") return adjudication;
  const { outcome, stateHash, turnNum } = adjudication;
  return { type: "Final", turnNum, stateHash, outcome };
}

/** What a payout says: which allocations of one asset were paid from what there was. */
export type Payout = {
  readonly assetIndex: number;
  /** What the contract held of the asset before. */
  readonly initialHoldings: bigint;
  /** Places of the paid allocations, strictly increasing; empty for all. */
  readonly indices: readonly number[];
};

/** The outcome after a payout. Source: MultiAssetHolder.compute_transfer_effects_and_interactions. */
export function outcomeAfterPayout(outcome: Outcome, payout: Payout): Outcome {
  const { assetIndex, indices, initialHoldings } = payout;
  return outcome.map((exit, index) =>
    index === assetIndex ? exitAfterPayout(exit, initialHoldings, indices) : exit,
  );
}

function exitAfterPayout(
  exit: SingleAssetExit,
  initialHoldings: bigint,
  indices: readonly number[],
): SingleAssetExit {
  let left = initialHoldings;
  const allocations = exit.allocations.map((allocation, index) => {
    const isCovered = allocation.amount < left;
    const covered = isCovered ? allocation.amount : left;
    left -= covered;
    const isPaid = indices.length === 0 || indices.includes(index);
    return isPaid ? { ...allocation, amount: allocation.amount - covered } : allocation;
  });
  return { ...exit, allocations };
}

/** What a reclaim gives the two sides of a guarantee, in the asset's smallest unit. */
export type ReclaimedShares = { readonly left: bigint; readonly right: bigint };

/** The outcome of a ledger after the guarantee for `target` was replaced by what the target pays each side. */
export function outcomeAfterReclaim(
  outcome: Outcome,
  asset: SingleAssetExit["asset"],
  target: ChannelId,
  { left, right }: ReclaimedShares,
): Outcome {
  return outcome.map((exit) => {
    if (exit.asset !== asset) return exit;
    const place = guaranteePlace(exit, target);
    const guarantee = exit.allocations[place];
    if (guarantee === undefined) return exit;
    const rest = exit.allocations.filter((_, index) => index !== place);
    const parties = guarantee.metadata.slice(2);
    const toLeft = withMore(rest, `0x${parties.slice(0, 64)}`, left);
    const allocations = withMore(toLeft, `0x${parties.slice(64)}`, right);
    return { ...exit, allocations };
  });
}

/** Where the guarantee for `target` stands among the allocations; -1 where there is none. */
export function guaranteePlace(exit: SingleAssetExit, target: ChannelId): number {
  return exit.allocations.findIndex(
    ({ allocationType, destination }) =>
      allocationType === ALLOCATION_TYPE.guarantee && (destination as string) === target,
  );
}

/** The first allocation to a destination gets what is reclaimed for it, as in the contract. */
function withMore(
  allocations: readonly Allocation[],
  destination: string,
  amount: bigint,
): readonly Allocation[] {
  const place = allocations.findIndex((one) => one.destination === (destination as Destination));
  return allocations.map((one, index) =>
    index === place ? { ...one, amount: one.amount + amount } : one,
  );
}
