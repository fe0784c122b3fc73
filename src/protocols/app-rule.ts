/** Which transitions of a running channel an app allows, checked off chain before anything is signed. */
import {
  type Allocation,
  type Outcome,
  type SingleAssetExit,
  totalOf,
} from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "./rejection.ts";

/**
 * The rule of the ConsensusApp in a direct channel: whatever all sign, as long as money only moves
 * between the allocations that are there. The contract checks the signatures alone; that assets,
 * destinations, types and totals stay is ours, so that every state pays out what was deposited.
 */
export function consensusRule(from: VariablePart, to: VariablePart): Result<undefined, Rejection> {
  if (!sameShape(from.outcome, to.outcome)) return reject({ code: "OutcomeShapeChanged" });
  const totals = from.outcome.map(totalOf);
  const changed = to.outcome.some((exit, index) => totalOf(exit) !== totals[index]);
  return changed ? reject({ code: "TotalChanged" }) : accept(undefined);
}

function sameShape(from: Outcome, to: Outcome): boolean {
  return from.length === to.length && from.every((exit, index) => sameExit(exit, to[index]));
}

function sameExit(from: SingleAssetExit, to: SingleAssetExit | undefined): boolean {
  return (
    to !== undefined &&
    from.asset === to.asset &&
    from.assetMetadata.assetType === to.assetMetadata.assetType &&
    from.assetMetadata.metadata === to.assetMetadata.metadata &&
    from.allocations.length === to.allocations.length &&
    from.allocations.every((claim, index) => sameClaimant(claim, to.allocations[index]))
  );
}

function sameClaimant(from: Allocation, to: Allocation | undefined): boolean {
  return (
    from.destination === to?.destination &&
    from.allocationType === to.allocationType &&
    from.metadata === to.metadata
  );
}
