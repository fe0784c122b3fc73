/** Makes the world of a plan calm, as a whole and then condition by condition, and its cast small and usual. */

import { jsonOf } from "../../src/primitives/json.ts";
import { ACTOR_NAMES } from "../actors.ts";
import { CALM_PLAN } from "./calm-plan.ts";
import type { Plan } from "./plan.ts";
import { type Search, type Trial, takeAll, takeFirst } from "./shrink-trial.ts";

/**
 * Calms all that can be calm. Durations stay as they are: with longer ones, such as those that users take, a run that
 * fails by never ending would take a thousand times as long.
 */
export function* calmWorld(trial: Trial, plan: Plan): Search {
  const { chain, eventsPerSnapshot } = CALM_PLAN;
  const calm = { chain, network: {}, fees: {}, watched: [], eventsPerSnapshot };
  let best = yield* takeAll(trial, plan, [
    (one) => setAll(one, { ...calm, end: "Rest" }),
    (one) => setAll(one, calm),
    (one) => setAll(one, { chain }),
    (one) => setAll(one, { network: {} }),
    (one) => setAll(one, { fees: {} }),
    (one) => setAll(one, { watched: [] }),
    (one) => setAll(one, { eventsPerSnapshot }),
    (one) => setAll(one, { end: "Rest" }),
  ]);
  if (best.end === "Dispute")
    best = yield* takeFirst(trial, best, [setAll(best, { end: "Close" })]);
  for (const part of ["network", "chain", "fees"] as const) {
    const names = Object.keys(best[part]);
    best = yield* takeAll(
      trial,
      best,
      names.map((name) => (one) => without(one, part, name)),
    );
  }
  const watched = best.watched.map((name) => (one: Plan) => {
    return setAll(one, { watched: one.watched.filter((other) => other !== name) });
  });
  return yield* takeAll(trial, best, watched);
}

/** The plan with other parts; the plan itself where they are no others. */
export function setAll(plan: Plan, parts: Partial<Plan>): Plan {
  const changed = { ...plan, ...parts };
  return jsonOf(changed) === jsonOf(plan) ? plan : changed;
}

function without(plan: Plan, part: "network" | "chain" | "fees", name: string): Plan {
  const entries = Object.entries(plan[part]).filter(([key]) => key !== name);
  return { ...plan, [part]: Object.fromEntries(entries) };
}

/** Seeds that a reader takes for granted, the first one best. */
const PLAIN_SEEDS: readonly number[] = [1, 2, 3];

/** Tries small seeds: chance that does not matter need not look as if it did. */
export function* plainSeed(trial: Trial, plan: Plan): Search {
  const smaller = PLAIN_SEEDS.filter((seed) => seed < plan.seed);
  return yield* takeFirst(
    trial,
    plan,
    smaller.map((seed) => ({ ...plan, seed })),
  );
}

/** Gives the cast its usual names, Alice first, and wishes, faults and moves the ids 1, 2, 3. */
export function* plainNames(trial: Trial, plan: Plan): Search {
  return yield* takeAll(trial, plan, [renumber, rename]);
}

function renumber(plan: Plan): Plan {
  const ids = new Map(plan.wishes.map(({ id }, index) => [id, index + 1]));
  return setAll(plan, {
    wishes: plan.wishes.map((wish) => {
      const id = ids.get(wish.id) ?? wish.id;
      return "channel" in wish
        ? { ...wish, id, channel: ids.get(wish.channel) ?? wish.channel }
        : { ...wish, id };
    }),
    faults: plan.faults.map((fault, index) => ({ ...fault, id: index + 1 })),
    moves: plan.moves.map((move, index) => ({ ...move, id: index + 1 })),
  });
}

/** Names in the order in which the wishes bring them in. Eve stays Eve, and Igor keeps his tower. */
function rename(plan: Plan): Plan {
  const order = [...new Set([...plan.wishes.map(({ by }) => by), ...plan.cast])];
  const usual: readonly string[] = ACTOR_NAMES.filter((name) => name !== "eve" && name !== "igor");
  const movable = order.filter((name) => usual.includes(name));
  const names = new Map<string, string>(movable.map((name, index) => [name, usual[index] ?? name]));
  const nameOf = (text: string): string => text.replace(/\w+/g, (word) => names.get(word) ?? word);
  const renamed = withTexts(plan, nameOf) as Plan;
  const cast = ACTOR_NAMES.filter((name) => renamed.cast.includes(name));
  return setAll(plan, { ...renamed, cast });
}

/** The value with every text in it changed, those that name fields as well. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => withTexts(one, change));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, one]) => [change(key), withTexts(one, change)]));
}
