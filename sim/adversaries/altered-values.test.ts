/** One thing in a message is changed, and everything else in it stays. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { othersOf, placesIn, SeenValues, valueAt, withValue } from "./altered-values.ts";

const SIGNATURE = `0x${"ab".repeat(65)}`;

const MESSAGE = {
  type: "Voucher",
  counter: 3,
  amounts: [5n, 7n],
  counted: undefined,
  signature: SIGNATURE,
} as const;

describe("the places of a message", () => {
  unit(
    "are its fields, its lists and what is in those, but for its kind and its signatures",
    () => {
      expect(placesIn(MESSAGE)).toEqual([
        ["counter"],
        ["amounts"],
        ["amounts", 0],
        ["amounts", 1],
        ["counted"],
      ]);
    },
  );

  unit("are changed one at a time", () => {
    for (const place of placesIn(MESSAGE)) {
      const changed = withValue<object>(MESSAGE, place, "other");

      expect(valueAt(changed, place)).toBe("other");
      expect(withValue(changed, place, valueAt(MESSAGE, place))).toEqual(MESSAGE);
    }
  });
});

describe("what could stand in a place", () => {
  unit("is what is next to it and at its bounds, and never what stands there", () => {
    expect(othersOf(1n, [])).toEqual([2n, 0n, 2n, 0n, 2n ** 256n - 1n]);
    expect(othersOf(0, [])).toEqual([1, 2, 2 ** 48 - 1]);
    expect(othersOf(true, [])).toEqual([false]);
    expect(othersOf("0x70", ["0x70", "0x12"])).toEqual(["0x71", "0x12"]);
    expect(othersOf(undefined, ["0x12"])).toEqual(["0x12"]);
  });

  unit("is a list with something less, more, or in another order", () => {
    expect(othersOf([], [])).toEqual([]);
    expect(othersOf([1, 2], [])).toEqual([[], [2], [1], [1, 2, 2], [2, 1]]);
  });

  unit("is what stood in a field of that name before", () => {
    const seen = new SeenValues();
    seen.learn(MESSAGE);
    seen.learn({ ...MESSAGE, amounts: [9n, 7n] });

    expect(seen.of(["amounts", 4])).toEqual([5n, 7n, 9n]);
    expect(seen.of(["signature"])).toEqual([]);
  });
});
