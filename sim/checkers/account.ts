/**
 * What one party is due and may lose, kept up to date record by record: the same as `dueOf` and `lossMax` of
 * `due.ts` say of her whole log, without reading it again.
 */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { type Deposited, type Due, dueOf, endingsOf, lossIn, mayComeOut } from "./due.ts";
import { type Arranged, arrange, type Extremes, extremesOf } from "./extremes.ts";
import { type PromisedState, type Promises, shownTurn, takePromise } from "./promises.ts";
import { type Ending, layOut, NOT_ADDITIVE } from "./reckoning.ts";
import type { Shown } from "./settlements.ts";

/** Ways to end together that are tried one by one where amounts do not simply add up. Beyond, nothing is said. */
const WAYS_MAX = 2_048;

/** What is known of one channel of hers. */
type Standing = {
  readonly promises: Promises;
  /** The newest turn that all have signed; -1 before. */
  newest: number;
  /** What `possibleStates` gives, by turn. */
  readonly possible: Map<number, PromisedState>;
  /** By asset, what a virtual channel may pay to its left and right; reckoned when asked for. */
  readonly endings: Map<Address, readonly Ending[]>;
  readonly losses: Map<Address, bigint>;
  /** The only end that is left, once the chain has made one final. */
  settled: Promises | undefined;
};

/** One party's account. Only the functions here change it. */
export type Account = {
  readonly channels: Map<ChannelId, Promises>;
  readonly standings: Map<ChannelId, Standing>;
  readonly assets: Set<Address>;
  /** By ledger, the channels that a state which can come out has a guarantee for. */
  readonly guaranteed: Map<ChannelId, ReadonlySet<ChannelId>>;
  /** What any state pays into, that is no guarantee: her ledgers' successors are among them. */
  readonly paidInto: Set<string>;
  /** By asset, how the channels that hold money themselves may pay; none while that has to be laid out anew. */
  readonly layouts: Map<Address, Arranged | typeof NOT_ADDITIVE>;
  /** By asset, what that came to; none once a virtual channel may end otherwise. */
  readonly dues: Map<Address, Extremes>;
  /** By asset, what she may lose in all; none once that may be another in some channel. */
  readonly losses: Map<Address, bigint>;
};

/** The account of somebody who has promised nothing yet. */
export function openAccount(): Account {
  return {
    channels: new Map(),
    standings: new Map(),
    assets: new Set(),
    guaranteed: new Map(),
    paidInto: new Set(),
    layouts: new Map(),
    dues: new Map(),
    losses: new Map(),
  };
}

/** What the channels that hold money pay has to be laid out anew. */
function forgetLayouts({ dues, layouts }: Account): void {
  layouts.clear();
  dues.clear();
}

function forgetLosses({ losses }: Account, standing: Standing): void {
  standing.losses.clear();
  losses.clear();
}

/** Takes the next event of her log. True when what she is due, or may lose, can be another than before. */
export function takeEvent(account: Account, event: NodeEvent): boolean {
  const promises = takePromise(account.channels, event);
  if (promises === undefined) return false;
  const standing = standingOf(account, promises);
  forgetLosses(account, standing);
  if (promises.use.type !== "Virtual" || event.type === "ChannelCreated") forgetLayouts(account);
  const turnNum = turnIn(event);
  const state = turnNum === undefined ? undefined : promises.states.get(turnNum);
  if (state !== undefined) takeState(account, standing, state);
  else leaveOutOlder(standing);
  renewEndings(account, standing);
  return true;
}

/** Notes that other amounts are deposited than before. */
export function takeDeposits(account: Account): void {
  forgetLayouts(account);
}

/** Above every turn that anybody signs. */
const SETTLED_TURN: number = 2 ** 47;

/** Notes that the chain pays one outcome of a channel and no other; undefined where that was taken back. */
export function takeSettled(
  account: Account,
  channelId: ChannelId,
  shown: Shown | undefined,
): void {
  const standing = account.standings.get(channelId);
  if (standing === undefined) return;
  if (shown === "AgreedEnd") standing.settled = endedAs(standing);
  else standing.settled = shown && settledAs(standing.promises, shown);
  standing.endings.clear();
  forgetLayouts(account);
  noteGuaranteed(account, standing);
}

