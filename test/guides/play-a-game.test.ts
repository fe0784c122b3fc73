/**
 * The guide "play a game" tells the truth: its commands, copied one by one into two terminals, end with both winners
 * paid. `CHANNELS_WRITE_GUIDES=1 bun test test/guides/play-a-game.test.ts` writes what they print into the guide.
 */
import { describe, expect } from "bun:test";
import { challengeDurationMinSec, LOCAL } from "../../src/chain/chain-profile.ts";
import { patientIntegration, unit } from "../kind.ts";
import { readGuide } from "./guide.ts";
import { GUIDE_TIMEOUT_MS, runGuide } from "./guide-shell.ts";

const GUIDE = "play-a-game.md";

/** A chain that is five times as fast as the reader's, and nodes that look at it as often. */
const FASTER = {
  instead: { "--block-time 1 ": "--block-time 0.2 " },
  environment: { CHANNELS_CHAIN_POLL_MS: "50" },
};

describe("the guide to playing a game", () => {
  patientIntegration(
    "its commands, copied one by one, end both games with the winner paid, and print what it shows",
    async () => {
      const { printed, shown } = await runGuide(GUIDE, FASTER);
      expect(printed).toEqual(shown);
    },
    GUIDE_TIMEOUT_MS,
  );

  unit("names the shortest challenge of a local chain as the program has it", () => {
    const shortest = `${challengeDurationMinSec(LOCAL)} seconds on a local chain`;
    expect(readGuide(GUIDE)).toContain(shortest);
  });
});
