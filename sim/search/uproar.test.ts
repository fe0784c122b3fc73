/** Too much is said when it is said within one span of time. */
import { expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { Violation } from "../violation.ts";
import { ENTRIES_PER_SPAN_MAX, watchUproar } from "./uproar.ts";

unit("a run is ended and told once that says too much within a block, and no other", () => {
  const violations: Violation[] = [];
  const world = { virtualMs: 0, violations, trace: { entries: { length: 0 } } };
  const isTooMuch = watchUproar(world);

  for (let block = 1; block <= 5; block += 1) {
    world.virtualMs = 12_000 * block;
    world.trace.entries.length += ENTRIES_PER_SPAN_MAX;
    expect(isTooMuch()).toBe(false);
  }
  world.virtualMs += 1_000;
  world.trace.entries.length += ENTRIES_PER_SPAN_MAX + 1;
  expect(isTooMuch()).toBe(true);
  expect(isTooMuch()).toBe(true);
  expect(violations.map(({ oracle }) => oracle)).toEqual(["growth"]);
});
