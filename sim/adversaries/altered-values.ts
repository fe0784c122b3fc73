/** One thing in a message, changed: the places where that can be, and what could stand there instead. */
import { AMOUNT_MAX } from "../../src/channel/outcome.ts";
import { TURN_NUM_MAX } from "../../src/channel/state.ts";

/** The way to a value inside of another one: names of fields, and indices of lists. */
export type Place = readonly (string | number)[];

/** Characters of a signature in hex: `0x` and 65 bytes. Others spoil those. */
const SIGNATURE_LENGTH = 132;

/** Values of one field that are kept: newer ones are like them. */
const KEPT_MAX = 16;

/** What was said before, by the name of the field: another channel's id is a better lie than one by chance. */
export class SeenValues {
  readonly #byField = new Map<string, unknown[]>();

  /** Takes in all that a message holds. */
  learn(message: object): void {
    for (const place of placesIn(message)) {
      const value = valueAt(message, place);
      const known = this.of(place);
      if (typeof value !== "object" && !known.includes(value) && known.length < KEPT_MAX) {
        this.#byField.set(fieldOf(place), [...known, value]);
      }
    }
  }

  /** What stood in fields of that name. */
  of(place: Place): readonly unknown[] {
    return this.#byField.get(fieldOf(place)) ?? [];
  }
}

/** Every place in a value that can be changed, lists as a whole included. What kind of thing it is stays. */
export function placesIn(value: unknown, place: Place = []): readonly Place[] {
  if (Array.isArray(value)) {
    return [place, ...value.flatMap((one, index) => placesIn(one, [...place, index]))];
  }
  if (typeof value !== "object" || value === null) return isSignature(value) ? [] : [place];
  return Object.entries(value).flatMap(([name, one]) =>
    name === "type" ? [] : placesIn(one, [...place, name]),
  );
}

export function valueAt(value: unknown, place: Place): unknown {
  return place.reduce((inside, name) => (inside as Readonly<Record<string, unknown>>)[name], value);
}

/** The value with something else at a place of it. */
export function withValue<Value>(value: Value, [name, ...rest]: Place, other: unknown): Value {
  if (name === undefined) return other as Value;
  const inside = withValue(valueAt(value, [name]), rest, other);
  if (Array.isArray(value)) return value.with(Number(name), inside) as Value;
  return { ...value, [name]: inside };
}

/** What could stand there instead: next to it, at the bounds of its type, and what stood in such a field before. */
export function othersOf(value: unknown, seen: readonly unknown[]): readonly unknown[] {
  if (Array.isArray(value)) return otherLists(value);
  return [...alike(value), ...seen].filter((other) => other !== value);
}

function alike(value: unknown): readonly unknown[] {
  switch (typeof value) {
    case "bigint":
      return [value + 1n, value - 1n, 2n * value, 0n, AMOUNT_MAX].filter((one) => one >= 0n);
    case "number":
      return [value + 1, value - 1, value + 2, 0, TURN_NUM_MAX].filter((one) => one >= 0);
    case "boolean":
      return [!value];
    case "string":
      return [`${value.slice(0, -1)}${value.endsWith("0") ? "1" : "0"}`];
    default:
      return [];
  }
}

function otherLists(list: readonly unknown[]): readonly unknown[] {
  if (list.length === 0) return [];
  return [[], list.slice(1), list.slice(0, -1), [...list, list.at(-1)], list.toReversed()];
}

function fieldOf(place: Place): string {
  return String(place.findLast((name) => typeof name === "string") ?? "");
}

function isSignature(value: unknown): boolean {
  return typeof value === "string" && value.length === SIGNATURE_LENGTH;
}
