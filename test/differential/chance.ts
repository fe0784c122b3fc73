/** Chance of a differential run: everything in it follows from one seed. */
import type { Hex } from "../../src/primitives/hex.ts";
import { drawNumbers } from "../draw-numbers.ts";

/** Draws of one run, one after the other. */
export type Chance = {
  /** A whole number from 0 to below `below`. */
  readonly below: (below: number) => number;
  /** True once in so many draws. */
  readonly isOneIn: (count: number) => boolean;
  /** One of a list that is not empty. */
  readonly pick: <Element>(from: readonly Element[]) => Element;
  /** One of these, each as often as its weight says. */
  readonly weigh: <Element>(from: readonly (readonly [weight: number, one: Element])[]) => Element;
  /** Bytes without a meaning. */
  readonly bytes: (sizeBytes: number) => Hex;
};

/** The chance of a seed. */
export function chanceOf(seed: number): Chance {
  const below = drawNumbers(seed);
  const pick = <Element>(from: readonly Element[]): Element => from[below(from.length)] as Element;
  return {
    below,
    pick,
    isOneIn: (count) => below(count) === 0,
    weigh: (from) => {
      const total = from.reduce((sum, [weight]) => sum + weight, 0);
      let left = below(total);
      for (const [weight, one] of from) {
        if (left < weight) return one;
        left -= weight;
      }
      return pick(from)[1];
    },
    bytes: (sizeBytes) => {
      const digits = Array.from({ length: sizeBytes }, () =>
        below(256).toString(16).padStart(2, "0"),
      );
      return `0x${digits.join("")}`;
    },
  };
}
