/** Buckets of requests that fill up with time. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import { RateLimit } from "./rate-limit.ts";

describe("RateLimit", () => {
  unit("gives a burst at once, and then as many as time allows", () => {
    const limit = new RateLimit({ perSecond: 10, burst: 3 });
    const waits = [0, 0, 0, 0, 50, 100].map((atMs) => limit.take("till", 1, atMs));

    expect(waits).toEqual([0, 0, 0, 100, 50, 0]);
  });

  unit("counts names apart", () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1 });

    expect([limit.take("a", 1, 0), limit.take("b", 1, 0), limit.take("a", 1, 0)]).toEqual([
      0, 0, 1_000,
    ]);
  });

  unit("a clock that steps back gives nothing away", () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1 });
    limit.take("a", 1, 10_000);

    expect(limit.take("a", 1, 0)).toBe(1_000);
  });

  adversarial("remembers no more than 1,024 names", () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1 });
    for (let name = 0; name < 5_000; name += 1) limit.take(`${name}`, 1, 0);

    expect(limit.size).toBe(1_024);
  });
});
