/** Draws who cheats in a plan, and how. */

import type { ActorName } from "../actors.ts";
import type { Move } from "../adversaries/move.ts";
import { STRATEGIES, STRATEGY_NAMES, type StrategyName } from "../adversaries/strategies.ts";
import type { Role } from "../adversaries/strategy.ts";
import { between, type Chance, happens, pick, shuffled, weigh, within } from "./draw-chance.ts";
import type { DrawnWishes } from "./draw-sketch.ts";
import type { Wish } from "./wish.ts";

/** What moves are drawn for. */
export type MoveFeatures = DrawnWishes & {
  readonly cast: readonly ActorName[];
  /** Strategies that may be drawn, and then somebody cheats for sure; all, and maybe nobody, when absent. */
  readonly among?: readonly StrategyName[];
};

/** How many plans have nobody who cheats. */
const HONEST_FRACTION = 0.4;

/** Strategies of one actor. */
export const STRATEGIES_MAX = 3;

/** How many moves that need a payment begin behind one. */
const BEHIND_FRACTION = 0.8;

/** What is little of a setting: so much of its range, from the least on. */
const LITTLE_PART = 5;

/** How often a strategy is drawn where it fits: the rarer its place, the more often. */
const LOTS: Readonly<Record<Role, number>> = {
  Any: 1,
  Ledger: 2,
  Leader: 3,
  End: 3,
  Payer: 3,
  Player: 4,
  Intermediary: 12,
};

/** Draws them: none in two of five plans, in the others of one actor, rarely of two. Somebody is always honest. */
export function drawMoves(chance: Chance, features: MoveFeatures): readonly Move[] {
  const { among, cast } = features;
  if (among === undefined && happens(chance, "all are honest", HONEST_FRACTION)) return [];
  const isTwo = cast.length > 2 && happens(chance, "two", 0.15);
  const someone = shuffled(chance, "who", cast);
  // Of few strategies there may be none that bites where somebody is.
  const apt = someone.filter((name) => fittingFor(name, features).length > 0);
  const able = apt.length === 0 ? someone : apt;
  const cheats = [...able]
    .sort((one, other) => gainOf(other, features) - gainOf(one, features))
    .slice(0, isTwo ? 2 : 1);
  return cheats.flatMap((by, place) =>
    drawStrategies(within(chance, by), by, features).map((strategy, n): Move => {
      const own = within(chance, `${by} ${strategy}`);
      const fromMs = drawBeginning(own, { by, strategy }, features);
      return {
        id: place * STRATEGIES_MAX + n,
        by,
        strategy,
        fromMs,
        settings: drawSettings(own, strategy),
      };
    }),
  );
}

/** One to three that bite where she is; mostly all where somebody asked for so few. */
function drawStrategies(
  chance: Chance,
  by: ActorName,
  features: MoveFeatures,
): readonly StrategyName[] {
  const fit = fittingFor(by, features);
  const count = weigh(chance, "count", [
    [features.among === undefined ? 0 : 100, STRATEGIES_MAX],
    [45, 1],
    [30, 2],
    [25, STRATEGIES_MAX],
  ]);
  const lots = fit.flatMap((name) => Array.from({ length: lotsOf(name) }, () => name));
  return [...new Set(shuffled(chance, "strategies", lots))].slice(0, count);
}

/** How often somebody pays, where all that may be drawn needs that: her old states pay her more. */
function gainOf(by: ActorName, { among = [], wishes }: MoveFeatures): number {
  const needsPayment = among.length > 0 && among.every(isAfterPayments);
  return needsPayment ? wishes.filter((wish) => isPayment(wish) && wish.by === by).length : 0;
}

function isAfterPayments(name: StrategyName): boolean {
  const { isLate = false, role } = STRATEGIES[name];
  return isLate || role === "Payer";
}

/** The strategies that bite where somebody is. */
function fittingFor(
  by: ActorName,
  { among = STRATEGY_NAMES, wishes }: MoveFeatures,
): readonly StrategyName[] {
  const roles = rolesOf(by, wishes);
  return among.filter((name) => roles.includes(STRATEGIES[name].role));
}

function lotsOf(name: StrategyName): number {
  const { isLate = false, role } = STRATEGIES[name];
  return LOTS[role] * (isLate ? 2 : 1);
}

function rolesOf(by: ActorName, wishes: readonly Wish[]): readonly Role[] {
  const virtual = wishes.filter(({ type }) => type === "OpenVirtual");
  const isBetween = virtual.some((wish) => wish.type === "OpenVirtual" && wish.via.includes(by));
  const isEnd = virtual.some(
    (wish) => wish.type === "OpenVirtual" && (wish.by === by || wish.payee === by),
  );
  const hasLedger = wishes.some(
    (wish) => wish.type === "OpenLedger" && (wish.by === by || wish.other === by),
  );
  const isLeader = wishes.some((wish) => wish.type === "OpenLedger" && wish.by === by);
  const isPayer = wishes.some((wish) => wish.type === "PayVirtually" && wish.by === by);
  const isPlayer = wishes.some(
    (wish) => wish.type === "OpenGame" && (wish.by === by || wish.other === by),
  );
  return [
    "Any",
    ...(isPlayer ? (["Player"] as const) : []),
    ...(isBetween ? (["Intermediary"] as const) : []),
    ...(isEnd ? (["End"] as const) : []),
    ...(isPayer ? (["Payer"] as const) : []),
    ...(hasLedger ? (["Ledger"] as const) : []),
    ...(isLeader && virtual.length > 0 ? (["Leader"] as const) : []),
  ];
}

/** From the beginning, from about the time of a wish on, or behind a payment where there is nothing to win before. */
function drawBeginning(
  chance: Chance,
  { by, strategy }: Pick<Move, "by"> & { readonly strategy: StrategyName },
  { startsMs, wishes }: DrawnWishes,
): number {
  const paidByHer = startsMs.filter((_, at) => isPayment(wishes[at]) && wishes[at]?.by === by);
  const paid = startsMs.filter((_, at) => isPayment(wishes[at]));
  const paidMs = paidByHer.length > 0 && happens(chance, "her own", 0.75) ? paidByHer : paid;
  const isBehind = STRATEGIES[strategy].isLate === true && paidMs.length > 0;
  if (isBehind && happens(chance, "behind a payment", BEHIND_FRACTION)) {
    return pick(chance, "payment", paidMs) + between(chance, "behind it", [300, 15_000]);
  }
  const earlyFraction = STRATEGIES[strategy].role === "Payer" ? 0.8 : 0.5;
  if (startsMs.length === 0 || happens(chance, "from the beginning", earlyFraction)) return 0;
  return pick(chance, "wish", startsMs) + between(chance, "soon", [0, 300]);
}

function isPayment(wish: Wish | undefined): boolean {
  return wish?.type === "Pay" || wish?.type === "PayVirtually" || wish?.type === "Play";
}

/** Anything that the strategy takes; its bounds, and what is little, more often: runs are short. */
function drawSettings(chance: Chance, strategy: StrategyName): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(STRATEGIES[strategy].settings).map(([name, bounds]) => {
      const [min, max] = bounds;
      const little = Math.ceil((max - min) / LITTLE_PART);
      const value = weigh(chance, `place of ${name}`, [
        [20, min],
        [5, max],
        [40, min + between(chance, `little ${name}`, [0, little])],
        [35, between(chance, name, bounds)],
      ]);
      return [name, value];
    }),
  );
}
