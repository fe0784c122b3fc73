/** The ledger channel that goes on in another one's place, once part of the money was paid out. */
import type { Address } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Channel } from "./channel.ts";
import { type ChannelId, channelIdOf } from "./channel-id.ts";
import type { Profile } from "./channel-use.ts";
import { channelDestination } from "./destination.ts";
import type { FixedPart } from "./fixed-part.ts";
import { type LedgerExit, type LedgerRejection, readLedgerExit } from "./ledger-outcome.ts";
import {
  ALLOCATION_TYPE,
  type Allocation,
  AMOUNT_MAX,
  type Outcome,
  type SingleAssetExit,
  totalOf,
} from "./outcome.ts";

/** What is paid out of one asset, in its smallest unit, to the accounts of leader and follower. */
export type WithdrawnAmount = {
  readonly asset: Address;
  readonly leader: bigint;
  readonly follower: bigint;
};

/** Why nothing can be paid out like this. */
export type WithdrawalRejection =
  | LedgerRejection
  /** Nothing would be left: such a ledger is closed instead. */
  | { readonly code: "NothingToFund" };

/** Everything as before but for the nonce, which makes the id new. */
export function successorFixedPart({ fixedPart }: Channel, nonce: bigint): FixedPart {
  return { ...fixedPart, channelNonce: nonce };
}

/** The id of the channel that goes on. */
export function successorIdOf(ledger: Channel, nonce: bigint): ChannelId {
  return channelIdOf(successorFixedPart(ledger, nonce));
}

/**
 * What the channel that goes on allocates: the very same guarantees, and to both what they do not withdraw.
 * Each asset is named at most once, and something of it is withdrawn. A top-up must be merged before.
 */
export function successorOutcome(
  profile: Profile,
  outcome: Outcome,
  amounts: readonly WithdrawnAmount[],
): Result<Outcome, WithdrawalRejection> {
  const checked = checkAmounts(outcome, amounts);
  if (!checked.ok) return checked;
  const rest: SingleAssetExit[] = [];
  for (const exit of outcome) {
    const { balances, guarantees, topUp } = readLedgerExit(profile, exit);
    if (topUp !== undefined) return reject({ code: "TopUpRunning", asset: exit.asset });
    const [leader, follower] = balances;
    const withdrawn = withdrawnOf(amounts, exit.asset);
    const left = [lowered(leader, withdrawn.leader), lowered(follower, withdrawn.follower)];
    const short = left.find(({ amount }) => amount < 0n);
    if (short !== undefined) {
      const [available, asked] =
        short === left[0]
          ? [leader.amount, withdrawn.leader]
          : [follower.amount, withdrawn.follower];
      return reject({ code: "InsufficientFunds", available, asked });
    }
    rest.push({ ...exit, allocations: [...guarantees, ...left] });
  }
  const isNothing = rest.every((exit) => totalOf(exit) === 0n);
  return isNothing ? reject({ code: "NothingToFund" }) : accept(rest);
}

/**
 * What the old channel pays at its end: per asset all that goes on, to the new channel and before anything
 * else; then what is withdrawn, to accounts. The caller knows that `successorOutcome` accepts the amounts.
 */
export function payoutOutcome(
  profile: Profile,
  outcome: Outcome,
  amounts: readonly WithdrawnAmount[],
  successorId: ChannelId,
): Outcome {
  return outcome.map((exit) => {
    const { balances } = readLedgerExit(profile, exit);
    const withdrawn = withdrawnOf(amounts, exit.asset);
    const rest: Allocation = {
      destination: channelDestination(successorId),
      amount: totalOf(exit) - withdrawn.leader - withdrawn.follower,
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x",
    };
    const paid = [withdrawn.leader, withdrawn.follower].flatMap((amount, index) => {
      const balance = assertDefined(balances[index], "a balance");
      return amount === 0n ? [] : [{ ...balance, amount }];
    });
    return { ...exit, allocations: [rest, ...paid] };
  });
}

function checkAmounts(
  outcome: Outcome,
  amounts: readonly WithdrawnAmount[],
): Result<undefined, WithdrawalRejection> {
  const assets = new Set(amounts.map(({ asset }) => asset));
  if (amounts.length === 0 || assets.size !== amounts.length) {
    return reject({ code: "SharesMalformed" });
  }
  for (const { asset, follower, leader } of amounts) {
    const wrong = [leader, follower].find((amount) => amount < 0n || amount > AMOUNT_MAX);
    if (wrong !== undefined) return reject({ code: "AmountOutOfRange", amount: wrong });
    if (leader === 0n && follower === 0n) return reject({ code: "SharesMalformed" });
    const isHeld = outcome.some((exit) => exit.asset === asset);
    if (!isHeld) return reject({ code: "AssetMismatch", asset });
  }
  return accept(undefined);
}

function withdrawnOf(amounts: readonly WithdrawnAmount[], asset: Address): WithdrawnAmount {
  const nothing: WithdrawnAmount = { asset, leader: 0n, follower: 0n };
  return amounts.find((one) => one.asset === asset) ?? nothing;
}

function lowered(
  balance: LedgerExit["balances"][number],
  withdrawn: bigint,
): LedgerExit["balances"][number] {
  return { ...balance, amount: balance.amount - withdrawn };
}
