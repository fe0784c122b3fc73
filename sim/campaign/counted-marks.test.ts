/** What fault-free runs reach does not count. */
import { describe, expect } from "bun:test";
import { countMarks } from "../../src/primitives/mark.ts";
import { MARKS, type MarkName } from "../../src/primitives/marks.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { integration, unit } from "../../test/kind.ts";
import { readStories } from "../../test/stories.ts";
import { runScenario } from "../run-scenario.ts";
import { COUNTED_MARKS, UNCOUNTED_MARKS } from "./counted-marks.ts";

/** Stories without faults, of protocols that have little in common. */
const CALM = ["direct-fund", "update", "direct-defund", "virtual-go-nitro", "dispute"];

/** Marks that count at least. */
const MARKS_MIN = 120;

const model = chainOfFile("model");

describe("marks that count", () => {
  integration(
    "every fault-free run reaches those that do not count, and no other one",
    async () => {
      const stories = (await readStories()).filter(({ name }) => CALM.includes(name));
      const reached: ReadonlySet<MarkName>[] = [];
      for (const story of stories) {
        const seen = new Set<MarkName>();
        const stop = countMarks((name) => seen.add(name));
        await runScenario(story, { seed: 1, chain: model(), signatures: "fast" }).finally(stop);
        reached.push(seen);
      }

      const [first = new Set(), ...others] = reached;
      const always = [...first].filter((name) => others.every((seen) => seen.has(name)));
      expect(reached).toHaveLength(CALM.length);
      expect(reached.some((seen) => seen.size > 0)).toBe(true);
      expect(always.sort()).toEqual([...UNCOUNTED_MARKS].sort());
    },
  );

  unit("are at least 120, and all of the catalogue but those that do not", () => {
    expect(COUNTED_MARKS.length).toBeGreaterThanOrEqual(MARKS_MIN);
    expect(COUNTED_MARKS.length + UNCOUNTED_MARKS.length).toBe(Object.keys(MARKS).length);
  });
});
