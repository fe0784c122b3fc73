/** Draws for generators: each is keyed by what it is for, so that one part more changes none of the others. */
import { assert } from "../../src/primitives/assert.ts";
import { drawBetween, drawFraction } from "../keyed-random.ts";

/** Where draws come from: a seed, and the part of a plan that they are for. */
export type Chance = { readonly seed: number; readonly scope: string };

/** What may be drawn, each with how often: a whole number; what has 0 is never drawn. */
export type Weighted<Value> = readonly (readonly [weight: number, value: Value])[];

/** The chance of a part of what another one is for. */
export function within({ scope, seed }: Chance, part: string): Chance {
  return { seed, scope: `${scope} ${part}` };
}

/** A whole number within bounds, both included. */
export function between(
  { scope, seed }: Chance,
  key: string,
  bounds: readonly [min: number, max: number],
): number {
  return drawBetween(bounds, seed, scope, key, 0);
}

/** True in `fraction` of all cases. */
export function happens({ scope, seed }: Chance, key: string, fraction: number): boolean {
  return drawFraction(seed, scope, key, 0) < fraction;
}

/** One of a list that is not empty, each as likely as the others. */
export function pick<Value>(chance: Chance, key: string, values: readonly Value[]): Value {
  assert(values.length > 0, "something can be picked");
  return values[between(chance, key, [0, values.length - 1])] as Value;
}

/** One of those with a weight, by their weights. */
export function weigh<Value>(chance: Chance, key: string, values: Weighted<Value>): Value {
  const total = values.reduce((sum, [weight]) => sum + weight, 0);
  assert(total > 0, "something can be drawn");
  let left = between(chance, key, [1, total]);
  for (const [weight, value] of values) {
    left -= weight;
    if (left <= 0) return value;
  }
  throw new Error("the weights add up to their total");
}

/** The list in another order. */
export function shuffled<Value>(chance: Chance, key: string, values: readonly Value[]): Value[] {
  const { scope, seed } = chance;
  return values
    .map((value, n) => ({ value, place: drawFraction(seed, scope, key, n) }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value);
}

/**
 * A swarm: about half of the names, at least one, each with a weight from 1 to 100. What is missing in a run
 * leaves room for the rest to meet each other often. Source: Groce and others, "Swarm testing", ISSTA 2012.
 */
export function swarm<Name extends string>(
  chance: Chance,
  key: string,
  names: readonly Name[],
): Weighted<Name> {
  const some = within(chance, key);
  const on = names.filter((name) => happens(some, `${name} is on`, 0.5));
  const chosen = on.length === 0 && names.length > 0 ? [pick(some, "the only one", names)] : on;
  return chosen.map((name) => [between(some, `weight of ${name}`, [1, 100]), name]);
}

/** A fraction in steps of a hundredth, which reads well in a plan. */
export function hundredths(
  chance: Chance,
  key: string,
  bounds: readonly [min: number, max: number],
): number {
  return between(chance, key, bounds) / 100;
}
