/** The guide "write a scenario" tells the truth: its code runs, and fails as it says. */
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadScenario } from "../../sim/commands/scenario-file.ts";
import { type RunOptions, type RunResult, runScenario } from "../../sim/run-scenario.ts";
import type { Scenario } from "../../sim/scenario.ts";
import { type SimulatedChain, startSimulatedChain } from "../../sim/simulated-chain.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { integration } from "../kind.ts";
import { blocksIn, readGuide } from "./guide.ts";

/** Enough to see each order that the guide leaves open; a seed takes about a tenth of a second. */
const SEEDS = [1, 2, 3, 4, 5];

/** A minute, for a machine that does other things; a test takes well under a second on an idle one. */
const TIMEOUT_MS = 60_000;

const blocks = blocksIn(readGuide("write-a-scenario.md"));
const coffee = blockOf("ts", "coffee.scenario.ts");
const night = blockOf("ts", "night.scenario.ts");
const storm = blockOf("ts", "storm.scenario.ts");
const tab = blockOf("ts", "tab.scenario.ts");
const mistake = blockOf("diff", "coffee.scenario.ts");
const outputs = blocks.filter(({ language }) => language === "text").map(({ text }) => text.trim());

let folder = "";
let chain: SimulatedChain | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "channels-guide-"));
  chain = await startSimulatedChain("evm");
}, TIMEOUT_MS);

afterAll(async () => {
  await chain?.local.stop();
  rmSync(folder, { recursive: true });
});

/** Which of the two postfunds is shown before the difference is for the network to say. */
function withoutPostfunds(text = ""): string {
  return text
    .split("\n")
    .filter((line) => !line.includes("postfund"))
    .join("\n");
}

describe("the guide to scenarios", () => {
  integration(
    "its first story is what its diagram says, for each seed",
    async () => {
      const scenario = await load("coffee", coffee);
      for (const seed of SEEDS) {
        const result = await run(scenario, seed);
        expect({ seed, violations: result.violations }).toEqual({ seed, violations: [] });
      }
    },
    TIMEOUT_MS,
  );

  integration(
    "its mistake fails with the difference that it shows",
    async () => {
      const scenario = await load("mistake", patched(coffee, mistake));

      const result = await run(scenario, 1);

      const [violation, ...others] = result.violations;
      expect([violation?.oracle, others]).toEqual(["diagram", []]);
      expect(withoutPostfunds(violation?.message)).toBe(withoutPostfunds(outputs[0]));
    },
    TIMEOUT_MS,
  );

  integration(
    "its story of a bad night holds, for each seed",
    async () => {
      const scenario = await load("night", night);
      for (const seed of SEEDS) {
        const result = await run(scenario, seed);
        expect({ seed, violations: result.violations }).toEqual({ seed, violations: [] });
      }
    },
    TIMEOUT_MS,
  );

  integration(
    "its story in bad weather ends well, and shows each fault",
    async () => {
      const scenario = await load("storm", storm);
      for (const seed of SEEDS) {
        const { assumptions, trace, violations } = await run(scenario, seed);
        const faults = trace.flatMap((entry) => (entry.type === "Fault" ? [entry.what] : []));
        expect({ seed, assumptions, violations }).toEqual({
          seed,
          assumptions: [],
          violations: [],
        });
        expect(faults).toContain("base fee of 20000000000 wei for 3 blocks");
        expect(faults).toContain("the endpoint is out of reach for 60 s");
        expect(faults.join()).toContain("reorg of 2 blocks");
      }
    },
    TIMEOUT_MS,
  );

  integration(
    "its tab over a hub is paid and closed",
    async () => {
      const scenario = await load("tab", tab);
      for (const seed of SEEDS) {
        const { violations } = await run(scenario, seed);
        expect({ seed, violations }).toEqual({ seed, violations: [] });
      }
    },
    TIMEOUT_MS,
  );

  integration(
    "its parameter changes the story, and fails with the words that it shows",
    async () => {
      const scenario = await load("night-dear", night);

      expect((await run(scenario, 1, { price: "5" })).violations).toEqual([]);
      expect((await run(scenario, 1, { price: "6" })).violations).toEqual([
        { oracle: "script", message: outputs[1] ?? "" },
      ]);
    },
  );
});

function run(
  scenario: Scenario,
  seed: number,
  parameters: NonNullable<RunOptions["parameters"]> = {},
): Promise<RunResult> {
  return runScenario(scenario, { seed, parameters, chain: assertDefined(chain, "the chain") });
}

function load(name: string, code: string): Promise<Scenario> {
  const path = join(folder, `${name}.scenario.ts`);
  writeFileSync(path, code);
  return loadScenario(path);
}

function blockOf(language: string, title: string): string {
  const block = blocks.find((one) => one.language === language && one.title === title);
  return assertDefined(block, `a block of ${language} named ${title}`).text;
}

/** The code with the lines of the diff that begin with `-` replaced by those that begin with `+`. */
function patched(code: string, diff: string): string {
  const linesWith = (sign: string): string =>
    diff
      .split("\n")
      .filter((line) => line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  expect(code).toContain(linesWith("-"));
  return code.replace(linesWith("-"), linesWith("+"));
}
