/** Every draw is a function of the seed and of what it is for. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { toHex } from "../src/primitives/hex.ts";
import { golden, property, unit } from "../test/kind.ts";
import { drawBetween, drawBytes, drawFraction } from "./keyed-random.ts";

describe("drawBytes", () => {
  golden("gives the same 32 bytes for ever", () => {
    expect(toHex(drawBytes(7, "latency", "alice>bob", 3))).toBe(
      "0x559975cb41083c3550be03dcdfffd3b4b72e0d670d409bd4dfb8ce8b07345be6",
    );
  });

  property("gives others when any part of the question changes", () => {
    const question = fc.tuple(fc.nat(), fc.string(), fc.string(), fc.nat());
    fc.assert(
      fc.property(question, question, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(toHex(drawBytes(...one)) === toHex(drawBytes(...other))).toBe(isSame);
      }),
    );
  });
});

describe("drawFraction", () => {
  property("is at least 0 and less than 1", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, n) => {
        const fraction = drawFraction(seed, "a", "b", n);
        expect(fraction >= 0 && fraction < 1).toBe(true);
      }),
    );
  });

  property(
    "is the first bits of what is drawn under the same key, whatever was drawn before",
    () => {
      fc.assert(
        fc.property(fc.nat(), fc.string(), fc.nat(), (seed, key, n) => {
          drawFraction(seed, "other", key, n);
          const first = BigInt(toHex(drawBytes(seed, "a", key, n).subarray(0, 8)));
          const bits = ((first >> 43n) << 32n) | (first & 0xffff_ffffn);

          expect(drawFraction(seed, "a", key, n)).toBe(Number(bits) / 2 ** 53);
        }),
      );
    },
  );

  unit("spreads evenly: each tenth holds about a tenth of ten thousand draws", () => {
    const tenths = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n++) {
      const tenth = Math.floor(drawFraction(1, "a", "b", n) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // Five standard deviations of a fair draw are 150.
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});

describe("drawBetween", () => {
  unit("draws both bounds and nothing outside", () => {
    const draws = Array.from({ length: 200 }, (_, n) => drawBetween([3, 6], 1, "a", "b", n));

    expect([...new Set(draws)].sort()).toEqual([3, 4, 5, 6]);
    expect(drawBetween([5, 5], 1, "a", "b", 0)).toBe(5);
    expect(() => drawBetween([6, 5], 1, "a", "b", 0)).toThrow("in order");
  });
});
