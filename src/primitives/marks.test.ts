/** The catalogue of marks and the places where they stand say the same. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Glob } from "bun";
import { invariant, unit } from "../../test/kind.ts";
import { isTest } from "../../test/tidy-rooms.ts";
import { withoutComments } from "../../test/tidy-text.ts";
import { CHAIN_MARKS } from "./marks/chain-marks.ts";
import { CHANNEL_MARKS } from "./marks/channel-marks.ts";
import { NODE_MARKS } from "./marks/node-marks.ts";
import { REFUSAL_MARKS } from "./marks/refusal-marks.ts";
import { MARKS } from "./marks.ts";

const SOURCE = resolve(import.meta.dir, "..");
const names = Object.keys(MARKS);

/** The program without its tests, and without the catalogue. */
const program = [...new Glob("**/*.ts").scanSync({ cwd: SOURCE })]
  .filter((path) => !isTest(path) && !path.startsWith("primitives/marks"))
  .map((path) => withoutComments(readFileSync(join(SOURCE, path), "utf8")))
  .join("\n");

/** How often a name stands in a text. */
function placesOf(name: string, text: string): number {
  return text.split(`"${name}"`).length - 1;
}

describe("the catalogue of marks", () => {
  invariant("names no situation that the program does not mark", () => {
    expect(names.filter((name) => placesOf(name, program) === 0)).toEqual([]);
  });

  invariant("names each situation once: a mark stands in one place", () => {
    expect(names.filter((name) => placesOf(name, program) > 1)).toEqual([]);
  });

  unit("says each in a sentence that no other one says", () => {
    const sentences = Object.values(MARKS);

    expect(sentences.filter((sentence) => !/^[A-Z].*\.$/.test(sentence))).toEqual([]);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  unit("calls each by its area and its situation, and no two parts of it call one alike", () => {
    const parts = [CHAIN_MARKS, CHANNEL_MARKS, NODE_MARKS, REFUSAL_MARKS];
    const count = parts.reduce((sum, part) => sum + Object.keys(part).length, 0);

    expect(names.filter((name) => !/^[a-z-]+\/(?:[a-z-]+|[A-Z]\w+)$/.test(name))).toEqual([]);
    expect(count).toBe(names.length);
  });
});
