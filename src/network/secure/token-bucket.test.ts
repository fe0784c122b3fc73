/** So much at once, then so much in a second, for one bucket, for endpoints, and for strangers together. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import { Admission } from "./admission.ts";
import { ENDPOINTS_MAX, STRANGERS_RATE } from "./secure-limits.ts";
import { TokenBucket } from "./token-bucket.ts";

describe("TokenBucket", () => {
  unit("is full at first, fills with time, and never holds more than it can", () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);

    expect([bucket.take(5, 0), bucket.take(1, 99), bucket.take(1, 100)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([bucket.take(6, 100_000), bucket.take(5, 100_000)]).toEqual([false, true]);
  });

  unit("takes nothing where there is too little", () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 5 }, 0);

    expect([bucket.take(6, 0), bucket.take(5, 0)]).toEqual([false, true]);
  });

  adversarial("is neither filled nor stopped by a clock that steps back", () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 1_000_000);
    bucket.take(5, 1_000_000);

    expect(bucket.take(1, 0)).toBe(false);
    expect(bucket.take(1, 100)).toBe(true);
  });
});

describe("Admission", () => {
  unit("lets an endpoint begin five handshakes at once and then one in a second", () => {
    const admission = new Admission(0);
    const begun = Array.from({ length: 10 }, () => admission.admits("a", false, 0));

    expect(begun.filter(Boolean).length).toBe(5);
    expect([admission.admits("a", false, 1_000), admission.admits("a", false, 1_000)]).toEqual([
      true,
      false,
    ]);
    expect(admission.admits("b", false, 1_000)).toBe(true);
  });

  unit("gives who is known what strangers have not left", () => {
    const admission = new Admission(0, { perSecond: 1, burst: 3 });
    const begun = [1, 2, 3, 4].map((n) => admission.admits(`stranger ${n}`, false, 0));

    expect(begun).toEqual([true, true, true, false]);
    expect(admission.admits("friend", true, 0)).toBe(true);
  });

  adversarial(
    "gives those who are known no more than strangers: what they show may be stolen",
    () => {
      const admission = new Admission(0);
      const begun = Array.from({ length: 500 }, (_, n) => admission.admits(`thief ${n}`, true, 0));

      expect(begun.filter(Boolean).length).toBe(STRANGERS_RATE.burst);
    },
  );

  adversarial("remembers no more endpoints than it may", () => {
    const admission = new Admission(0);
    for (let n = 0; n < 3 * ENDPOINTS_MAX; n += 1) admission.admits(`${n}`, false, 0);

    expect(admission.size).toBe(ENDPOINTS_MAX);
    admission.forget(`${3 * ENDPOINTS_MAX - 1}`);
    expect(admission.size).toBe(ENDPOINTS_MAX - 1);
  });
});
