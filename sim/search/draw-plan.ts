/**
 * Draws a plan from a seed. Each seed draws first which features it has at all, and only then what they do: runs
 * in which a few things happen often find more than runs in which everything happens a little. Source: ADR 0030.
 */

import { confirmationSec } from "../../src/chain/chain-profile.ts";
import type { ActorName } from "../actors.ts";
import type { Move } from "../adversaries/move.ts";
import type { StrategyName } from "../adversaries/strategies.ts";
import type { Fault } from "../faults/fault.ts";
import type { Fees } from "../world.ts";
import { SIZES } from "./draw-amounts.ts";
import { between, type Chance, happens, pick, swarm, weigh, within } from "./draw-chance.ts";
import { drawFaultKinds, drawFaults, type FaultFeatures } from "./draw-faults.ts";
import { drawBrokenPromise } from "./draw-faults-chain.ts";
import { drawFocus } from "./draw-focus.ts";
import { drawKinds } from "./draw-kinds.ts";
import { drawMoves } from "./draw-moves.ts";
import type { DrawnWishes, WishFeatures } from "./draw-sketch.ts";
import { drawTopology, type Topology } from "./draw-topology.ts";
import { drawWishes } from "./draw-wishes.ts";
import { type DrawnWorld, drawCalmWorld, drawWorld } from "./draw-world.ts";
import type { Plan } from "./plan.ts";
import type { Wish } from "./wish.ts";

/** What a seed does not decide. */
export type DrawOptions = {
  /** False: nothing goes wrong, not even on the network or the chain. A list: only these kinds. */
  readonly faults?: boolean | readonly Fault["type"][];
  /** False: all are honest. A list: somebody cheats, with these strategies only. */
  readonly adversaries?: boolean | readonly StrategyName[];
  /** Who is there. */
  readonly cast?: readonly ActorName[];
  readonly wishesMax?: number;
  /** Kinds of wishes that may be drawn, and what they need. */
  readonly kinds?: readonly Wish["type"][];
};

/** How many plans break something that honest nodes are promised. */
const BROKEN_FRACTION = 0.1;

/** Faults of one plan. */
const FAULTS_MAX = 8;

/** Draws one. The same seed and options give the same plan. */
export function drawPlan(seed: number, asked: DrawOptions = {}): Plan {
  const chance: Chance = { seed, scope: "plan" };
  const options = drawFocus(within(chance, "focus"), asked);
  const topology = drawTopology(within(chance, "topology"), options.cast);
  const isCalm = options.faults === false;
  const worldChance = within(chance, "world");
  const world = isCalm ? drawCalmWorld(worldChance) : drawWorld(worldChance, topology.cast);
  const fees = drawFees(within(chance, "fees"), topology);
  const wished = drawWishFeatures(within(chance, "wishes"), topology, world, options);
  // Next to tiny deposits no fee leaves anything to be paid.
  const features = { ...wished, fees: wished.size === "Tiny" ? {} : fees };
  const drawn = drawWishes(within(chance, "wishes"), topology, features);
  const moves = drawAllMoves(within(chance, "moves"), topology, drawn, options);
  const { startsMs } = drawn;
  const longStartsMs = startsMs.filter((_, at) => takesLong(drawn.wishes[at]));
  const told = { cast: topology.cast, world, startsMs, longStartsMs, moves };
  const { challengeDurationSec, disputeAfterMs, network } = world;
  return {
    seed,
    cast: topology.cast,
    fees: features.fees,
    watched: drawWatched(within(chance, "watched"), topology),
    challengeDurationSec,
    disputeAfterMs,
    eventsPerSnapshot: pick(chance, "snapshots", [undefined, undefined, 7, 50]),
    network,
    chain: world.chain,
    wishes: drawn.wishes,
    faults: isCalm ? [] : drawAllFaults(within(chance, "faults"), told, options),
    moves,
    end: weigh(chance, "end", [
      [60, "Close"],
      [13, "Dispute"],
      // Whoever asks for an end hides what would never have ended by itself.
      [27, "Rest"],
    ]),
  };
}