/** The same channel with the ends alone that she has signed, as all have; undefined where she has signed none. */
function endedAs({ possible, promises }: Standing): Promises | undefined {
  const ends = [...possible].flatMap(([turnNum, { variablePart }]) =>
    variablePart.isFinal ? [[turnNum, signedByAll(promises, variablePart)] as const] : [],
  );
  return ends.length === 0
    ? undefined
    : { ...promises, states: new Map(ends), issued: [], received: [] };
}

/** The same channel as if everybody had signed that end, and nothing else. */
function settledAs(promises: Promises, { outcome, appData }: VariablePart): Promises {
  const variablePart = { outcome, appData, turnNum: SETTLED_TURN, isFinal: true };
  const states = new Map([[SETTLED_TURN, signedByAll(promises, variablePart)]]);
  return { ...promises, states, issued: [], received: [] };
}

function signedByAll({ fixedPart }: Promises, variablePart: VariablePart): PromisedState {
  const signers = fixedPart.participants.keys();
  return { variablePart, signatures: new Map([...signers].map((by) => [by, NO_SIGNATURE])) };
}

const NO_SIGNATURE = "0x" as Signature;

/** What can come out of it, and whether anything must. */
function possibleIn({
  newest,
  possible,
  settled,
}: Standing): readonly (PromisedState | undefined)[] {
  if (settled !== undefined) return [...settled.states.values()];
  return newest < 0 ? [...possible.values(), undefined] : [...possible.values()];
}

function standingOf({ assets, standings }: Account, promises: Promises): Standing {
  const known = standings.get(promises.channelId);
  if (known !== undefined) return known;
  for (const { asset } of promises.funding) assets.add(asset);
  const standing: Standing = {
    promises,
    newest: -1,
    possible: new Map(),
    endings: new Map(),
    losses: new Map(),
    settled: undefined,
  };
  standings.set(promises.channelId, standing);
  return standing;
}

function turnIn(event: NodeEvent): number | undefined {
  switch (event.type) {
    case "StateSigned":
    case "StateReceived":
    case "ChannelResynced":
      return event.variablePart.turnNum;
    case "ProposalSigned":
    case "ProposalReceived":
      return event.turnNum;
    default:
      return undefined;
  }
}

function takeState(account: Account, standing: Standing, state: PromisedState): void {
  const { signatures, variablePart } = state;
  const { outcome, turnNum } = variablePart;
  const { fixedPart } = standing.promises;
  if (signatures.size === fixedPart.participants.length) {
    standing.newest = Math.max(standing.newest, turnNum);
  }
  if (mayComeOut(standing.promises, state)) standing.possible.set(turnNum, state);
  leaveOutOlder(standing);
  notePaidInto(account, outcome);
  noteGuaranteed(account, standing);
}

/** What comes behind the end on the chain takes the place of nothing: it decides nothing any more. */
function leaveOutOlder({ newest, possible, promises, settled }: Standing): void {
  if (settled !== undefined) return;
  const least = Math.max(newest, shownTurn(promises));
  for (const [turn, { variablePart }] of possible) {
    if (turn < least && !variablePart.isFinal) possible.delete(turn);
  }
}

function notePaidInto({ paidInto }: Account, outcome: Outcome): void {
  for (const { allocations } of outcome) {
    for (const { allocationType, destination } of allocations) {
      if (allocationType !== 2) paidInto.add(destination);
    }
  }
}

function noteGuaranteed(account: Account, standing: Standing): void {
  const { guaranteed, standings } = account;
  const { channelId } = standing.promises;
  const before = guaranteed.get(channelId) ?? NO_CHANNELS;
  const now = new Set(
    possibleIn(standing)
      .flatMap((state) => state?.variablePart.outcome ?? [])
      .flatMap(({ allocations }) => allocations)
      .filter(({ allocationType }) => allocationType === 2)
      .map(({ destination }) => destination as string as ChannelId),
  );
  if (before.size + now.size === 0) return;
  guaranteed.set(channelId, now);
  for (const target of before.symmetricDifference(now)) {
    const other = standings.get(target);
    if (other !== undefined) forgetLosses(account, other);
  }
}

const NO_CHANNELS: ReadonlySet<ChannelId> = new Set();

/** The same as `lossMax` of `due.ts`. */
export function lossOf({ guaranteed, losses: sums, standings }: Account, asset: Address): bigint {
  const known = sums.get(asset);
  if (known !== undefined) return known;
  let sum = 0n;
  for (const [channelId, { losses, possible, promises }] of standings) {
    let loss = losses.get(asset);
    if (loss === undefined) {
      const isGuaranteed = (): boolean =>
        [...guaranteed.values()].some((ids) => ids.has(channelId));
      loss = lossIn(promises, asset, { possible: [...possible.values()], isGuaranteed });
      losses.set(asset, loss);
    }
    sum += loss;
  }
  sums.set(asset, sum);
  return sum;
}

