/**
 * Names a situation of a protocol at the place in the program where it arises, so that a search can tell which of
 * them it has reached. A mark changes nothing: nobody in the program can ask what was counted. Source: ADR 0031.
 */
import { assert } from "./assert.ts";
import type { MarkName } from "./marks.ts";

/** Hears of each mark. */
export type MarkCounter = (name: MarkName) => void;

let counter: MarkCounter | undefined;

/** Says that the situation has arisen. Costs a comparison while nobody counts. */
export function mark(name: MarkName): void {
  counter?.(name);
}

/** The same, on the way of a value: for a branch that is one expression. */
export function marked<Value>(name: MarkName, value: Value): Value {
  counter?.(name);
  return value;
}

/**
 * Counts all marks of this process from now on, until what is returned is called. Nobody else may count meanwhile:
 * the marks of two runs at once could not be told apart.
 */
export function countMarks(count: MarkCounter): () => void {
  assert(counter === undefined, "one counts at a time");
  counter = count;
  return () => {
    assert(counter === count, "whoever counts is the one who stops");
    counter = undefined;
  };
}
