/** What an update of a running channel is to change, told apart from the turn that it lands on. */
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { LogMessage } from "./message-log.ts";
import type { Allocation, Outcome, SingleAssetExit } from "./outcome.ts";
import type { VariablePart } from "./state.ts";

/** `Pay` fits any state it meets; `Replace` and `Play` only the one turn that they were made for. */
export type Change =
  | {
      /** The one who asks gives `amount` of `asset` to participant `to`. */
      readonly type: "Pay";
      readonly asset: Address;
      readonly to: number;
      readonly amount: bigint;
    }
  | {
      readonly type: "Replace";
      /** The supported turn that the new outcome was computed from. */
      readonly baseTurnNum: number;
      readonly outcome: Outcome;
      readonly appData: Hex;
    }
  | {
      /** The one who asks says these in a channel of a message log: a move of the game. Source: ADR 0040. */
      readonly type: "Play";
      /** The turn of the state that it is played on. */
      readonly baseTurnNum: number;
      /** In order. All are of the one who asks. */
      readonly messages: readonly LogMessage[];
    };

/** A change that a state alone can take. */
export type PlainChange = Exclude<Change, { readonly type: "Play" }>;

/** Why a change does not fit a state. The one who asked is at fault; the state stays as it is. */
export type ChangeRejection =
  | { readonly code: "AmountNotPositive" }
  | { readonly code: "AssetMismatch"; readonly asset: Address }
  | { readonly code: "UnknownParticipant"; readonly index: number }
  | { readonly code: "InsufficientFunds"; readonly available: bigint; readonly asked: bigint }
  | {
      readonly code: "StaleChange";
      readonly baseTurnNum: number;
      readonly supportedTurnNum: number;
    };

/** The state that `change`, asked for by participant `by`, makes of `from`, at turn `turnNum`. */
export function applyChange(
  from: VariablePart,
  by: number,
  change: PlainChange,
  turnNum: number,
): Result<VariablePart, ChangeRejection> {
  if (change.type === "Pay") {
    const outcome = pay(from.outcome, by, change);
    if (!outcome.ok) return outcome;
    return accept({ outcome: outcome.value, appData: from.appData, turnNum, isFinal: false });
  }
  const { appData, baseTurnNum, outcome } = change;
  if (baseTurnNum !== from.turnNum) {
    return reject({ code: "StaleChange", baseTurnNum, supportedTurnNum: from.turnNum });
  }
  return accept({ outcome, appData, turnNum, isFinal: false });
}

function pay(
  outcome: Outcome,
  by: number,
  { amount, asset, to }: Change & { type: "Pay" },
): Result<Outcome, ChangeRejection> {
  if (amount <= 0n) return reject({ code: "AmountNotPositive" });
  const exit = outcome.find((candidate) => candidate.asset === asset);
  if (exit === undefined) return reject({ code: "AssetMismatch", asset });
  const payer = exit.allocations[by];
  const payee = exit.allocations[to];
  if (payer === undefined) return reject({ code: "UnknownParticipant", index: by });
  if (payee === undefined || to === by) return reject({ code: "UnknownParticipant", index: to });
  if (payer.amount < amount) {
    return reject({ code: "InsufficientFunds", available: payer.amount, asked: amount });
  }
  const paid = move(exit, by, to, amount);
  return accept(outcome.map((candidate) => (candidate === exit ? paid : candidate)));
}

function move(exit: SingleAssetExit, from: number, to: number, amount: bigint): SingleAssetExit {
  const shift = (allocation: Allocation, index: number): Allocation => {
    if (index === from) return { ...allocation, amount: allocation.amount - amount };
    if (index === to) return { ...allocation, amount: allocation.amount + amount };
    return allocation;
  };
  return { ...exit, allocations: exit.allocations.map(shift) };
}
