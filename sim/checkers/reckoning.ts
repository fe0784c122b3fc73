/**
 * The least and the most that ledgers pay a party, over all ways in which they and the virtual channels over them
 * may end, without trying each way.
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
const TOGETHER_MAX = 4_096;

/** The party's part of a guarantee: of the left of its channel, of the right, or none of it. */
type Share = {
  readonly target: ChannelId;
  readonly amount: bigint;
  readonly isLeft: boolean;
  readonly isRight: boolean;
};

/** What one end of a ledger pays her, be the guaranteed channels what they may. */
type LedgerEnd = { readonly fixed: bigint; readonly shares: readonly Share[] };

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

const NO_END: LedgerEnd = { fixed: 0n, shares: [] };

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

function joined(one: LedgerEnd, other: LedgerEnd): LedgerEnd {
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

/** From the least to the most. */
export type Extremes = readonly [least: bigint, most: bigint];

type EndingsFor = (target: ChannelId) => readonly Ending[];

/** The least and the most of all ways together. */
export function extremesOf(
  ledgers: readonly Ledger[],
  endingsFor: EndingsFor,
): Extremes | typeof NOT_ADDITIVE {
  if (!areExact(ledgers, endingsFor)) return NOT_ADDITIVE;
  const groups = groupsOf(ledgers);
  let least = 0n;
  let most = 0n;
  for (const group of groups) {
    const extremes = extremesOfGroup(group, endingsFor);
    if (extremes === NOT_ADDITIVE) return NOT_ADDITIVE;
    least += extremes[0];
    most += extremes[1];
  }
  return [least, most];
}

/** True when every channel pays just what is guaranteed for it, however it ends. */
function areExact(ledgers: readonly Ledger[], endingsFor: EndingsFor): boolean {
  const amounts = new Map<ChannelId, bigint>();
  for (const { amount, target } of ledgers.flat().flatMap(({ shares }) => shares)) {
    const known = amounts.get(target);
    if (known === amount) continue;
    if (known !== undefined) return false;
    amounts.set(target, amount);
    if (endingsFor(target).some(({ left, right }) => left + right !== amount)) return false;
  }
  return true;
}

/** Ledgers that have to be tried together, and the channels that belong to no others. */
type Group = {
  readonly ledgers: Ledger[];
  /** Of each channel that the group decides on, what other ledgers guarantee for it anyway. */
  readonly targets: Map<ChannelId, readonly Share[]>;
};

function groupsOf(ledgers: readonly Ledger[]): readonly Group[] {
  const places = placesOf(ledgers);
  const homes = ledgers.map((_, index) => index);
  for (const at of places.values()) {
    const [first, ...rest] = at.filter(({ isSure }) => !isSure);
    for (const { ledger } of rest) join(homes, first?.ledger ?? ledger, ledger);
  }
  const groups = ledgers.map((): Group => ({ ledgers: [], targets: new Map() }));
  for (const [index, ledger] of ledgers.entries())
    groups[homeOf(homes, index)]?.ledgers.push(ledger);
  for (const [target, at] of places) {
    const first = at.find(({ isSure }) => !isSure) ?? at[0];
    const home = homeOf(homes, first?.ledger ?? 0);
    const elsewhere = at.filter(({ ledger }) => homeOf(homes, ledger) !== home);
    groups[home]?.targets.set(
      target,
      elsewhere.flatMap(({ shares }) => shares),
    );
  }
  return groups.filter((group) => group.ledgers.length > 0);
}

function homeOf(homes: readonly number[], index: number): number {
  let at = index;
  for (let next = homes[at]; next !== undefined && next !== at; next = homes[at]) at = next;
  return at;
}

function join(homes: number[], one: number, other: number): void {
  homes[homeOf(homes, other)] = homeOf(homes, one);
}

type Place = {
  readonly ledger: number;
  /** True when the ledger guarantees the same in every end. */
  readonly isSure: boolean;
  /** What it guarantees in its first end that has anything for the channel. */
  readonly shares: readonly Share[];
};

function placesOf(ledgers: readonly Ledger[]): ReadonlyMap<ChannelId, readonly Place[]> {
  const places = new Map<ChannelId, Place[]>();
  for (const [ledger, ends] of ledgers.entries()) {
    const targets = new Map<ChannelId, { ends: number; readonly shares: readonly Share[] }>();
    for (const end of ends) {
      for (const [target, shares] of byTarget(end.shares)) {
        const known = targets.get(target) ?? { ends: 0, shares };
        if (isSame(known.shares, shares)) known.ends += 1;
        targets.set(target, known);
      }
    }
    for (const [target, { ends: count, shares }] of targets) {
      const known = places.get(target) ?? [];
      known.push({ ledger, isSure: count === ends.length, shares });
      places.set(target, known);
    }
  }
  return places;
}

function byTarget(shares: readonly Share[]): ReadonlyMap<ChannelId, readonly Share[]> {
  const targets = new Map<ChannelId, Share[]>();
  for (const share of shares) {
    const known = targets.get(share.target);
    if (known === undefined) targets.set(share.target, [share]);
    else known.push(share);
  }
  return targets;
}

function isSame(one: readonly Share[], other: readonly Share[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ isLeft, isRight }, index) => {
      const theirs = other[index];
      return theirs?.isLeft === isLeft && theirs.isRight === isRight;
    })
  );
}

function extremesOfGroup(
  { ledgers, targets }: Group,
  endingsFor: EndingsFor,
): Extremes | typeof NOT_ADDITIVE {
  let ends: readonly LedgerEnd[] = [NO_END];
  for (const ledger of ledgers) {
    if (ends.length * ledger.length > TOGETHER_MAX) return NOT_ADDITIVE;
    ends = ends.flatMap((end) => ledger.map((one) => joined(end, one)));
  }
  let extremes: Extremes | undefined;
  for (const { fixed, shares } of ends) {
    const here = byTarget(shares);
    let least = fixed;
    let most = fixed;
    for (const [target, elsewhere] of targets) {
      const [low, high] = rangeOf([...(here.get(target) ?? []), ...elsewhere], endingsFor(target));
      least += low;
      most += high;
    }
    extremes = widened(extremes, least, most);
  }
  return extremes ?? [0n, 0n];
}

function rangeOf(shares: readonly Share[], endings: readonly Ending[]): Extremes {
  let range: Extremes | undefined;
  for (const ending of endings) {
    const sum = shares.reduce((before, share) => before + paidTo(share, ending), 0n);
    range = widened(range, sum, sum);
  }
  return range ?? [0n, 0n];
}

function paidTo({ isLeft, isRight }: Share, { left, right }: Ending): bigint {
  return (isLeft ? left : 0n) + (isRight ? right : 0n);
}

function widened(before: Extremes | undefined, low: bigint, high: bigint): Extremes {
  if (before === undefined) return [low, high];
  return [low < before[0] ? low : before[0], high > before[1] ? high : before[1]];
}
