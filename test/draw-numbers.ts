/** Numbers by chance, cheap enough for millions of draws: one stream for one seed. */

/** Draws whole numbers from 0 to below `below`. Source: Marsaglia, "Xorshift RNGs", 2003. */
export function drawNumbers(seed: number): (below: number) => number {
  // A state of zero would stay zero.
  let state = (Math.imul(seed + 1, 0x9e37_79b1) | 0) === 0 ? 1 : Math.imul(seed + 1, 0x9e37_79b1);
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
