/**
 * The ways in which ledgers may end and what each pays a party, as far as that is a sum: then `extremes.ts` says
 * what she gets at the least and at the most, without trying each way.
 *
 * As long as a ledger holds all that its claims come to, what it pays is a sum: her own claim, and her side of
 * what each guaranteed channel comes to. So each such channel takes its worst end by itself, once it is known
 * which state each ledger ends with; and ledgers have to be tried together only where a channel is guaranteed in
 * some of their possible states and not in others, which is so while its guarantee is on its way in or out.
 */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Allocation } from "../../src/channel/outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { PromisedState, Promises } from "./promises.ts";

/** What a virtual channel pays its two sides. */
export type Ending = { readonly left: bigint; readonly right: bigint };

/** Said where what is due is no sum: then each way to end has to be tried. */
export const NOT_ADDITIVE = "NotAdditive";

/** States of ledgers that are tried together. More change at once only where somebody floods. */
export const TOGETHER_MAX = 4_096;

/** The party's part of a guarantee: of the left of its channel, of the right, or none of it. */
export type Share = {
  readonly target: ChannelId;
  readonly amount: bigint;
  readonly isLeft: boolean;
  readonly isRight: boolean;
};

/** What one end of a ledger pays her, be the guaranteed channels what they may. */
export type LedgerEnd = { readonly fixed: bigint; readonly shares: readonly Share[] };

/** One channel with money of its own, and the ways in which it and its successors may end. */
export type Ledger = readonly LedgerEnd[];

/** What is known of the channels, of one asset. */
export type Reckoned = {
  readonly asset: Address;
  readonly promisesOf: (id: ChannelId) => Promises | undefined;
  /** The states that can come out; undefined among them where it may also be that none does. */
  readonly possibleIn: (id: ChannelId) => readonly (PromisedState | undefined)[];
  readonly depositedIn: (id: ChannelId) => bigint;
};

/** Every way to end, root by root. */
export function layOut(
  roots: readonly ChannelId[],
  reckoned: Reckoned,
): readonly Ledger[] | typeof NOT_ADDITIVE {
  const ledgers: Ledger[] = [];
  for (const id of roots) {
    const ends = endsOf(reckoned, id, reckoned.depositedIn(id));
    if (ends === NOT_ADDITIVE) return NOT_ADDITIVE;
    ledgers.push(ends);
  }
  return ledgers;
}

export const NO_END: LedgerEnd = { fixed: 0n, shares: [] };

function endsOf(
  reckoned: Reckoned,
  id: ChannelId,
  amount: bigint,
): readonly LedgerEnd[] | typeof NOT_ADDITIVE {
  const all: LedgerEnd[] = [];
  for (const state of reckoned.possibleIn(id)) {
    const ends = state === undefined ? [NO_END] : endsWith(reckoned, id, state, amount);
    if (ends === NOT_ADDITIVE) return NOT_ADDITIVE;
    all.push(...ends);
  }
  return all.length === 0 ? [NO_END] : all;
}

/** Pays the claims of a state in their order; what it pays into another channel ends as that one does. */
function endsWith(
  reckoned: Reckoned,
  id: ChannelId,
  { variablePart }: PromisedState,
  amount: bigint,
): readonly LedgerEnd[] | typeof NOT_ADDITIVE {
  const exit = variablePart.outcome.find(({ asset }) => asset === reckoned.asset);
  if (exit === undefined) return [NO_END];
  const mine = myDestination(reckoned, id);
  const shares = sharesIn(exit.allocations, mine);
  if (shares.length > 0 && !coversSides(exit.allocations, amount)) return NOT_ADDITIVE;
  let left = amount - shares.reduce((sum, share) => sum + share.amount, 0n);
  let ends: readonly LedgerEnd[] = [{ fixed: 0n, shares }];
  for (const claim of exit.allocations.slice(shares.length)) {
    const part = lesser(claim.amount, left);
    left -= part;
    if (claim.destination === mine) ends = ends.map((end) => ({ ...end, fixed: end.fixed + part }));
    const next = claim.destination as string as ChannelId;
    if (reckoned.promisesOf(next) === undefined) continue;
    const later = endsOf(reckoned, next, part + reckoned.depositedIn(next));
    if (later === NOT_ADDITIVE) return NOT_ADDITIVE;
    ends = ends.flatMap((end) => later.map((one) => joined(end, one)));
  }
  return ends.length > TOGETHER_MAX ? NOT_ADDITIVE : ends;
}

function lesser(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

export function joined(one: LedgerEnd, other: LedgerEnd): LedgerEnd {
  return { fixed: one.fixed + other.fixed, shares: [...one.shares, ...other.shares] };
}

function myDestination({ asset, promisesOf }: Reckoned, id: ChannelId): string | undefined {
  const promises = promisesOf(id);
  const opening = promises?.funding.find((one) => one.asset === asset)?.allocations ?? [];
  const simple = opening.filter(({ allocationType }) => allocationType === 0);
  return promises && simple[promises.me]?.destination;
}

function sharesIn(allocations: readonly Allocation[], mine: string | undefined): readonly Share[] {
  return allocations.filter(isGuarantee).map(({ amount, destination, metadata }) => ({
    target: destination as string as ChannelId,
    amount,
    isLeft: leftOf(metadata) === mine,
    isRight: rightOf(metadata) === mine,
  }));
}

const isGuarantee = ({ allocationType }: Allocation): boolean => allocationType === 2;
const leftOf = (metadata: string): string => metadata.slice(0, 66);
const rightOf = (metadata: string): string => `0x${metadata.slice(66)}`;

/** True when guarantees come first, and there is enough for them and for every claim that they may add to. */
function coversSides(allocations: readonly Allocation[], amount: bigint): boolean {
  const sides = new Set<string>();
  let needed = 0n;
  let coveredUpTo = -1n;
  let isBehind = false;
  for (const one of allocations) {
    needed += one.amount;
    if (isGuarantee(one)) {
      if (isBehind) return false;
      sides.add(leftOf(one.metadata)).add(rightOf(one.metadata));
    } else {
      isBehind = true;
      if (sides.delete(one.destination)) coveredUpTo = needed;
    }
  }
  return sides.size === 0 && coveredUpTo <= amount;
}
