/** Ends a run in which two answer each other without end: it would fill the memory before its time is over. */
import type { World } from "../world.ts";

/** Virtual milliseconds over which is counted: a block. */
const SPAN_MS = 12_000;

/** Frames, events and blocks in one span: 100,000. The largest plans have some thousands. */
export const ENTRIES_PER_SPAN_MAX = 100_000;

type Watched = Pick<World, "virtualMs" | "violations"> & {
  readonly trace: { readonly entries: { readonly length: number } };
};

/** Answers, whenever it is asked, whether too much is said; the first time it tells so as a violation of `growth`. */
export function watchUproar(world: Watched): () => boolean {
  let sinceMs = 0;
  let before = 0;
  let isTooMuch = false;
  return () => {
    const { virtualMs } = world;
    const { length } = world.trace.entries;
    if (!isTooMuch && length - before > ENTRIES_PER_SPAN_MAX) {
      isTooMuch = true;
      const message = `${length - before} frames and events within ${SPAN_MS / 1_000} seconds: somebody answers without end`;
      world.violations.push({ oracle: "growth", message });
    } else if (virtualMs - sinceMs >= SPAN_MS) {
      sinceMs = virtualMs;
      before = length;
    }
    return isTooMuch;
  };
}
