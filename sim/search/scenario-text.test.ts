/** Tests of scenarios as text: what is written is read as the same plan. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { golden, integration, unit } from "../../test/kind.ts";
import { loadScenario } from "../commands/scenario-file.ts";
import { CALM_PLAN } from "./calm-plan.ts";
import { drawPlan } from "./draw-plan.ts";
import type { Plan } from "./plan.ts";
import { scenarioNameOf, scenarioTestText, scenarioText } from "./scenario-text.ts";
import { readShrinkState, shrinkStateText } from "./shrink-state.ts";
import type { Verdict } from "./shrink-trial.ts";

const FAILURE = { oracle: "liveness", message: "it never ends", bucket: "0a1b2c3d" };

const storyOf = (plan: Plan) => {
  return {
    name: "never-ends",
    capsule: { plan, chain: "model", signatures: "fast", failure: FAILURE },
  } as const;
};

const SMALL: Plan = {
  ...CALM_PLAN,
  cast: ["alice", "bob"],
  wishes: [{ id: 1, atMs: 60_000, by: "alice", type: "OpenDirect", others: ["bob"], amounts: [] }],
  faults: [
    { id: 1, atMs: 7, type: "Crash", node: "bob", moment: { type: "Now" }, awayMs: undefined },
  ],
};

describe("scenarioText", () => {
  integration("gives files that load as the plan that was written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "channels-scenario-text-"));
    try {
      for (let seed = 0; seed < 12; seed += 1) {
        const plan = drawPlan(seed);
        const path = join(folder, `drawn-${seed}.scenario.ts`);
        writeFileSync(path, scenarioText(storyOf(plan)));

        expect((await loadScenario(path)).plan).toEqual(plan);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  golden("has a step to a line, in words and as data, and leaves out what is calm", () => {
    expect(scenarioText(storyOf(SMALL))).toBe(`/**
 * Breaks a promise in 2 steps (oracle "liveness", bucket 0a1b2c3d): Once the faults are over, everything completes or is disputed to its end.
 */
import { definePlan } from "channels/plan";
import type { Scenario } from "channels/scenario";

export const scenario: Scenario = definePlan({
  name: "never-ends",
  summary: "breaks a promise (liveness) in 2 steps",
  cast: ["alice", "bob"],
  wishes: [
    // alice opens a channel with bob: alice puts in , bob puts in 
    { id: 1, type: "OpenDirect", atMs: 60_000, by: "alice", amounts: [], others: ["bob"] },
  ],
  faults: [
    // bob's node stops at once, and never comes back
    { id: 1, type: "Crash", atMs: 7, node: "bob", awayMs: undefined, moment: { type: "Now" } },
  ],
});
`);
  });

  unit("has a test that asks for no violation, with a kind inside this repository", () => {
    const outside = scenarioTestText(storyOf(SMALL), undefined);
    const inside = scenarioTestText(storyOf(SMALL), "../test/kind.ts");

    expect(outside).toContain('import { expect, test } from "bun:test";');
    expect(inside).toContain('import { adversarial } from "../test/kind.ts";');
    for (const text of [outside, inside]) {
      expect(text).toContain('import { scenario } from "./never-ends.scenario.ts";');
      expect(text).toContain('violationsOf(scenario, { chain: "model", signatures: "fast" })');
    }
  });

  unit("is named after its capsule", () => {
    expect(scenarioNameOf("Double signature-0a1b.capsule.json")).toBe("double-signature-0a1b");
    expect(scenarioNameOf("never-ends.small.capsule.json")).toBe("never-ends");
    expect(scenarioNameOf("42.json")).toBe("failure-42");
  });
});

describe("the state of a search", () => {
  const origin = { chain: "model", failure: FAILURE, traceHash: "0x12" } as const;
  const verdicts: readonly Verdict[] = [
    { type: "Other" },
    { type: "Same", atMs: 12 },
    { type: "Alike", atMs: 0 },
  ];

  unit("is read as it was written", () => {
    expect(readShrinkState(shrinkStateText(origin, verdicts), origin)).toEqual(verdicts);
  });

  unit("is left aside when it is damaged, or of another capsule or chain", () => {
    const text = shrinkStateText(origin, verdicts);

    expect(readShrinkState(text.slice(0, -9), origin)).toBeUndefined();
    expect(readShrinkState(text.replace('"s12"', '"x12"'), origin)).toBeUndefined();
    expect(readShrinkState(text, { ...origin, chain: "evm" })).toBeUndefined();
    expect(readShrinkState(text, { ...origin, traceHash: "0x13" })).toBeUndefined();
  });
});
