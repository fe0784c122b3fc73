/**
 * The guide "run a node" tells the truth: its commands, copied one by one, give three nodes and a payment. When the
 * output has changed for a reason, `CHANNELS_WRITE_GUIDES=1 bun test test/guides/run-a-node.test.ts` writes it.
 */
import { describe, expect } from "bun:test";
import { challengeDurationMinSec, ETHEREUM } from "../../src/chain/chain-profile.ts";
import { patientIntegration, unit } from "../kind.ts";
import { readGuide } from "./guide.ts";
import { GUIDE_TIMEOUT_MS, runGuide } from "./guide-shell.ts";

const GUIDE = "run-a-node.md";

describe("the guide to running a node", () => {
  patientIntegration(
    "its commands, copied one by one, give three nodes and a payment, and print what it shows",
    async () => {
      const { printed, shown } = await runGuide(GUIDE);
      expect(printed).toEqual(shown);
    },
    GUIDE_TIMEOUT_MS,
  );

  unit("names the shortest challenge of Ethereum as the program has it", () => {
    const shortest = challengeDurationMinSec(ETHEREUM).toLocaleString("en");
    expect(readGuide(GUIDE)).toContain(`${shortest} seconds on Ethereum`);
  });
});
