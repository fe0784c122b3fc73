/** Chance that is the same in every run: for what is measured, not for what a simulation decides. */

/** Draws numbers, each call the next one of a sequence. */
export type Chance = {
  /** A whole number from 0 to `limit` - 1; `limit` is at most 2^32. */
  readonly below: (limit: number) => number;
};

/** The sequence of a seed. Source: Tommy Ettinger's mulberry32, a counter and a finaliser of 32 bits. */
export function createChance(seed: number): Chance {
  let counter = seed;
  const draw = (): number => {
    counter = (counter + 0x6d2b79f5) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 15), counter | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return { below: (limit) => Math.floor((draw() / 2 ** 32) * limit) };
}
