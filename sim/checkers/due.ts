/**
 * What the chain must pay a party at the least, and can pay her at the most: over all states that are supported,
 * or that others can make supported with the signatures that she gave them. Reckoned from her log and from what
 * was deposited, without any code of the product.
 */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { feeOfHop, isInTurns } from "../../src/channel/channel-use.ts";
import type { Allocation, Outcome } from "../../src/channel/outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { type PromisedState, type PromisedVoucher, type Promises, shownTurn } from "./promises.ts";

/** By asset, in its smallest unit. */
export type Amounts = ReadonlyMap<Address, bigint>;

/** From the least to the most, of each asset. */
export type Due = { readonly least: Amounts; readonly most: Amounts };

type Channels = ReadonlyMap<ChannelId, Promises>;

/** What each virtual channel pays, in one way of how all of them may end. */
type Endings = ReadonlyMap<ChannelId, Outcome>;

/** By channel, and then by asset. */
export type Deposited = ReadonlyMap<ChannelId, Amounts>;

/**
 * What the channels pay the party, when this was deposited into each; and `later` into ledgers that go on with
 * what another one pays them, besides that.
 */
export function dueOf(channels: Channels, deposited: Deposited, later: Deposited = new Map()): Due {
  const assets = new Set([...channels.values()].flatMap(({ funding }) => funding).map(assetOf));
  const least = new Map<Address, bigint>();
  const most = new Map<Address, bigint>();
  for (const asset of assets) {
    const sums = waysToEnd(channels).map((endings) => {
      const roots = [...deposited].flatMap(([id, held]): Range[] => {
        const root = channels.get(id);
        // What another channel pays into is reckoned there; a stranger's wei makes it no root.
        if (root === undefined || root.use.type === "Virtual" || isPaidInto(channels, id))
          return [];
        return [rangeOf({ channels, endings, asset, later }, root, held.get(asset) ?? 0n)];
      });
      return roots.reduce(added, NOTHING);
    });
    least.set(asset, smallest(sums.map(([low]) => low)));
    most.set(asset, largest(sums.map(([, high]) => high)));
  }
  return { least, most };
}

/**
 * By how much she may be poorer in the end, at the most: by what she signed away herself, in states, in vouchers
 * and in fees. Negative where others owe her more than that.
 */
export function lossMax(channels: Channels, asset: Address): bigint {
  let loss = 0n;
  for (const channel of channels.values()) {
    const isGuaranteed = (): boolean => hasGuarantee(channels, channel.channelId);
    loss += lossIn(channel, asset, { possible: possibleStates(channel), isGuaranteed });
  }
  return loss;
}

/** What one channel may cost her. `isGuaranteed` tells whether a state that can come out has a guarantee for it. */
export function lossIn(
  channel: Promises,
  asset: Address,
  known: { readonly possible: readonly PromisedState[]; readonly isGuaranteed: () => boolean },
): bigint {
  if (isInTurns(channel.use)) return directLoss(channel, asset, known.possible);
  const place = channel.funding.findIndex((exit) => exit.asset === asset);
  if (channel.use.type !== "Virtual" || place < 0) return 0n;
  const given = paid(channel.issued, place) - paid(channel.received, place);
  const costsFee = place === 0 && (mayBeOpen(channel) || known.isGuaranteed());
  return costsFee ? given + feeOfHop(channel.use.fees, channel.me) : given;
}

/**
 * The fees that an intermediary was given for channels of which nobody knows whether they were open: they may go back. So
 * may the part that she has passed on, and she need not get it again: the chain pays no fee back. Source: ADR 0014.
 */
export function feesInDoubt(channels: Iterable<Promises>, asset: Address): bigint {
  let sum = 0n;
  for (const { fixedPart, funding, me, states, use } of channels) {
    if (use.type !== "Virtual" || funding[0]?.asset !== asset) continue;
    const isBetween = me > 0 && me < fixedPart.participants.length - 1;
    const isOpen = states.get(1)?.signatures.size === fixedPart.participants.length;
    if (isBetween && !isOpen) sum += feeOfHop(use.fees, me - 1);
  }
  return sum;
}

/** True once all have signed the postfund; or she has, and nobody has told her of taking no part. */
function mayBeOpen({ fixedPart, me, refusedBy, states }: Promises): boolean {
  const postfund = states.get(1)?.signatures;
  if (postfund === undefined || !postfund.has(me)) return false;
  return refusedBy.length === 0 || postfund.size === fixedPart.participants.length;
}

function directLoss(channel: Promises, asset: Address, possible: readonly PromisedState[]): bigint {
  const share = (outcome: Outcome): bigint =>
    outcome.find((exit) => exit.asset === asset)?.allocations[channel.me]?.amount ?? 0n;
  const before = share(channel.funding);
  const losses = possible.map(({ variablePart }) => before - share(variablePart.outcome));
  return losses.length === 0 ? 0n : largest(losses);
}

