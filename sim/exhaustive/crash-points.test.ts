/** Nodes stop at their boundaries, and the story ends well all the same: a sample of what the command enumerates. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { crash } from "../../test/kind.ts";
import { crashPointName, crashPointsOf, playCrash } from "./crash-points.ts";
import { exhaust } from "./exhaustion.ts";
import { STORIES } from "./stories.ts";

/** Stories of which one crash point is played here, which takes a quarter of a second; the command plays all. */
const SAMPLED: readonly string[] = [
  "direct fund of two",
  "update and direct defund",
  "virtual channel over one hub",
  "top-ups that are refused",
  "dispute of a direct channel",
];

/** Crash points that once went wrong. */
const FOUND: readonly string[] = [
  "withdrawal beside a virtual channel/irene/append 14/after 2 of 2 effects/lost tail/later",
  // Who has forgotten something, and whose only peer is gone, need not show an old state: nothing else is left to her.
  "dispute of a direct channel/alice/append 1/before it/torn/now",
  // A peer said again what was over, as another had told: an update was begun that nobody ever ended.
  "update and direct defund of three/alice/append 3/after 1 of 3 effects/torn/later",
  // Closing waited for ever for what a peer remembers who is gone, though the chain had decided and paid all.
  "dispute of ledgers/alice/append 4/after 1 of 1 effects/lost tail/later",
  // Back when the chain had decided everything, she waited on for openings that nobody would end.
  "several virtual channels at once/bob/append 11/before it/durable/later",
  // She signed a top-up before she had looked at the chain, and paid into a ledger that the chain had decided about.
  "top-up beside a virtual channel/irene/append 9/before its head/durable/later",
  // The loser had concluded and had nothing to be paid: whoever had forgotten the end learned it, and paid nobody.
  "game for money/alice/append 10/after 2 of 2 effects/lost tail/later",
  // The chain had ended the ledger by an older state: the next one never got its money, and was waited for.
  "withdrawal beside a virtual channel/irene/append 4/before its head/durable/later",
  // A neighbour named the ledger that had taken the place of the one she knew, before it was shown that it had.
  "withdrawal beside a virtual channel/alice/append 4/after 2 of 2 effects/torn/now",
];

const chain = chainOfFile("model");

async function play(name: string): Promise<readonly string[]> {
  const [row] = await exhaust(chain(), { mode: "crashes", only: name });
  expect(row?.tried).toBe(1);
  return (row?.failures ?? []).flatMap(({ problems }) => problems);
}

describe("a node that stops at one of its boundaries", () => {
  for (const [place, name] of SAMPLED.entries()) {
    crash(`costs nobody anything in the story of ${name}`, async () => {
      const story = STORIES.find((one) => one.name === name);
      if (story === undefined) throw new Error("there is no such story");
      const points = await crashPointsOf(chain(), story);
      // Steps without a common measure, so that each story shows another kind of boundary.
      const point = points[(7 + place * 101) % points.length];
      if (point === undefined) throw new Error("there is no such point");
      const { problems } = await playCrash(chain(), story, point);
      expect([crashPointName(point), ...problems]).toEqual([crashPointName(point)]);
    });
  }

  for (const name of FOUND) {
    crash(`costs nobody anything any more at ${name}`, async () => {
      expect(await play(name)).toEqual([]);
    });
  }
});

describe("crashPointsOf", () => {
  crash("names every boundary once", async () => {
    const [story] = STORIES;
    if (story === undefined) throw new Error("there is no story");
    const names = (await crashPointsOf(chain(), story)).map(crashPointName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("alice/append 1/before it/durable/never");
    expect(names).toContain("alice/append 2/after 1 of 1 effects/lost tail/later");
  });
});
