/** Pages of a list. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../../test/kind.ts";
import { pageOf } from "./page.ts";

const self = (name: string): string => name;

describe("pageOf", () => {
  unit("gives the first items behind the cursor, and where the next page begins", () => {
    const items = ["c", "a", "d", "b"];

    expect(pageOf(items, self, { limit: 2 })).toEqual({ items: ["a", "b"], next: "b" });
    expect(pageOf(items, self, { cursor: "b", limit: 2 })).toEqual({
      items: ["c", "d"],
      next: null,
    });
    expect(pageOf(items, self, { cursor: "z" })).toEqual({ items: [], next: null });
  });

  property("all pages together are the whole list, once each, whatever their size", () => {
    const names = fc.uniqueArray(fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 7 }), (items, limit) => {
        const seen: string[] = [];
        let cursor: string | null | undefined;
        do {
          const page = pageOf(items, self, { limit, cursor: cursor ?? undefined });
          seen.push(...page.items);
          cursor = page.next;
        } while (cursor !== null);
        expect(seen).toEqual([...items].sort((a, b) => (a < b ? -1 : 1)));
      }),
    );
  });
});
