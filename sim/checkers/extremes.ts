/**
 * The least and the most that ledgers pay a party, over all ways in which they and the virtual channels over them
 * may end. What does not change as long as the ledgers are laid out in one way is reckoned once; and what each
 * channel comes to, once for all looks between which it can end in no other way.
 */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import {
  type Ending,
  joined,
  type Ledger,
  type LedgerEnd,
  NO_END,
  NOT_ADDITIVE,
  type Share,
  TOGETHER_MAX,
} from "./reckoning.ts";

/** From the least to the most. */
export type Extremes = readonly [least: bigint, most: bigint];

/** The same list is given as long as the channel can end in the same ways. */
export type EndingsFor = (target: ChannelId) => readonly Ending[];

/** Ledgers by those that have to be tried together, and the channels that they guarantee. */
export type Arranged = {
  readonly guaranteed: readonly Guaranteed[];
  readonly groups: readonly Group[];
};

/** A channel, and what is guaranteed for it in all. */
type Guaranteed = {
  readonly target: ChannelId;
  readonly amount: bigint;
  /** Ways to end of which each was found to pay just that. */
  exactIn: readonly Ending[] | undefined;
};

/** Ledgers that have to be tried together, and the channels that belong to no others. */
type Group = {
  /** Channels that count the same in every end. */
  readonly always: readonly Weight[];
  readonly ends: readonly { readonly fixed: bigint; readonly weights: readonly Weight[] }[];
};

/** How often a channel's left side is hers in one end, and how often its right side. */
type Weight = {
  readonly target: ChannelId;
  readonly lefts: bigint;
  readonly rights: bigint;
  /** What that came to, with the ways to end for which it did. */
  known: { readonly endings: readonly Ending[]; readonly range: Extremes } | undefined;
};

/** Says nothing where a channel is guaranteed differently, or too many ledgers have to be tried together. */
export function arrange(ledgers: readonly Ledger[]): Arranged | typeof NOT_ADDITIVE {
  const guaranteed = guaranteedIn(ledgers);
  if (guaranteed === NOT_ADDITIVE) return NOT_ADDITIVE;
  const groups: Group[] = [];
  for (const members of membersOf(ledgers)) {
    const group = groupOf(members);
    if (group === NOT_ADDITIVE) return NOT_ADDITIVE;
    groups.push(group);
  }
  return { guaranteed, groups };
}

/** The least and the most of all ways together. */
export function extremesOf(
  { groups, guaranteed }: Arranged,
  endingsFor: EndingsFor,
): Extremes | typeof NOT_ADDITIVE {
  if (!guaranteed.every((one) => isExact(one, endingsFor))) return NOT_ADDITIVE;
  let least = 0n;
  let most = 0n;
  for (const { always, ends } of groups) {
    const [low, high] = sumOf(0n, always, endingsFor);
    let extremes: Extremes | undefined;
    for (const { fixed, weights } of ends) {
      const [lower, higher] = sumOf(fixed, weights, endingsFor);
      extremes = widened(extremes, lower, higher);
    }
    least += low + (extremes?.[0] ?? 0n);
    most += high + (extremes?.[1] ?? 0n);
  }
  return [least, most];
}

function guaranteedIn(ledgers: readonly Ledger[]): readonly Guaranteed[] | typeof NOT_ADDITIVE {
  const all = new Map<ChannelId, Guaranteed>();
  for (const ledger of ledgers) {
    for (const { shares } of ledger) {
      for (const { amount, target } of shares) {
        const known = all.get(target);
        if (known === undefined) all.set(target, { target, amount, exactIn: undefined });
        else if (known.amount !== amount) return NOT_ADDITIVE;
      }
    }
  }
  return [...all.values()];
}

/** True when a channel pays just what is guaranteed for it, however it ends. */
function isExact(guaranteed: Guaranteed, endingsFor: EndingsFor): boolean {
  const endings = endingsFor(guaranteed.target);
  if (endings === guaranteed.exactIn) return true;
  if (endings.some(({ left, right }) => left + right !== guaranteed.amount)) return false;
  guaranteed.exactIn = endings;
  return true;
}

