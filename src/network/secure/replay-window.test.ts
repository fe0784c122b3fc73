/** Each counter once, as a set would say it, as far back as the window goes. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../../test/kind.ts";
import { REPLAY_WINDOW, ReplayWindow } from "./replay-window.ts";

/** Takes a counter if it is new. */
function take(window: ReplayWindow, counter: number): boolean {
  const isNew = window.isNew(counter);
  if (isNew) window.note(counter);
  return isNew;
}

describe("ReplayWindow", () => {
  property("takes each counter once, and none that is older than the window", () => {
    const steps = fc.oneof(
      fc.integer({ min: -70, max: 70 }),
      fc.integer({ min: -REPLAY_WINDOW - 40, max: REPLAY_WINDOW + 40 }),
      fc.integer({ min: 0, max: 5 * REPLAY_WINDOW }),
    );
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 200 }), (drawn) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let highest = -1;
        for (const step of drawn) {
          const counter = Math.max(0, highest + step);
          const isExpected = !seen.has(counter) && highest - counter < REPLAY_WINDOW;

          expect([counter, take(window, counter)]).toEqual([counter, isExpected]);
          seen.add(counter);
          highest = Math.max(highest, counter);
        }
      }),
    );
  });

  unit("looks without noting", () => {
    const window = new ReplayWindow();

    expect([window.isNew(3), window.isNew(3)]).toEqual([true, true]);
    window.note(3);
    expect([window.isNew(3), window.isNew(2), window.isNew(4)]).toEqual([false, true, true]);
  });

  unit("reaches the largest counter that a frame can have", () => {
    const window = new ReplayWindow();

    expect(take(window, Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(take(window, Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(take(window, Number.MAX_SAFE_INTEGER - REPLAY_WINDOW + 1)).toBe(true);
    expect(take(window, Number.MAX_SAFE_INTEGER - REPLAY_WINDOW)).toBe(false);
  });
});
