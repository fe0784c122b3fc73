/** Nodes stop at their boundaries, and the story ends well all the same: a sample of what the command enumerates. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { crash } from "../../test/kind.ts";
import { crashPointName, crashPointsOf, playCrash } from "./crash-points.ts";
import { STORIES } from "./stories.ts";

/** Crash points of each story that are played here: one core second. */
const SAMPLE = 1;

const chain = chainOfFile("model");

describe("a node that stops at one of its boundaries", () => {
  for (const [place, story] of STORIES.entries()) {
    crash(`costs nobody anything in the story of ${story.name}`, async () => {
      const points = await crashPointsOf(chain(), story);
      for (let n = 0; n < SAMPLE; n++) {
        // A prime number of steps, so that each story shows other kinds of boundaries.
        const point = points[(place * 7 + n * 101) % points.length];
        if (point === undefined) throw new Error("there is no such point");
        const { problems } = await playCrash(chain(), story, point);
        expect([crashPointName(point), ...problems]).toEqual([crashPointName(point)]);
      }
    });
  }
});
