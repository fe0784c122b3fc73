/**
 * What one party is due and may lose, kept up to date record by record: the same as `dueOf` and `lossMax` of
 * `due.ts` say of her whole log, without reading it again.
 */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { type Deposited, type Due, dueOf, endingsOf, lossIn } from "./due.ts";
import { type PromisedState, type Promises, takePromise } from "./promises.ts";
import {
  type Ending,
  type Extremes,
  extremesOf,
  type Ledger,
  layOut,
  NOT_ADDITIVE,
} from "./reckoning.ts";

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
};

/** One party's account. Only the functions here change it. */
export type Account = {
  readonly channels: Map<ChannelId, Promises>;
  readonly standings: Map<ChannelId, Standing>;
  readonly assets: Set<Address>;
  /** Channels that she has signed a guarantee for, in any state. */
  readonly guaranteed: Set<ChannelId>;
  /** What any state pays into, that is no guarantee: her ledgers' successors are among them. */
  readonly paidInto: Set<string>;
  /** By asset, how the channels that hold money themselves may pay; none while that has to be laid out anew. */
  readonly layouts: Map<Address, readonly Ledger[] | typeof NOT_ADDITIVE>;
};

/** The account of somebody who has promised nothing yet. */
export function openAccount(): Account {
  return {
    channels: new Map(),
    standings: new Map(),
    assets: new Set(),
    guaranteed: new Set(),
    paidInto: new Set(),
    layouts: new Map(),
  };
}

/** Takes the next event of her log. True when what she is due, or may lose, can be another than before. */
export function takeEvent(account: Account, event: NodeEvent): boolean {
  const promises = takePromise(account.channels, event);
  if (promises === undefined) return false;
  const standing = standingOf(account, promises);
  standing.endings.clear();
  standing.losses.clear();
  if (promises.use.type !== "Virtual" || event.type === "ChannelCreated") account.layouts.clear();
  const turnNum = turnIn(event);
  const state = turnNum === undefined ? undefined : promises.states.get(turnNum);
  if (state !== undefined) takeState(account, standing, state);
  return true;
}

/** Notes that other amounts are deposited than before. */
export function takeDeposits({ layouts }: Account): void {
  layouts.clear();
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
  };
  standings.set(promises.channelId, standing);
  return standing;
}

function turnIn(event: NodeEvent): number | undefined {
  switch (event.type) {
    case "StateSigned":
    case "StateReceived":
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
  const { fixedPart, me } = standing.promises;
  if (signatures.size === fixedPart.participants.length) {
    standing.newest = Math.max(standing.newest, turnNum);
  }
  if (signatures.has(me)) standing.possible.set(turnNum, state);
  for (const [turn, { variablePart: one }] of standing.possible) {
    if (turn < standing.newest && !one.isFinal) standing.possible.delete(turn);
  }
  noteTargets(account, outcome, signatures.has(me));
}

function noteTargets(account: Account, outcome: Outcome, isMine: boolean): void {
  for (const { allocations } of outcome) {
    for (const { allocationType, destination } of allocations) {
      if (allocationType !== 2) account.paidInto.add(destination);
      else if (isMine) noteGuaranteed(account, destination as string as ChannelId);
    }
  }
}

function noteGuaranteed({ guaranteed, standings }: Account, target: ChannelId): void {
  if (guaranteed.has(target)) return;
  guaranteed.add(target);
  standings.get(target)?.losses.clear();
}

/** The same as `lossMax` of `due.ts`. */
export function lossOf({ guaranteed, standings }: Account, asset: Address): bigint {
  let sum = 0n;
  for (const [channelId, { losses, possible, promises }] of standings) {
    let loss = losses.get(asset);
    if (loss === undefined) {
      const isGuaranteed = (): boolean => guaranteed.has(channelId);
      loss = lossIn(promises, asset, { possible: [...possible.values()], isGuaranteed });
      losses.set(asset, loss);
    }
    sum += loss;
  }
  return sum;
}

/**
 * The same as `dueOf` of `due.ts`, of one asset. Undefined where amounts do not add up, channel by channel, and
 * there are too many ways to try each.
 */
export function dueIn(account: Account, asset: Address, deposits: Deposited): Extremes | undefined {
  const layout = account.layouts.get(asset) ?? layOutAccount(account, asset, deposits);
  account.layouts.set(asset, layout);
  const endingsFor = (target: ChannelId): readonly Ending[] => endingsIn(account, asset, target);
  const extremes = layout === NOT_ADDITIVE ? layout : extremesOf(layout, endingsFor);
  return extremes === NOT_ADDITIVE ? slowly(account, asset, deposits) : extremes;
}

function endingsIn({ standings }: Account, asset: Address, target: ChannelId): readonly Ending[] {
  const standing = standings.get(target);
  if (standing?.promises.use.type !== "Virtual") return [];
  const known = standing.endings.get(asset);
  if (known !== undefined) return known;
  const endings = endingsOf(standing.promises, [...standing.possible.values()]).flatMap(
    (outcome) => {
      const parts = outcome.find((exit) => exit.asset === asset)?.allocations ?? [];
      const [left, right] = parts.map(({ amount }) => amount);
      return left === undefined || right === undefined ? [] : [{ left, right }];
    },
  );
  standing.endings.set(asset, endings);
  return endings;
}

function layOutAccount(
  account: Account,
  asset: Address,
  deposits: Deposited,
): readonly Ledger[] | typeof NOT_ADDITIVE {
  const { roots, later } = splitDeposits(account, deposits);
  return layOut([...roots.keys()], {
    asset,
    promisesOf: (id) => account.channels.get(id),
    possibleIn: (id) => {
      const { newest, possible } = account.standings.get(id) ?? NOTHING_POSSIBLE;
      return newest < 0 ? [...possible.values(), undefined] : [...possible.values()];
    },
    depositedIn: (id) => (roots.get(id) ?? later.get(id))?.get(asset) ?? 0n,
  });
}

const NOTHING_POSSIBLE = { newest: -1, possible: new Map<number, PromisedState>() };

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
  let ways = 1;
  for (const { possible, promises } of account.standings.values()) {
    if (promises.use.type !== "Virtual") continue;
    ways *= Math.max(1, endingsOf(promises, [...possible.values()]).length);
    if (ways > WAYS_MAX) return undefined;
  }
  const { roots, later } = splitDeposits(account, deposits);
  const { least, most }: Due = dueOf(account.channels, roots, later);
  return [least.get(asset) ?? 0n, most.get(asset) ?? 0n];
}
