/** The outcome of a ledger channel: guarantees beside what its two participants hold freely. */
import type { Address } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Profile } from "./channel-use.ts";
import { channelDestination, type Destination, isExternal } from "./destination.ts";
import { encodeGuarantee, type Guarantee } from "./guarantee.ts";
import { GUARANTEES_MAX } from "./ledger-limits.ts";
import type { GuaranteeShares, LedgerProposal } from "./ledger-proposal.ts";
import {
  ALLOCATION_TYPE,
  type Allocation,
  AMOUNT_MAX,
  type Outcome,
  type SingleAssetExit,
} from "./outcome.ts";

/** The number that go-nitro writes for a guarantee; the contracts take it for something else. */
const GO_NITRO_GUARANTEE = 1;

/**
 * Why a proposal does not fit a ledger state. Whoever proposed it is at fault, and the state stays as it is;
 * only `InsufficientFunds`, `GuaranteesFull` and `TopUpRunning` can be otherwise at another time.
 */
export type LedgerRejection =
  /** The ledger does not hold this asset, or the target is funded in other assets than the proposal names. */
  | { readonly code: "AssetMismatch"; readonly asset: Address }
  /** Nothing at all of an asset, an asset twice, or no asset. */
  | { readonly code: "SharesMalformed" }
  /** One amount is below zero or above 2^256-1. */
  | { readonly code: "AmountOutOfRange"; readonly amount: bigint }
  /** Left and right are not the two participants of the ledger. */
  | { readonly code: "NotTheParties" }
  /** The target is the ledger itself, or its id looks like an account. */
  | { readonly code: "TargetNotAChannel" }
  | { readonly code: "GuaranteeExists"; readonly target: ChannelId }
  | { readonly code: "GuaranteeMissing"; readonly target: ChannelId }
  /** What the two sides get is not what the guarantee holds. */
  | { readonly code: "SharesDoNotAddUp"; readonly target: ChannelId }
  | { readonly code: "GuaranteesFull"; readonly count: number }
  | { readonly code: "InsufficientFunds"; readonly available: bigint; readonly asked: bigint }
  /** One top-up of an asset at a time. */
  | { readonly code: "TopUpRunning"; readonly asset: Address }
  | { readonly code: "TopUpMissing"; readonly asset: Address }
  | { readonly code: "UnknownParticipant"; readonly index: number };

/** The allocations of one asset, apart by what they are. */
export type LedgerExit = {
  readonly guarantees: readonly Allocation[];
  /** Of the leader and of the follower: what each can still lock up. */
  readonly balances: readonly [Allocation, Allocation];
  /** Of a participant who is about to deposit; undefined when nobody is. */
  readonly topUp: Allocation | undefined;
};

/**
 * Takes the exit of a ledger channel apart. The caller knows that it holds two allocations at least; whether
 * they stand as they must, nobody needs to know before.
 */
export function readLedgerExit(profile: Profile, { allocations }: SingleAssetExit): LedgerExit {
  const first = placeOfBalances(profile, allocations);
  const leader = assertDefined(allocations[first], "the leader's balance");
  const follower = assertDefined(allocations[first + 1], "the follower's balance");
  const rest = allocations.slice(first + 2);
  if (profile === "go-nitro") {
    return { guarantees: rest, balances: [leader, follower], topUp: undefined };
  }
  return { guarantees: allocations.slice(0, first), balances: [leader, follower], topUp: rest[0] };
}

/** Where the leader's balance stands; the follower's is the next one. */
function placeOfBalances(profile: Profile, allocations: readonly Allocation[]): number {
  if (profile === "go-nitro") return 0;
  return allocations.findIndex(({ allocationType }) => isSimple(allocationType));
}

/**
 * Where the guarantees stand: from `begin` up to, but not including, `end`. Everything else is at one of the
 * two ends, so a full ledger takes no longer to look at than an empty one.
 */
function placeOfGuarantees(allocations: readonly Allocation[]): { begin: number; end: number } {
  let end = allocations.length;
  while (end > 0 && isSimpleAt(allocations, end - 1)) end -= 1;
  let begin = 0;
  while (begin < end && isSimpleAt(allocations, begin)) begin += 1;
  return { begin, end };
}

