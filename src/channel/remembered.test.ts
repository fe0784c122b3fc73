/** A function that remembers gives what it would have given, and computes it once. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { remembering } from "./remembered.ts";

describe("remembering", () => {
  const one = { name: "one" };
  const other = { name: "other" };

  unit("computes once for an object, and again for another one that is equal to it", () => {
    let computed = 0;
    const lengthOf = remembering(({ name }: typeof one) => {
      computed += 1;
      return name.length;
    });
    expect([lengthOf(one), lengthOf(one), lengthOf(other), lengthOf({ ...one })]).toEqual([
      3, 3, 5, 3,
    ]);
    expect(computed).toBe(3);
  });

  unit("computes again when what it depends on has changed, and when it changes back", () => {
    const asked: string[] = [];
    const joined = remembering(
      ({ name }: typeof one, end: string) => {
        asked.push(name + end);
        return name + end;
      },
      (before, now) => before === now,
    );
    const ends = ["!", "!", "?", "!"];
    expect(ends.map((end) => joined(one, end))).toEqual(["one!", "one!", "one?", "one!"]);
    expect(asked).toEqual(["one!", "one?", "one!"]);
  });
});
