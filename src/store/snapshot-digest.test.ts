/** The digest of a set: the same for the same entities, whatever came and went before. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { golden, property, unit } from "../../test/kind.ts";
import { EMPTY_SET, SetSum } from "./snapshot-digest.ts";

const entity = fc.record({
  table: fc.nat({ max: 3 }),
  key: fc.constantFrom("a", "b", "ab", "ä"),
  encoded: fc.uint8Array({ maxLength: 3 }),
});

describe("SetSum", () => {
  property("depends on what is in, not on the way there", () => {
    fc.assert(
      fc.property(fc.array(entity), fc.array(entity), (kept, gone) => {
        const straight = new SetSum(EMPTY_SET);
        for (const one of kept) straight.add(one, one.encoded);
        const detour = new SetSum(EMPTY_SET);
        for (const one of [...gone, ...kept.toReversed()]) detour.add(one, one.encoded);
        const rest = new SetSum(detour.read());
        for (const one of gone) rest.remove(one, one.encoded);

        expect(rest.read()).toEqual(straight.read());
      }),
    );
  });

  unit("tells entities apart by table, key and bytes, wherever these meet", () => {
    const digest = (table: number, key: string, bytes: readonly number[]): string => {
      const sum = new SetSum(EMPTY_SET);
      sum.add({ table, key }, Uint8Array.from(bytes));
      return sum.read().sum;
    };
    const all = [
      digest(1, "a", [98, 0]),
      digest(1, "ab", [0]),
      digest(2, "ab", [0]),
      digest(1, "a", [98]),
      digest(1, "", [97, 98, 0]),
    ];

    expect(new Set(all).size).toBe(all.length);
  });

  property("is the same however often its words are brought back into their range", () => {
    fc.assert(
      fc.property(fc.array(entity), fc.integer({ min: 1, max: 5 }), (all, changesMax) => {
        const seldom = new SetSum(EMPTY_SET);
        const often = new SetSum(EMPTY_SET, changesMax);
        for (const one of all) for (const sum of [seldom, often]) sum.add(one, one.encoded);
        expect(often.read()).toEqual(seldom.read());

        for (const one of all) often.remove(one, one.encoded);
        expect(often.read()).toEqual(EMPTY_SET);
      }),
    );
  });

  golden("is the sum of SHA-256 over table, key, a zero byte and the bytes", () => {
    const sum = new SetSum(EMPTY_SET);
    sum.add({ table: 1, key: "a" }, Uint8Array.of(7));
    const hashed = Bun.SHA256.hash(Uint8Array.of(1, 97, 0, 7)) as Uint8Array;

    expect(sum.read()).toEqual({ count: 1, sum: `0x${hashed.toHex()}` });
  });
});
