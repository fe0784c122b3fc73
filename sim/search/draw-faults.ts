/** Draws what goes wrong at a certain time: while something goes on, and mostly within what honest nodes are promised to bear. */
import { confirmationSec } from "../../src/chain/chain-profile.ts";
import type { ActorName } from "../actors.ts";
import type { Move } from "../adversaries/move.ts";
import { STRATEGIES, type StrategyName } from "../adversaries/strategies.ts";
import { FAULT_TYPES, type Fault } from "../faults/fault.ts";
import {
  between,
  type Chance,
  happens,
  pick,
  swarm,
  type Weighted,
  weigh,
  within,
} from "./draw-chance.ts";
import { drawChainFault } from "./draw-faults-chain.ts";
import { drawNetworkFault } from "./draw-faults-network.ts";
import { drawNodeFault, type FaultFrame } from "./draw-faults-node.ts";
import type { DrawnWorld } from "./draw-world.ts";

/** What the faults of a plan are drawn for. */
export type FaultFeatures = {
  readonly cast: readonly ActorName[];
  readonly world: DrawnWorld;
  /** Kinds that are on, by their weights. */
  readonly kinds: Weighted<Fault["type"]>;
  readonly count: number;
  /** When wishes are asked for, in virtual milliseconds from the start. */
  readonly startsMs: readonly number[];
  /** The same of the wishes that several have to agree to, step by step. */
  readonly longStartsMs: readonly number[];
  /** Who cheats, and how: faults hit the others mostly, and some just when they should answer a challenge. */
  readonly moves: readonly Move[];
};

/** Seconds of the shortest challenge that are left for late blocks and for looking. */
const SLACK_SEC = 30;

/** Kinds of which one per run is enough: after it a node is not judged any more, or all is late. */
const RARE: readonly Fault["type"][] = ["FlippedBit", "OldBackup", "Censorship", "FeeSpike"];

/** What keeps a node from answering a challenge. */
export const HINDRANCES: readonly Fault["type"][] = [
  "Crash",
  "Freeze",
  "SkewedClock",
  "Censorship",
  "FeeSpike",
  "RpcTrouble",
  "RpcOutage",
];

/** How many faults strike together with a challenge, where somebody challenges. */
const TOGETHER_FRACTION = 0.7;

/** How many faults strike while something is agreed on that takes more than a payment does. */
const LONG_FRACTION = 0.4;

/** How many faults of nodes hit those who cheat like everybody else: they have little to lose by them. */
const ANYBODY_FRACTION = 0.2;

/** The kinds of one run, by their weights. */
export function drawFaultKinds(
  chance: Chance,
  among: readonly Fault["type"][] = FAULT_TYPES,
): Weighted<Fault["type"]> {
  return swarm(chance, "kinds", among);
}

/** Draws them. */
export function drawFaults(chance: Chance, features: FaultFeatures): readonly Fault[] {
  const { cast, count, world } = features;
  const budgetMs = awayBudgetMs(world);
  const awayMsMax = new Map(
    cast.map((name) => [name, Math.max(0, budgetMs - lateMsOf(world, name))]),
  );
  const faults: Fault[] = [];
  for (let id = 0; id < count; id += 1) {
    const own = within(chance, `fault ${id}`);
    const moment = drawMomentAndKinds(own, features);
    const left = moment.kinds.filter(
      ([, kind]) => !(RARE.includes(kind) && has(faults, kind)) && !isHopeless(kind, world),
    );
    if (left.length === 0) continue;
    const frame = { cast, world, awayMsMax, targets: drawTargets(own, features) };
    const { atMs } = moment;
    const fault: Fault = { id, atMs, ...drawFault(own, weigh(own, "kind", left), frame) };
    faults.push(fault);
    const away = awayOf(fault);
    if (away !== undefined) {
      awayMsMax.set(away.node, Math.max(0, (awayMsMax.get(away.node) ?? 0) - away.ms));
    }
  }
  return faults;
}

/** Whom a fault of a node may hit. */
function drawTargets(chance: Chance, { cast, moves }: FaultFeatures): readonly ActorName[] {
  if (happens(chance, "hits anybody", ANYBODY_FRACTION)) return cast;
  return cast.filter((name) => !moves.some(({ by }) => by === name));
}

