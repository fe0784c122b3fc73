/**
 * Draws what a seed dwells on. A fault of a protocol shows in one place: most plans hold a single way to cheat, or a
 * single kind of fault, where it bites and with little else, so that such plans are many and cost little. The rest
 * mixes everything. Source: the small scope hypothesis of Jackson, "Software Abstractions", 2006; ADR 0042.
 */
import type { ActorName } from "../actors.ts";
import { STRATEGIES, STRATEGY_NAMES, type StrategyName } from "../adversaries/strategies.ts";
import type { Role } from "../adversaries/strategy.ts";
import { FAULT_TYPES, type Fault } from "../faults/fault.ts";
import { between, type Chance, happens, pick, shuffled, weigh } from "./draw-chance.ts";
import { HINDRANCES } from "./draw-faults.ts";
import { STRATEGIES_MAX } from "./draw-moves.ts";
import type { DrawOptions } from "./draw-plan.ts";
import type { Wish } from "./wish.ts";

/** What users do together. */
type Scene = "Direct" | "Ledger" | "Virtual" | "Game";

/** The wishes of each scene, with their ends. */
export const SCENES: Readonly<Record<Scene, readonly Wish["type"][]>> = {
  Direct: ["OpenDirect", "Pay", "Close"],
  Ledger: ["OpenLedger", "TopUp", "Withdraw", "OpenVirtual", "PayVirtually", "Close"],
  Virtual: ["OpenLedger", "OpenVirtual", "PayVirtually", "Close"],
  Game: ["OpenGame", "Play", "Close"],
};

/** Where somebody in a role is met. */
const SCENES_OF: Readonly<Record<Role, readonly Scene[]>> = {
  Any: ["Direct", "Virtual"],
  End: ["Virtual"],
  Payer: ["Virtual"],
  Intermediary: ["Virtual"],
  Ledger: ["Ledger"],
  Leader: ["Virtual", "Ledger"],
  Player: ["Game"],
};

/** Ways to cheat that have nothing to do without one of others of hers. */
const COMPANIONS: Readonly<Partial<Record<StrategyName, readonly StrategyName[]>>> = {
  "late-challenge": ["stale-challenge", "every-challenge", "flood-and-loot"],
};

/** Who challenges late can be hindered in many ways, each of which is a story of its own. */
const LATE_LOTS = 3;

const STRATEGY_LOTS: readonly StrategyName[] = STRATEGY_NAMES.flatMap((name) =>
  Array.from({ length: isLateOf(name) ? LATE_LOTS : (STRATEGIES[name].lots ?? 1) }, () => name),
);

type Stage = Pick<DrawOptions, "cast"> & {
  readonly kinds: readonly Wish["type"][];
  readonly wishesMax: number;
};

type Focus = Stage & Pick<DrawOptions, "faults" | "adversaries">;

/** Options for a plan that dwells on something; the same where it mixes everything, or was asked for something. */
export function drawFocus(chance: Chance, asked: DrawOptions): DrawOptions {
  const { adversaries = true, cast, faults = true, kinds, wishesMax = Infinity } = asked;
  const isAimed =
    typeof adversaries === "object" || typeof faults === "object" || (cast ?? kinds) !== undefined;
  if (isAimed) return asked;
  const on = weigh(chance, "on", [
    [30, "Everything"],
    [45, adversaries ? "Strategies" : "Everything"],
    [25, faults ? "Faults" : "Everything"],
  ] as const);
  if (on === "Everything") return asked;
  const focus = on === "Strategies" ? dwellOnStrategies(chance, faults) : dwellOnFaults(chance);
  return { ...asked, ...focus, wishesMax: Math.min(wishesMax, focus.wishesMax) };
}

/** Ways to cheat of one role, mostly while nothing goes wrong, or with what they need. */
function dwellOnStrategies(chance: Chance, faults: boolean): Focus {
  const first = pick(chance, "strategy", STRATEGY_LOTS);
  const { beside, isLate = false, role } = STRATEGIES[first];
  const others = STRATEGY_NAMES.filter(
    (name) => name !== first && STRATEGIES[name].role === role && isLateOf(name) === isLate,
  );
  const companions = COMPANIONS[first];
  const more = weigh(chance, "more", [
    [companions === undefined ? 60 : 0, 0],
    [40, between(chance, "others", [1, STRATEGIES_MAX - 1])],
  ]);
  const drawn = weigh<NonNullable<DrawOptions["faults"]>>(chance, "faults", [
    [isLate ? 40 : 60, false],
    // What keeps the honest from answering.
    [
      isLate ? 50 : 30,
      shuffled(chance, "hindrances", HINDRANCES).slice(0, between(chance, "kinds", [1, 2])),
    ],
    [10, true],
  ]);
  const stage = drawStage(chance, SCENES_OF[role], role === "Payer");
  // A channel that is closed is not fought over.
  const isOpen = isLate && happens(chance, "stays open", 0.6);
  return {
    ...stage,
    kinds: isOpen ? stage.kinds.filter((kind) => kind !== "Close") : stage.kinds,
    adversaries: [first, ...shuffled(chance, "beside", companions ?? others).slice(0, more)],
    faults: faults && (beside ?? drawn),
  };
}

function isLateOf(name: StrategyName): boolean {
  return STRATEGIES[name].isLate ?? false;
}

/** How often a kind is dwelt on, where it is not once: the more places there are to strike at, the more often. */
const FAULT_LOTS: Readonly<Partial<Record<Fault["type"], number>>> = {
  Crash: 6,
  Partition: 3,
  LostTail: 2,
  TornAppend: 2,
  Reorg: 2,
};

/** One kind of fault, or two, among honest nodes. */
function dwellOnFaults(chance: Chance): Focus {
  const lots = FAULT_TYPES.flatMap((type) =>
    Array.from({ length: FAULT_LOTS[type] ?? 1 }, () => type),
  );
  const kinds = [...new Set(shuffled(chance, "kinds", lots))];
  const count = happens(chance, "two kinds", 0.4) ? 2 : 1;
  return {
    ...drawStage(chance, ["Direct", "Ledger", "Virtual", "Game"]),
    faults: kinds.slice(0, count),
    adversaries: false,
  };
}

function drawStage(chance: Chance, among: readonly Scene[], isForPayer = false): Stage {
  const scene = pick(chance, "scene", among);
  const isOverHubs = scene === "Virtual" || scene === "Ledger";
  const [least, most] = WISHES[isForPayer ? "Payments" : scene];
  return {
    kinds: SCENES[scene],
    cast: weigh<readonly ActorName[]>(chance, "cast", isOverHubs ? OVER_HUBS : BESIDE),
    wishesMax: between(chance, "wishes", [least, most]),
  };
}

/** The least and the most wishes of a scene. Those of virtual channels, and moves, cost a run no block. */
const WISHES: Readonly<Record<Scene | "Payments", readonly [least: number, most: number]>> = {
  Direct: [2, 7],
  Ledger: [5, 14],
  Virtual: [5, 14],
  Payments: [7, 16],
  Game: [3, 12],
};

const OVER_HUBS = [
  [80, ["alice", "irene", "bob"]],
  [20, ["alice", "irene", "ivan", "bob"]],
] as const;

const BESIDE = [
  [80, ["alice", "bob"]],
  [20, ["alice", "bob", "irene"]],
] as const;