function isSimpleAt(allocations: readonly Allocation[], index: number): boolean {
  return allocations[index]?.allocationType === ALLOCATION_TYPE.simple;
}

/**
 * The outcome after a proposal. In the enforceable profile guarantees stand before everything else, in the
 * order of their targets, and both balances stay even at zero. Source: ADR 0014.
 */
export function applyProposal(
  profile: Profile,
  ledgerId: ChannelId,
  outcome: Outcome,
  proposal: LedgerProposal,
): Result<Outcome, LedgerRejection> {
  switch (proposal.type) {
    case "Add":
      return add(profile, ledgerId, outcome, proposal);
    case "Remove":
      return remove(profile, outcome, proposal);
    case "TopUp":
      return beginTopUp(profile, outcome, proposal);
    case "Merge":
      return merge(profile, outcome, proposal);
  }
}

/** The guarantees for a target, asset by asset; empty when there is none. */
export function guaranteesFor(outcome: Outcome, target: ChannelId): readonly Allocation[] {
  const destination = channelDestination(target);
  return outcome.flatMap(({ allocations }) => guaranteeAmong(allocations, destination) ?? []);
}

/** True when the outcome funds the target. */
export function includesGuarantee(outcome: Outcome, target: ChannelId): boolean {
  const destination = channelDestination(target);
  return outcome.some(({ allocations }) => guaranteeAmong(allocations, destination) !== undefined);
}

function guaranteeAmong(
  allocations: readonly Allocation[],
  destination: Destination,
): Allocation | undefined {
  const { begin, end } = placeOfGuarantees(allocations);
  // Balances in front: go-nitro's form, whose guarantees are in the order of their coming.
  if (begin > 0) return allocations.find((one) => isGuaranteeFor(one, destination));
  const found = allocations[placeInOrder(allocations, destination, end)];
  return found !== undefined && isGuaranteeFor(found, destination) ? found : undefined;
}

function isGuaranteeFor(one: Allocation, destination: Destination): boolean {
  return one.destination === destination && !isSimple(one.allocationType);
}

/** Where a destination stands, or would stand, among the first `count` allocations, which are in order. */
function placeInOrder(
  allocations: readonly Allocation[],
  destination: Destination,
  count: number,
): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (assertDefined(allocations[middle], "an allocation").destination < destination) {
      low = middle + 1;
    } else high = middle;
  }
  return low;
}

/** The channels that the outcome funds, each once. */
export function guaranteedIn(outcome: Outcome): readonly ChannelId[] {
  const guarantees = outcome.flatMap(({ allocations }) =>
    allocations.filter(({ allocationType }) => !isSimple(allocationType)),
  );
  // A guarantee pays the channel whose id its destination is.
  return [...new Set(guarantees.map(({ destination }) => destination as Hex as ChannelId))];
}

/** Guarantees in the outcome, one for each asset of each target. */
export function guaranteeCount(outcome: Outcome): number {
  return outcome.reduce((count, { allocations }) => {
    const { begin, end } = placeOfGuarantees(allocations);
    return count + end - begin;
  }, 0);
}

/** What participant `side` can still lock up of an asset; undefined when the ledger does not hold it. */
export function freeBalance(
  profile: Profile,
  outcome: Outcome,
  side: number,
  asset: Address,
): bigint | undefined {
  const exit = outcome.find((candidate) => candidate.asset === asset);
  if (exit === undefined) return undefined;
  return exit.allocations[placeOfBalances(profile, exit.allocations) + side]?.amount;
}

/** The destinations of leader and follower: where their money goes when the ledger is closed. */
export function partiesOf(
  profile: Profile,
  outcome: Outcome,
): readonly [Destination, Destination] | undefined {
  const [exit] = outcome;
  if (exit === undefined) return undefined;
  const [leader, follower] = readLedgerExit(profile, exit).balances;
  return [leader.destination, follower.destination];
}

function isSimple(allocationType: number): boolean {
  return allocationType === ALLOCATION_TYPE.simple;
}

