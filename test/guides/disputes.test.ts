/** The guide "disputes" tells the truth: its code runs, and the stories that it names are there. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadScenario } from "../../sim/commands/scenario-file.ts";
import { runScenario } from "../../sim/run-scenario.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { integration, unit } from "../kind.ts";
import { readStories } from "../stories.ts";
import { blocksIn, readGuide } from "./guide.ts";

/** A minute, for a machine that does other things; a run takes well under a second on an idle one. */
const TIMEOUT_MS = 60_000;

const guide = readGuide("disputes.md");
const evm = chainOfFile("evm");
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "channels-disputes-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the guide to disputes", () => {
  integration(
    "its story of a cheat holds for every seed that is tried",
    async () => {
      const [block] = blocksIn(guide).filter(({ language }) => language === "ts");
      const path = join(folder, "cheat.scenario.ts");
      writeFileSync(path, block?.text ?? "");
      const scenario = await loadScenario(path);
      for (const seed of [1, 2, 3]) {
        const { violations } = await runScenario(scenario, { seed, chain: evm() });
        expect({ seed, violations }).toEqual({ seed, violations: [] });
      }
    },
    TIMEOUT_MS,
  );

  unit("every story that it names is one of the repository", async () => {
    const names = (await readStories()).map(({ name }) => name);
    const inTable = [...guide.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = ""]) => name),
    );
    const inCommands = [...guide.matchAll(/^bun channels run ([a-z][\w-]+)/gm)].map(
      ([, name = ""]) => name,
    );

    expect(inTable.length).toBeGreaterThan(5);
    expect([...inTable, ...inCommands].filter((name) => !names.includes(name))).toEqual([]);
  });
});
