/**
 * The guide "play a game" tells the truth: its commands, copied one by one into two terminals, end with both winners
 * paid. `CHANNELS_WRITE_GUIDES=1 bun test test/guides/play-a-game.test.ts` writes what they print into the guide.
 */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { challengeDurationMinSec, LOCAL } from "../../src/chain/chain-profile.ts";
import { integration, unit } from "../kind.ts";
import { lessonsIn, readGuide, writeOutputs } from "./guide.ts";
import { runGuide } from "./guide-shell.ts";

const GUIDE = "play-a-game.md";
const guide = readGuide(GUIDE);

/** Ten seconds alone, and much more on a machine that does other things. */
const TIMEOUT_MS = 300_000;

/** A chain that is five times as fast as the reader's, and nodes that look at it as often. */
const FASTER = {
  instead: { "--block-time 1 ": "--block-time 0.2 " },
  environment: { CHANNELS_CHAIN_POLL_MS: "50" },
};

describe("the guide to playing a game", () => {
  integration(
    "its commands, copied one by one, end both games with the winner paid, and print what it shows",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "channels-game-guide-"));
      try {
        const outputs = await runGuide(guide, { folder, ...FASTER });
        const shown = lessonsIn(guide).flatMap(({ output }, index) =>
          output === undefined ? [] : [outputs[index] ?? ""],
        );
        if (process.env["CHANNELS_WRITE_GUIDES"] === "1") writeOutputs(GUIDE, shown);

        const expected = lessonsIn(readGuide(GUIDE)).map(({ output }) => output ?? "");
        expect(outputs).toEqual(expected);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    TIMEOUT_MS,
  );

  unit("names the shortest challenge of a local chain as the program has it", () => {
    expect(guide).toContain(`${challengeDurationMinSec(LOCAL)} seconds on a local chain`);
  });
});
