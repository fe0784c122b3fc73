/** The guide "watchtower" tells the truth: its story holds, and the names that it uses are there. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadScenario } from "../../sim/commands/scenario-file.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { APPOINTMENT_BYTES_MAX } from "../../src/watchtower/appointment-check.ts";
import { openTowerStore, Watchtower } from "../../src/watchtower/watchtower.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { integration, unit } from "../kind.ts";
import { blocksIn, readGuide } from "./guide.ts";

/** A minute, for a machine that does other things; a run takes well under a second on an idle one. */
const TIMEOUT_MS = 60_000;

const guide = readGuide("watchtower.md");
const evm = chainOfFile("evm");

describe("the guide to watchtowers", () => {
  integration(
    "its story holds for every seed that is tried",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "channels-towered-"));
      try {
        const block = blocksIn(guide).find(({ title }) => title === "towered.scenario.ts");
        const path = join(folder, "towered.scenario.ts");
        writeFileSync(path, block?.text ?? "");
        const scenario = await loadScenario(path);
        for (const seed of [1, 2, 3]) {
          const { violations } = await runScenario(scenario, { seed, chain: evm() });
          expect({ seed, violations }).toEqual({ seed, violations: [] });
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );

  unit("names what is there: the functions, and the bound of an appointment", () => {
    expect(guide).toContain(`${openTowerStore.name}(`);
    expect(guide).toContain(`${Watchtower.name}.start`);
    expect(Object.getOwnPropertyNames(Watchtower.prototype)).toContain("give");
    expect(Object.getOwnPropertyNames(Watchtower.prototype)).toContain("end");
    expect(guide).toContain(`${APPOINTMENT_BYTES_MAX / 1024} KiB`);
  });
});
