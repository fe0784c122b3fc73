/**
 * The guide "run a node" tells the truth: its commands, copied one by one, give three nodes and a payment. When the
 * output has changed for a reason, `CHANNELS_WRITE_GUIDES=1 bun test test/guides/run-a-node.test.ts` writes it.
 */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { challengeDurationMinSec, ETHEREUM } from "../../src/chain/chain-profile.ts";
import { integration, unit } from "../kind.ts";
import { lessonsIn, readGuide, writeOutputs } from "./guide.ts";
import { runGuide } from "./guide-shell.ts";

const GUIDE = "run-a-node.md";
const guide = readGuide(GUIDE);
const lessons = lessonsIn(guide);

/** Half a minute alone, and much more on a machine that does other things. */
const TIMEOUT_MS = 300_000;

describe("the guide to running a node", () => {
  integration(
    "its commands, copied one by one, give three nodes and a payment, and print what it shows",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "channels-node-guide-"));
      try {
        const outputs = await runGuide(guide, { folder });
        const shown = lessons.flatMap(({ output }, index) =>
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

  unit("names the shortest challenge of Ethereum as the program has it", () => {
    expect(guide).toContain(
      `${challengeDurationMinSec(ETHEREUM).toLocaleString("en")} seconds on Ethereum`,
    );
  });
});