type Changed = Result<Outcome, LedgerRejection>;
type Add = LedgerProposal & { readonly type: "Add" };
type Remove = LedgerProposal & { readonly type: "Remove" };

function add(profile: Profile, ledgerId: ChannelId, outcome: Outcome, proposal: Add): Changed {
  const { fee, guarantee, shares, target } = proposal;
  const checked = checkShares(shares, fee);
  if (!checked.ok) return checked;
  if (target === ledgerId || isExternal(target)) return reject({ code: "TargetNotAChannel" });
  if (includesGuarantee(outcome, target)) return reject({ code: "GuaranteeExists", target });
  const left = sideOf(profile, outcome, guarantee);
  if (left === undefined) return reject({ code: "NotTheParties" });
  const count = guaranteeCount(outcome);
  if (count + shares.length > GUARANTEES_MAX) return reject({ code: "GuaranteesFull", count });
  return changeExits(profile, outcome, shares, (exit, share, index) => {
    const isFirst = index === 0;
    const moved = moveBalances(exit, left, {
      left: -share.left - (isFirst ? fee : 0n),
      right: -share.right + (isFirst ? fee : 0n),
    });
    if (!moved.ok) return moved;
    const allocation = guaranteeAllocation(profile, proposal, share);
    return accept({ ...moved.value, guarantees: withGuarantee(exit.guarantees, allocation) });
  });
}

function remove(profile: Profile, outcome: Outcome, proposal: Remove): Changed {
  const { refund, shares, target } = proposal;
  const checked = checkShares(shares, refund);
  if (!checked.ok) return checked;
  const present = guaranteesFor(outcome, target);
  if (present.length === 0) return reject({ code: "GuaranteeMissing", target });
  if (present.length !== shares.length) return reject({ code: "SharesDoNotAddUp", target });
  const destination = channelDestination(target);
  return changeExits(profile, outcome, shares, (exit, share, index) => {
    const guarantee = exit.guarantees.find((one) => one.destination === destination);
    if (guarantee === undefined) return reject({ code: "GuaranteeMissing", target });
    if (guarantee.amount !== share.left + share.right) {
      return reject({ code: "SharesDoNotAddUp", target });
    }
    const [leader] = exit.balances;
    const left = guarantee.metadata.startsWith(leader.destination) ? 0 : 1;
    const back = index === 0 ? refund : 0n;
    const moved = moveBalances(exit, left, { left: share.left + back, right: share.right - back });
    if (!moved.ok) return moved;
    const guarantees = exit.guarantees.filter((one) => one !== guarantee);
    return accept({ ...moved.value, guarantees });
  });
}

function beginTopUp(
  profile: Profile,
  outcome: Outcome,
  { amount, asset, by }: LedgerProposal & { readonly type: "TopUp" },
): Changed {
  if (amount <= 0n || amount > AMOUNT_MAX) return reject({ code: "AmountOutOfRange", amount });
  return changeOne(profile, outcome, asset, (exit) => {
    const balance = exit.balances[by];
    if (balance === undefined) return reject({ code: "UnknownParticipant", index: by });
    if (exit.topUp !== undefined) return reject({ code: "TopUpRunning", asset });
    return accept({ ...exit, topUp: { ...balance, amount } });
  });
}

function merge(
  profile: Profile,
  outcome: Outcome,
  { asset, by }: LedgerProposal & { readonly type: "Merge" },
): Changed {
  return changeOne(profile, outcome, asset, (exit) => {
    const [leader, follower] = exit.balances;
    if (exit.topUp === undefined) return reject({ code: "TopUpMissing", asset });
    if (exit.topUp.destination !== exit.balances[by]?.destination) {
      return reject({ code: "UnknownParticipant", index: by });
    }
    const { amount } = exit.topUp;
    const balances: LedgerExit["balances"] =
      by === 0
        ? [{ ...leader, amount: leader.amount + amount }, follower]
        : [leader, { ...follower, amount: follower.amount + amount }];
    return accept({ ...exit, balances, topUp: undefined });
  });
}