/**
 * The same as `dueOf` of `due.ts`, of one asset. Undefined where amounts do not add up, channel by channel, and
 * there are too many ways to try each.
 */
export function dueIn(account: Account, asset: Address, deposits: Deposited): Extremes | undefined {
  const known = account.dues.get(asset);
  if (known !== undefined) return known;
  const layout = account.layouts.get(asset) ?? layOutAccount(account, asset, deposits);
  account.layouts.set(asset, layout);
  const endingsFor = (target: ChannelId): readonly Ending[] => endingsIn(account, asset, target);
  const extremes = layout === NOT_ADDITIVE ? layout : extremesOf(layout, endingsFor);
  if (extremes === NOT_ADDITIVE) return slowly(account, asset, deposits);
  account.dues.set(asset, extremes);
  return extremes;
}

function endingsIn({ standings }: Account, asset: Address, target: ChannelId): readonly Ending[] {
  const standing = standings.get(target);
  if (standing?.promises.use.type !== "Virtual") return NO_ENDINGS;
  const known = standing.endings.get(asset);
  if (known !== undefined) return known;
  const endings = reckonEndings(standing, asset);
  standing.endings.set(asset, endings);
  return endings;
}

/** Most events of a virtual channel change nothing about how it may end: then what is known stays. */
function renewEndings({ dues }: Account, standing: Standing): void {
  for (const [asset, before] of standing.endings) {
    const now = reckonEndings(standing, asset);
    if (areSame(before, now)) continue;
    standing.endings.set(asset, now);
    dues.clear();
  }
}

function areSame(before: readonly Ending[], now: readonly Ending[]): boolean {
  return (
    before.length === now.length &&
    before.every((one, at) => one.left === now[at]?.left && one.right === now[at].right)
  );
}

function reckonEndings(standing: Standing, asset: Address): readonly Ending[] {
  const possible = possibleIn(standing).filter((state) => state !== undefined);
  return endingsOf(standing.settled ?? standing.promises, possible).flatMap((outcome) => {
    const parts = outcome.find((exit) => exit.asset === asset)?.allocations ?? [];
    const [left, right] = parts.map(({ amount }) => amount);
    return left === undefined || right === undefined ? [] : [{ left, right }];
  });
}

const NO_ENDINGS: readonly Ending[] = [];

function layOutAccount(
  account: Account,
  asset: Address,
  deposits: Deposited,
): Arranged | typeof NOT_ADDITIVE {
  const { roots, later } = splitDeposits(account, deposits);
  const ledgers = layOut([...roots.keys()], {
    asset,
    promisesOf: (id) => account.channels.get(id),
    possibleIn: (id) => {
      const standing = account.standings.get(id);
      return standing === undefined ? [undefined] : possibleIn(standing);
    },
    depositedIn: (id) => (roots.get(id) ?? later.get(id))?.get(asset) ?? 0n,
  });
  return ledgers === NOT_ADDITIVE ? ledgers : arrange(ledgers);
}

/** Hers alone: into what holds money itself, and into what goes on with another channel's. */
function splitDeposits({ paidInto, standings }: Account, deposits: Deposited) {
  const roots = new Map<ChannelId, ReadonlyMap<Address, bigint>>();
  const later = new Map<ChannelId, ReadonlyMap<Address, bigint>>();
  for (const [id, held] of deposits) {
    const standing = standings.get(id);
    if (standing === undefined || standing.promises.use.type === "Virtual") continue;
    (paidInto.has(id) ? later : roots).set(id, held);
  }
  return { roots, later };
}

function slowly(account: Account, asset: Address, deposits: Deposited): Extremes | undefined {
  const channels = new Map<ChannelId, Promises>();
  let ways = 1;
  for (const [id, { promises, settled }] of account.standings) {
    const now = settled ?? promises;
    channels.set(id, now);
    if (promises.use.type === "Virtual") ways *= Math.max(1, endingsOf(now).length);
    if (ways > WAYS_MAX) return undefined;
  }
  const { roots, later } = splitDeposits(account, deposits);
  const { least, most }: Due = dueOf(channels, roots, later);
  return [least.get(asset) ?? 0n, most.get(asset) ?? 0n];
}
