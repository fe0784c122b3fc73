/** A plan of as many wishes as a test wants, put together from drawn ones. */
import { ACTOR_NAMES } from "../sim/actors.ts";
import { drawPlan } from "../sim/search/draw-plan.ts";
import type { Plan } from "../sim/search/plan.ts";
import type { Wish } from "../sim/search/wish.ts";

/** Seeds of one giant never meet those of the next. */
const SEEDS_PER_GIANT = 10_000;

/**
 * Of five drawn plans so many give their faults and moves as well. Most drawn plans are short: all of theirs would be more
 * for each wish than a long failure holds.
 */
const TROUBLED_OF_FIVE = 3;

/** So many wishes, with faults and moves that are drawn along, one drawn plan a minute behind the other. */
export function giantPlan(seed: number, wishCount: number): Plan {
  const cast = ACTOR_NAMES.filter((name) => name !== "igor");
  let plan: Plan = { ...drawPlan(seed), cast, watched: [], wishes: [], faults: [], moves: [] };
  for (let n = 0; plan.wishes.length < wishCount; n += 1) {
    const drawn = drawPlan(seed * SEEDS_PER_GIANT + n);
    const part = n % 5 < TROUBLED_OF_FIVE ? drawn : { ...drawn, faults: [], moves: [] };
    plan = joined(plan, part, n * 60_000);
  }
  return { ...plan, wishes: plan.wishes.slice(0, wishCount) };
}

function joined(plan: Plan, { faults, moves, wishes }: Plan, delayMs: number): Plan {
  const isIn = (wish: Wish): boolean => !JSON.stringify(wish, textOf).includes('"igor"');
  const wishOffset = nextId(plan.wishes);
  return {
    ...plan,
    wishes: [
      ...plan.wishes,
      ...wishes.filter(isIn).map((wish): Wish => {
        const moved = { ...wish, id: wish.id + wishOffset, atMs: wish.atMs + delayMs };
        return "channel" in moved ? { ...moved, channel: moved.channel + wishOffset } : moved;
      }),
    ],
    faults: [
      ...plan.faults,
      ...faults.map((fault) => {
        return { ...fault, id: fault.id + nextId(plan.faults), atMs: fault.atMs + delayMs };
      }),
    ],
    moves: [
      ...plan.moves,
      ...moves
        .filter(({ by }) => by !== "igor")
        .map((move) => ({ ...move, id: move.id + nextId(plan.moves) })),
    ],
  };
}

function nextId(items: readonly { readonly id: number }[]): number {
  return items.reduce((most, { id }) => Math.max(most, id + 1), 0);
}

function textOf(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