function checkShares(
  shares: readonly GuaranteeShares[],
  fee: bigint,
): Result<undefined, LedgerRejection> {
  const assets = new Set(shares.map(({ asset }) => asset));
  if (shares.length === 0 || assets.size !== shares.length) {
    return reject({ code: "SharesMalformed" });
  }
  const amounts = shares.flatMap(({ left, right }) => [left, right, left + right]);
  const wrong = [fee, ...amounts].find((amount) => amount < 0n || amount > AMOUNT_MAX);
  if (wrong !== undefined) return reject({ code: "AmountOutOfRange", amount: wrong });
  const isEmpty = shares.some(({ left, right }) => left + right === 0n);
  return isEmpty ? reject({ code: "SharesMalformed" }) : accept(undefined);
}

/** Which participant the left side of a guarantee is; undefined when the two sides are not the two parties. */
function sideOf(profile: Profile, outcome: Outcome, { left, right }: Guarantee): 0 | 1 | undefined {
  const [leader, follower] = partiesOf(profile, outcome) ?? [];
  if (left === right) return undefined;
  if (left === leader && right === follower) return 0;
  return left === follower && right === leader ? 1 : undefined;
}

function moveBalances(
  exit: LedgerExit,
  left: 0 | 1,
  change: { readonly left: bigint; readonly right: bigint },
): Result<LedgerExit, LedgerRejection> {
  const [leader, follower] = exit.balances;
  const amounts: readonly [bigint, bigint] =
    left === 0 ? [change.left, change.right] : [change.right, change.left];
  for (const [index, balance] of exit.balances.entries()) {
    const delta = amounts[index] ?? 0n;
    if (balance.amount + delta < 0n) {
      return reject({ code: "InsufficientFunds", available: balance.amount, asked: -delta });
    }
  }
  return accept({
    ...exit,
    balances: [
      { ...leader, amount: leader.amount + amounts[0] },
      { ...follower, amount: follower.amount + amounts[1] },
    ],
  });
}

function guaranteeAllocation(
  profile: Profile,
  { guarantee, target }: Add,
  { left, right }: GuaranteeShares,
): Allocation {
  return {
    destination: channelDestination(target),
    amount: left + right,
    allocationType: profile === "enforceable" ? ALLOCATION_TYPE.guarantee : GO_NITRO_GUARANTEE,
    metadata: encodeGuarantee(guarantee),
  };
}

function withGuarantee(
  guarantees: readonly Allocation[],
  added: Allocation,
): readonly Allocation[] {
  const place = placeInOrder(guarantees, added.destination, guarantees.length);
  return guarantees.toSpliced(place, 0, added);
}

type ChangeExit = (exit: LedgerExit) => Result<LedgerExit, LedgerRejection>;

/** Changes the exits that the shares name, each by its own share. */
function changeExits(
  profile: Profile,
  outcome: Outcome,
  shares: readonly GuaranteeShares[],
  change: (
    exit: LedgerExit,
    share: GuaranteeShares,
    index: number,
  ) => Result<LedgerExit, LedgerRejection>,
): Changed {
  let changed = outcome;
  for (const [index, share] of shares.entries()) {
    const next = changeOne(profile, changed, share.asset, (exit) => change(exit, share, index));
    if (!next.ok) return next;
    changed = next.value;
  }
  return accept(changed);
}

function changeOne(
  profile: Profile,
  outcome: Outcome,
  asset: Address,
  change: ChangeExit,
): Changed {
  const place = outcome.findIndex((one) => one.asset === asset);
  const exit = outcome[place];
  if (exit === undefined) return reject({ code: "AssetMismatch", asset });
  const changed = change(readLedgerExit(profile, exit));
  if (!changed.ok) return changed;
  return accept(outcome.with(place, { ...exit, allocations: joined(profile, changed.value) }));
}

function joined(profile: Profile, exit: LedgerExit): Allocation[] {
  const { balances, guarantees, topUp } = exit;
  if (profile === "go-nitro") return [...balances, ...guarantees];
  return [...guarantees, ...balances, ...(topUp === undefined ? [] : [topUp])];
}