/** Opening over others, changing what a ledger holds, and closing. */
function takesLong(wish: Wish | undefined): boolean {
  const types: readonly (Wish["type"] | undefined)[] = [
    "OpenVirtual",
    "TopUp",
    "Withdraw",
    "Close",
  ];
  return types.includes(wish?.type);
}

function drawWishFeatures(
  chance: Chance,
  topology: Topology,
  { profile }: DrawnWorld,
  { kinds, wishesMax = Number.MAX_SAFE_INTEGER }: DrawOptions,
): Omit<WishFeatures, "fees"> {
  const drawnKinds = drawKinds(within(chance, "kinds"), topology.routes.length > 0, kinds);
  // Payments in virtual channels cost a run no block.
  const isVirtual = drawnKinds.some(([, kind]) => kind === "PayVirtually");
  const count = weigh(chance, "count", [
    [900, between(chance, "few", isVirtual ? [6, 15] : [3, 12])],
    [90, between(chance, "some", [13, 40])],
    // Plans of more than 40 wishes cost six times as much as others, and showed bugs a third as often in that time.
    [10, between(chance, "many", [100, 260])],
  ]);
  // A block until it is mined, what counts on top of that, and a look.
  const depositMs = (confirmationSec(profile) + 1.5 * profile.blockTimeSec) * 1_000;
  return {
    kinds: drawnKinds,
    count: Math.min(count, wishesMax),
    assets: weigh(chance, "assets", [
      [40, ["eth"]],
      [15, ["token"]],
      [45, ["eth", "token"]],
    ] as const),
    size: weigh(chance, "size", SIZES),
    pace: pick(chance, "pace", ["AtOnce", "Spaced", "Bursts"]),
    strangeFraction: pick(chance, "strange", [0, 0, 0.05, 0.2]),
    depositMs,
  };
}

function drawAllFaults(
  chance: Chance,
  told: Omit<FaultFeatures, "kinds" | "count">,
  { faults }: DrawOptions,
): readonly Fault[] {
  const { cast, startsMs, world } = told;
  const isAsked = typeof faults === "object";
  const count = weigh(chance, "count", [
    [isAsked ? 0 : 20, 0],
    [50, between(chance, "few", [1, 3])],
    [30, between(chance, "many", [3, FAULTS_MAX])],
  ]);
  const kinds = drawFaultKinds(chance, isAsked ? faults : undefined);
  const drawn = drawFaults(chance, { ...told, kinds, count });
  if (isAsked || !happens(chance, "breaks a promise", BROKEN_FRACTION)) return drawn;
  const own = within(chance, "promise");
  const atMs = pick(own, "when", startsMs.length === 0 ? [0] : startsMs);
  const id = 1 + Math.max(-1, ...drawn.map((fault) => fault.id));
  return [...drawn, { id, atMs, ...drawBrokenPromise(own, { cast, world }) }];
}

function drawAllMoves(
  chance: Chance,
  { cast }: Topology,
  drawn: DrawnWishes,
  { adversaries = true }: DrawOptions,
): readonly Move[] {
  if (adversaries === false) return [];
  const among = adversaries === true ? {} : { among: adversaries };
  return drawMoves(chance, { ...drawn, cast, ...among });
}

/** Small ones, in some plans, for those over whom a way leads. */
function drawFees(chance: Chance, { routes }: Topology): Fees {
  if (!happens(chance, "are asked", 0.45)) return {};
  const hubs = [...new Set(routes.flatMap(({ via }) => via))];
  return Object.fromEntries(hubs.map((hub) => [hub, BigInt(between(chance, hub, [1, 3]))]));
}

function drawWatched(chance: Chance, { cast }: Topology): readonly ActorName[] {
  if (!happens(chance, "anybody", 0.15)) return [];
  const watched = swarm(chance, "who", cast).map(([, name]) => name);
  return cast.filter((name) => watched.includes(name));
}