function hasGuarantee(channels: Channels, target: ChannelId): boolean {
  return [...channels.values()].some((channel) =>
    possibleStates(channel).some(({ variablePart }) => guarantees(variablePart.outcome, target)),
  );
}

/** True for the ledger that goes on with what another one pays it. */
function isPaidInto(channels: Channels, id: ChannelId): boolean {
  return [...channels.values()].some(({ states }) =>
    [...states.values()].some(({ variablePart }) =>
      variablePart.outcome.some(({ allocations }) =>
        allocations.some((one) => one.allocationType !== 2 && (one.destination as string) === id),
      ),
    ),
  );
}

function guarantees(outcome: Outcome, target: ChannelId): boolean {
  return outcome
    .flatMap(({ allocations }) => allocations)
    .some((one) => one.allocationType === 2 && (one.destination as string) === target);
}

/**
 * The states of a channel that can come out: the newest one that all have signed or, in a game, that she or the chain
 * can show, each later one that the party has signed, since others may sign it too, or that somebody has moved to in a
 * game, and each final one that she has signed, whatever its turn.
 */
export function possibleStates(channel: Promises): readonly PromisedState[] {
  const { fixedPart, states } = channel;
  const all = [...states.values()];
  const count = fixedPart.participants.length;
  const supported = all.filter(({ signatures }) => signatures.size === count);
  const turns = supported.map(({ variablePart }) => variablePart.turnNum);
  const newest = Math.max(shownTurn(channel), ...turns);
  return all.filter((state) => {
    const { isFinal, turnNum } = state.variablePart;
    return (turnNum >= newest || isFinal) && mayComeOut(channel, state);
  });
}

/** True where she has signed it; in a game, a move needs the signature of its mover alone. */
export function mayComeOut(
  { me, use }: Promises,
  { signatures, variablePart }: PromisedState,
): boolean {
  const isMove = use.type === "MessageLog" && use.hasTwin && !variablePart.isFinal;
  return signatures.has(me) || isMove;
}

/** True when all have signed a state of the channel: then there is something to show. */
function isSupportedAtAll({ fixedPart, states }: Promises): boolean {
  const count = fixedPart.participants.length;
  return [...states.values()].some(({ signatures }) => signatures.size === count);
}

/** Every way in which the virtual channels may end together. */
function waysToEnd(channels: Channels): readonly Endings[] {
  let ways: readonly Endings[] = [new Map()];
  for (const channel of channels.values()) {
    if (channel.use.type !== "Virtual") continue;
    const endings = endingsOf(channel);
    if (endings.length === 0) continue;
    ways = ways.flatMap((way) =>
      endings.map((outcome) => new Map(way).set(channel.channelId, outcome)),
    );
  }
  return ways;
}

/** What a virtual channel may pay: by its states, and by vouchers once all have promised to be bound by them. */
export function endingsOf(
  channel: Promises,
  possible: readonly PromisedState[] = possibleStates(channel),
): readonly Outcome[] {
  const states = possible.map(({ variablePart }) => variablePart);
  if (isOver(channel)) return states.filter(({ isFinal }) => isFinal).map(({ outcome }) => outcome);
  const isBound = channel.states.get(1)?.signatures.has(channel.me) ?? false;
  const byVouchers = isBound ? endingsByVouchers(channel) : [];
  const isPaid = isBound && channel.received.length > 0;
  // What she was paid she can prove: the opening alone is no end any more.
  const byStates = states.filter(({ isFinal }) => isFinal || !isPaid);
  return [...byStates.map(({ outcome }) => outcome), ...byVouchers];
}

/** True when all have signed a final state, as she or the chain has seen: nothing else can come out then. */
function isOver({ concludedIn, fixedPart, me, states }: Promises): boolean {
  const isConcluded = concludedIn.length > 0;
  return [...states.values()].some(
    ({ signatures, variablePart }) =>
      variablePart.isFinal &&
      (signatures.size === fixedPart.participants.length || (isConcluded && signatures.has(me))),
  );
}

/** Who is in between sees no voucher: for her each end may get all. */
function endingsByVouchers({ fixedPart, funding, issued, me, received }: Promises) {
  const last = fixedPart.participants.length - 1;
  if (me !== 0 && me !== last) return [shared(funding, () => 0n), shared(funding, (sum) => sum)];
  const ends = [
    // All that she paid is shown, and all that she was paid; or nothing of what she paid.
    (mine: bigint, place: number) => mine - paid(issued, place) + paid(received, place),
    (mine: bigint, place: number) => mine + paid(received, place),
  ];
  return ends.map((end) =>
    shared(funding, (sum, left, place) => {
      const mine = end(me === 0 ? left : sum - left, place);
      const capped = smallest([mine, sum]);
      return me === 0 ? capped : sum - capped;
    }),
  );
}

