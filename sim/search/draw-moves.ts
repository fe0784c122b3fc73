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
  /** Strategies that may be drawn; all when absent. */
  readonly among?: readonly StrategyName[];
};

/** How many plans have nobody who cheats. */
const HONEST_FRACTION = 0.5;

/** Strategies of one actor. */
const STRATEGIES_MAX = 3;

/** How often a strategy is drawn where it fits: the rarer its place, the more often. */
const LOTS: Readonly<Record<Role, number>> = { Any: 1, Ledger: 2, End: 3, Intermediary: 12 };

/** Draws them: none in half of the plans, in the others of one actor, rarely of two. Somebody is always honest. */
export function drawMoves(chance: Chance, features: MoveFeatures): readonly Move[] {
  if (happens(chance, "all are honest", HONEST_FRACTION)) return [];
  const { cast } = features;
  const isTwo = cast.length > 2 && happens(chance, "two", 0.15);
  const cheats = shuffled(chance, "who", cast).slice(0, isTwo ? 2 : 1);
  return cheats.flatMap((by, place) =>
    drawStrategies(within(chance, by), by, features).map((strategy, n): Move => {
      const own = within(chance, `${by} ${strategy}`);
      const fromMs = drawBeginning(own, features.startsMs);
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

/** One to three that bite where she is. */
function drawStrategies(
  chance: Chance,
  by: ActorName,
  { among = STRATEGY_NAMES, wishes }: MoveFeatures,
): readonly StrategyName[] {
  const roles = rolesOf(by, wishes);
  const fit = among.filter((name) => roles.includes(STRATEGIES[name].role));
  const count = weigh(chance, "count", [
    [60, 1],
    [25, 2],
    [15, STRATEGIES_MAX],
  ]);
  const lots = fit.flatMap((name) =>
    Array.from({ length: LOTS[STRATEGIES[name].role] }, () => name),
  );
  return [...new Set(shuffled(chance, "strategies", lots))].slice(0, count);
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
  return [
    "Any",
    ...(isBetween ? (["Intermediary"] as const) : []),
    ...(isEnd ? (["End"] as const) : []),
    ...(hasLedger ? (["Ledger"] as const) : []),
  ];
}

/** From the beginning, or from about the time of a wish on. */
function drawBeginning(chance: Chance, startsMs: readonly number[]): number {
  if (startsMs.length === 0 || happens(chance, "from the beginning", 0.5)) return 0;
  return pick(chance, "wish", startsMs) + between(chance, "soon", [0, 300]);
}

/** Anything that the strategy takes; its bounds more often than other values. */
function drawSettings(chance: Chance, strategy: StrategyName): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(STRATEGIES[strategy].settings).map(([name, bounds]) => {
      const [min, max] = bounds;
      const value = weigh(chance, `place of ${name}`, [
        [20, min],
        [5, max],
        [75, between(chance, name, bounds)],
      ]);
      return [name, value];
    }),
  );
}