type MomentAndKinds = Pick<FaultFeatures, "kinds"> & Pick<Fault, "atMs">;

/** Some strike just when a challenge wants to be answered, and these mostly hinder that. */
function drawMomentAndKinds(
  chance: Chance,
  { kinds, longStartsMs, moves, startsMs }: FaultFeatures,
): MomentAndKinds {
  const challenges = moves.filter(
    ({ strategy }) => STRATEGIES[strategy as StrategyName].isLate === true,
  );
  if (challenges.length === 0 || !happens(chance, "with a challenge", TOGETHER_FRACTION)) {
    const isLong = longStartsMs.length > 0 && happens(chance, "while many agree", LONG_FRACTION);
    return { kinds, atMs: drawMoment(chance, isLong ? longStartsMs : startsMs) };
  }
  const { fromMs } = pick(chance, "challenge", challenges);
  const hindering = kinds.filter(([, kind]) => HINDRANCES.includes(kind));
  const behindMs = weigh(chance, "place", [
    // What hinders already when the challenge comes, and what comes when it was seen.
    [50, between(chance, "before it", [-20_000, 2_000])],
    [50, between(chance, "behind it", [2_000, 40_000])],
  ]);
  const atMs = Math.max(0, fromMs + behindMs);
  return { kinds: hindering.length === 0 ? kinds : hindering, atMs };
}

/** How long a node may be away from its chain, in virtual milliseconds, without that it could lose. */
export function awayBudgetMs({ challengeDurationSec, profile }: DrawnWorld): number {
  const { inclusionBoundSec } = profile;
  const restSec = challengeDurationSec - inclusionBoundSec - 2 * confirmationSec(profile);
  return Math.max(0, restSec - SLACK_SEC) * 1_000;
}

/** What no miner takes is replaced by a dearer one: not where it is as dear as it may be already. */
function isHopeless(kind: Fault["type"], { chain }: DrawnWorld): boolean {
  return kind === "FeeSpike" && (chain.stuckFraction ?? 0) > 0;
}

/** By how much a node's endpoints may hide what has happened, all the time, in virtual milliseconds. */
function lateMsOf({ chain, profile }: DrawnWorld, name: ActorName): number {
  const endpoints = chain.rpcs?.[name] ?? [];
  const blocks = endpoints.map(({ lateLogBlocks: [, most] = [0, 0] }) => most);
  return Math.max(0, ...blocks) * profile.blockTimeSec * 1_000;
}

type Away = { readonly node: ActorName; readonly ms: number };

/** Who does not see her chain because of a fault, and how long. Who never comes back is not judged. */
export function awayOf(fault: Fault): Away | undefined {
  switch (fault.type) {
    case "Crash":
    case "LostTail":
    case "TornAppend":
    case "FlippedBit":
    case "OldBackup":
      return { node: fault.node, ms: fault.awayMs ?? 0 };
    case "Freeze":
    case "FullDisk":
    case "RpcTrouble":
    case "RpcOutage":
      return { node: fault.node, ms: fault.forMs };
    default:
      return undefined;
  }
}

function drawFault(chance: Chance, kind: Fault["type"], frame: FaultFrame) {
  return (
    drawNetworkFault(chance, kind, frame) ??
    drawNodeFault(chance, kind, frame) ??
    drawChainFault(chance, kind, frame)
  );
}

/** Most faults strike while messages of a wish are on their way, some while blocks are waited for, a few before. */
function drawMoment(chance: Chance, startsMs: readonly number[]): number {
  const startMs = pick(chance, "wish", startsMs.length === 0 ? [0] : startsMs);
  const afterMs = weigh(chance, "when", [
    [50, between(chance, "within messages", [0, 400])],
    [35, between(chance, "within blocks", [0, 100_000])],
    [15, -between(chance, "before", [0, 3_000])],
  ]);
  return Math.max(0, startMs + afterMs);
}

function has(faults: readonly Fault[], kind: Fault["type"]): boolean {
  return faults.some(({ type }) => type === kind);
}
