/** Virtual time goes on in order, and only when it is told to. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../test/kind.ts";
import { Timeline } from "./timeline.ts";

/** Steps until nothing is left. */
function runAll(timeline: Timeline): void {
  let goesOn = true;
  while (goesOn) goesOn = timeline.step();
}

describe("Timeline", () => {
  unit("stands still until a step, and is then at the time of the thing that it runs", () => {
    const timeline = new Timeline(1_000);
    const seen: number[] = [];
    timeline.after(50, () => seen.push(timeline.nowMs));

    expect([timeline.nowMs, timeline.nextMs]).toEqual([1_000, 1_050]);
    expect(timeline.step()).toBe(true);
    expect(seen).toEqual([1_050]);
    expect(timeline.step()).toBe(false);
    expect([timeline.nowMs, timeline.nextMs]).toEqual([1_050, undefined]);
  });

  unit("runs nothing that was cancelled, even from within the step before", () => {
    const timeline = new Timeline(0);
    const seen: string[] = [];
    const cancel = timeline.after(10, () => seen.push("second"));
    timeline.after(5, () => {
      seen.push("first");
      cancel();
    });

    runAll(timeline);

    expect(seen).toEqual(["first"]);
    expect(timeline.nowMs).toBe(5);
  });

  unit("refuses to plan into the past", () => {
    expect(() => new Timeline(0).after(-1, () => {})).toThrow("in the past");
  });

  property("runs everything once, by time and then by the order of asking", () => {
    const items = fc.array(fc.record({ delay: fc.nat(20), cancelled: fc.boolean() }));
    fc.assert(
      fc.property(items, (plan) => {
        const timeline = new Timeline(0);
        const seen: number[] = [];
        const cancels = plan.map(({ delay }, index) =>
          timeline.after(delay, () => seen.push(index)),
        );
        for (const [index, { cancelled }] of plan.entries()) if (cancelled) cancels[index]?.();

        runAll(timeline);

        const expected = [...plan.keys()]
          .filter((index) => plan[index]?.cancelled === false)
          .sort((one, other) => (plan[one]?.delay ?? 0) - (plan[other]?.delay ?? 0) || one - other);
        expect(seen).toEqual(expected);
      }),
    );
  });
});
