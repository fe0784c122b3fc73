/** Marks count into whatever is installed, and into nothing else. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { countMarks, mark, marked } from "./mark.ts";
import type { MarkName } from "./marks.ts";

describe("mark", () => {
  unit("counts while somebody counts, and not before or after", () => {
    const seen: MarkName[] = [];

    mark("update/overtaken");
    const stop = countMarks((name) => seen.push(name));
    mark("update/given-up");
    expect(marked("update/overtaken", 7)).toBe(7);
    stop();
    mark("update/given-up");

    expect(seen).toEqual(["update/given-up", "update/overtaken"]);
  });

  unit("nobody counts while another one does", () => {
    const stop = countMarks(() => {});

    expect(() => countMarks(() => {})).toThrow("one counts at a time");
    stop();
    expect(stop).toThrow("whoever counts is the one who stops");
  });
});
