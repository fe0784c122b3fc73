/** What a differential run knows of each channel: enough to make calls that succeed. */

import { reclaimEffects, transferEffects } from "../../sim/chain/model/asset-holder.ts";
import type { ShownState } from "../../sim/chain/model/force-move.ts";
import type { ModelLog } from "../../sim/chain/model/machine.ts";
import { Revert } from "../../sim/chain/model/revert.ts";
import type { Exit } from "../../sim/chain/model/structs.ts";
import type { Hex } from "../../src/primitives/hex.ts";

/** The outcome whose fingerprint an adjudicator holds. */
export type Known = { readonly stateHash: Hex; readonly outcome: readonly Exit[] };

/** By adjudicator and channel. */
export type Book = {
  readonly known: Map<string, Known>;
  /** States that were shown before, by channel. */
  readonly shown: Map<Hex, ShownState[]>;
};

/** A book in which nothing is written. */
export function emptyBook(): Book {
  return { known: new Map(), shown: new Map() };
}

/** The place of a channel in the book. */
export function placeOf(adjudicator: Hex, channelId: Hex): string {
  return `${adjudicator} ${channelId}`;
}

/** What a payout leaves of an outcome, by the holdings that its logs tell. */
export function afterPayout(
  { outcome, stateHash }: Known,
  logs: readonly ModelLog[],
  indices: readonly bigint[],
): Known | undefined {
  const after = [...outcome];
  for (const { data, topics } of logs) {
    if (topics.length !== 2 || data.length !== 2 + 3 * 64) continue;
    const index = Number(BigInt(`0x${data.slice(2, 66)}`));
    const exit = after[index];
    if (exit === undefined) continue;
    const held = BigInt(`0x${data.slice(66, 130)}`);
    const allocations = refusedAsNothing(
      () => transferEffects(held, exit.allocations, indices).left,
    );
    if (allocations === undefined) return undefined;
    after[index] = { ...exit, allocations };
  }
  return { stateHash, outcome: after };
}

/** What a reclaim leaves of the source's outcome. */
export function afterReclaim(
  source: Known,
  target: Known,
  {
    assetIndex,
    index,
    targetAssetIndex,
  }: { readonly assetIndex: number; readonly index: bigint; readonly targetAssetIndex: number },
): Known | undefined {
  const exit = source.outcome[assetIndex];
  const paid = target.outcome[targetAssetIndex];
  if (exit === undefined || paid === undefined) return undefined;
  const allocations = refusedAsNothing(() =>
    reclaimEffects(exit.allocations, paid.allocations, index),
  );
  if (allocations === undefined) return undefined;
  const outcome = source.outcome.map((one, place) =>
    place === assetIndex ? { ...one, allocations } : one,
  );
  return { ...source, outcome };
}

function refusedAsNothing<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Revert)) throw error;
    return undefined;
  }
}
