/** What may be added to the layouts that are kept, and what may not. */
import { describe, expect } from "bun:test";
import { type KeptLayout, unionCases, withAdditions } from "./kept-layouts.ts";
import { unit } from "./kind.ts";

describe("kept layouts", () => {
  const old: KeptLayout = {
    type: "Ask",
    number: 1,
    version: 1,
    shape: "{change:union(1:Pay{to:uint(9)})}",
    samples: ["0x01"],
  };

  unit("a new case of a union and a new sample are added in place", () => {
    const wider = {
      ...old,
      shape: "{change:union(1:Pay{to:uint(9)},2:Close{at:union(1:Now{})})}",
      samples: ["0x01", "0x02"] as const,
    };

    expect(withAdditions([old], [wider])).toEqual([wider]);
  });

  unit("what is widened keeps the version of the program that wrote it first", () => {
    const wider = { ...old, samples: ["0x01", "0x02"] as const };
    const added = withAdditions([{ ...old, since: "0.1.0" }], [{ ...wider, since: "0.2.0" }]);

    expect(added).toEqual([{ ...wider, since: "0.1.0" }]);
  });

  unit("a new type and a new version are added behind what is kept", () => {
    const others = [
      { ...old, version: 2, shape: "{}" },
      { ...old, type: "Tell", number: 2 },
    ];

    expect(withAdditions([old], others)).toEqual([old, ...others]);
  });

  unit("another number, field, case number or sample is not taken over", () => {
    const contradictions: readonly Partial<KeptLayout>[] = [
      { number: 2 },
      { shape: "{change:union(1:Pay{to:uint(8)})}" },
      { shape: "{change:union(2:Pay{to:uint(9)})}" },
      { shape: "{change:union(1:Pay{to:uint(9)}),more:uint(1)}" },
      { samples: ["0x02"] },
    ];

    for (const change of contradictions) {
      expect(withAdditions([old], [{ ...old, ...change }])).toEqual([old]);
    }
  });

  unit("the cases of a union are found with their numbers, the unions in them left alone", () => {
    const shape = "union(1:Pay{to:uint(9)},12:Close{at:union(3:Now{})})";

    expect(unionCases(shape)).toEqual([
      { type: "Pay", number: 1, shape: "{to:uint(9)}" },
      { type: "Close", number: 12, shape: "{at:union(3:Now{})}" },
    ]);
  });
});