function shared(
  funding: Outcome,
  leftOf: (sum: bigint, left: bigint, place: number) => bigint,
): Outcome {
  return funding.map((exit, place) => {
    const [left, right] = exit.allocations.map((one) => one.amount);
    const sum = (left ?? 0n) + (right ?? 0n);
    const leftNow = leftOf(sum, left ?? 0n, place);
    const amounts = [leftNow, sum - leftNow];
    const allocations = exit.allocations.map((one, index) => ({
      ...one,
      amount: assertDefined(amounts[index], "one of two"),
    }));
    return { ...exit, allocations };
  });
}

function paid(vouchers: readonly PromisedVoucher[], place: number): bigint {
  return vouchers.at(-1)?.amounts[place] ?? 0n;
}

/** The least and the most of one asset. */
type Range = readonly [bigint, bigint];
const NOTHING: Range = [0n, 0n];

type Reckoning = {
  readonly channels: Channels;
  readonly endings: Endings;
  readonly asset: Address;
  readonly later: Deposited;
};

/** What a channel that holds `amount` may pay the party. */
function rangeOf(reckoning: Reckoning, channel: Promises, amount: bigint): Range {
  const ranges = possibleStates(channel).map(({ variablePart }) =>
    payoutOf(reckoning, channel, variablePart.outcome, amount),
  );
  const none: readonly Range[] = isSupportedAtAll(channel) ? [] : [NOTHING];
  const all = [...ranges, ...none];
  return [smallest(all.map(([low]) => low)), largest(all.map(([, high]) => high))];
}

/** Pays the claims of an outcome in their order, as long as there is money. */
function payoutOf(
  reckoning: Reckoning,
  { funding, me }: Promises,
  outcome: Outcome,
  amount: bigint,
): Range {
  const { asset, channels, later } = reckoning;
  const exit = outcome.find((one) => one.asset === asset);
  if (exit === undefined) return NOTHING;
  const opening = funding.find((one) => one.asset === asset)?.allocations ?? [];
  const mine = opening.filter((one) => one.allocationType === 0)[me]?.destination;
  let left = amount;
  let sum = NOTHING;
  for (const claim of reclaimed(reckoning, exit.allocations)) {
    const part = smallest([claim.amount, left]);
    left -= part;
    if (claim.destination === mine) sum = added(sum, [part, part]);
    const next = channels.get(claim.destination as string as ChannelId);
    if (next !== undefined && claim.allocationType !== 2) {
      const more = later.get(next.channelId)?.get(asset) ?? 0n;
      sum = added(sum, rangeOf(reckoning, next, part + more));
    }
  }
  return sum;
}

/** The claims once each guarantee has given way to what its channel pays the two sides. */
function reclaimed(
  { asset, endings }: Reckoning,
  allocations: readonly Allocation[],
): readonly Allocation[] {
  let claims = allocations;
  for (const guarantee of allocations) {
    if (guarantee.allocationType !== 2) continue;
    const ending = endings.get(guarantee.destination as string as ChannelId);
    const parts = ending?.find((exit) => exit.asset === asset)?.allocations ?? [];
    const [left, right] = parts.map(({ amount }) => amount);
    // Nobody can end its channel: what it holds is lost to both sides.
    if (left === undefined || right === undefined) continue;
    const sides = [guarantee.metadata.slice(0, 66), `0x${guarantee.metadata.slice(66)}`];
    const rest = claims.filter((one) => one !== guarantee);
    claims = withMore(withMore(rest, sides[0], left), sides[1], right);
  }
  return claims;
}

/** The first claim of a side gets it, as in the contract. */
function withMore(
  claims: readonly Allocation[],
  side: string | undefined,
  amount: bigint,
): readonly Allocation[] {
  const place = claims.findIndex((one) => one.allocationType !== 2 && one.destination === side);
  return claims.map((one, index) =>
    index === place ? { ...one, amount: one.amount + amount } : one,
  );
}

const assetOf = ({ asset }: { readonly asset: Address }): Address => asset;

function added(one: Range, other: Range): Range {
  return [one[0] + other[0], one[1] + other[1]];
}

function smallest(amounts: readonly bigint[]): bigint {
  const [first = 0n] = amounts.toSorted((one, other) => (one < other ? -1 : 1));
  return first;
}

function largest(amounts: readonly bigint[]): bigint {
  return -smallest(amounts.map((amount) => -amount));
}