/** Ledgers of one group, and for each channel that the group decides on what others guarantee anyway. */
type Members = {
  readonly ledgers: Ledger[];
  readonly targets: Map<ChannelId, readonly Share[]>;
};

function membersOf(ledgers: readonly Ledger[]): readonly Members[] {
  const places = placesOf(ledgers);
  const homes = ledgers.map((_, index) => index);
  for (const at of places.values()) {
    const [first, ...rest] = at.filter(({ isSure }) => !isSure);
    for (const { ledger } of rest) join(homes, first?.ledger ?? ledger, ledger);
  }
  const all = ledgers.map((): Members => ({ ledgers: [], targets: new Map() }));
  for (const [index, ledger] of ledgers.entries()) all[homeOf(homes, index)]?.ledgers.push(ledger);
  for (const [target, at] of places) {
    const first = at.find(({ isSure }) => !isSure) ?? at[0];
    const home = homeOf(homes, first?.ledger ?? 0);
    const elsewhere = at.filter(({ ledger }) => homeOf(homes, ledger) !== home);
    all[home]?.targets.set(
      target,
      elsewhere.flatMap(({ shares }) => shares),
    );
  }
  return all.filter((members) => members.ledgers.length > 0);
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

function groupOf({ ledgers, targets }: Members): Group | typeof NOT_ADDITIVE {
  let ends: readonly LedgerEnd[] = [NO_END];
  for (const ledger of ledgers) {
    if (ends.length * ledger.length > TOGETHER_MAX) return NOT_ADDITIVE;
    ends = ends.flatMap((end) => ledger.map((one) => joined(end, one)));
  }
  const sharesByEnd = ends.map(({ shares }) => byTarget(shares));
  const always: Weight[] = [];
  const weightsByEnd = ends.map((): Weight[] => []);
  for (const [target, elsewhere] of targets) {
    const weights = weigh(
      target,
      sharesByEnd.map((here) => [...(here.get(target) ?? []), ...elsewhere]),
    );
    const [first] = weights;
    if (first !== undefined && weights.every((one) => one === first)) always.push(first);
    else for (const [index, weight] of weights.entries()) weightsByEnd[index]?.push(weight);
  }
  const fixedAnd = ends.map(({ fixed }, index) => ({ fixed, weights: weightsByEnd[index] ?? [] }));
  return { always, ends: fixedAnd };
}

/** What a channel counts in each end. Ends in which it counts the same have the same weight. */
function weigh(target: ChannelId, sharesByEnd: readonly (readonly Share[])[]): readonly Weight[] {
  const known = new Map<string, Weight>();
  return sharesByEnd.map((shares) => {
    const lefts = BigInt(shares.filter(({ isLeft }) => isLeft).length);
    const rights = BigInt(shares.filter(({ isRight }) => isRight).length);
    const key = `${lefts} ${rights}`;
    const weight = known.get(key) ?? { target, lefts, rights, known: undefined };
    known.set(key, weight);
    return weight;
  });
}

function sumOf(fixed: bigint, weights: readonly Weight[], endingsFor: EndingsFor): Extremes {
  let least = fixed;
  let most = fixed;
  for (const weight of weights) {
    const [low, high] = rangeOf(weight, endingsFor(weight.target));
    least += low;
    most += high;
  }
  return [least, most];
}

function rangeOf(weight: Weight, endings: readonly Ending[]): Extremes {
  if (weight.known?.endings === endings) return weight.known.range;
  let range: Extremes | undefined;
  for (const { left, right } of endings) {
    const sum = weight.lefts * left + weight.rights * right;
    range = widened(range, sum, sum);
  }
  weight.known = { endings, range: range ?? [0n, 0n] };
  return weight.known.range;
}

function widened(before: Extremes | undefined, low: bigint, high: bigint): Extremes {
  if (before === undefined) return [low, high];
  return [low < before[0] ? low : before[0], high > before[1] ? high : before[1]];
}
