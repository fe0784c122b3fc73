/** A plan as a scenario and its test, two files in TypeScript that fail as they are, and pass once the bug is gone. */
import { counted } from "../../src/primitives/counted.ts";
import type { Capsule } from "./capsule.ts";
import { promiseOf } from "./failure-report-promises.ts";
import { faultWords, moveWords, wishWords } from "./failure-report-words.ts";
import type { Plan } from "./plan.ts";
import { fieldsText, valueText } from "./scenario-text-values.ts";
import { stepsOf } from "./shrink-trial.ts";

/** What the two files are about. */
export type ScenarioStory = {
  /** Small letters, digits and hyphens: the beginning of both file names. */
  readonly name: string;
  /** Where the failure was found; its plan is what is written. */
  readonly capsule: Pick<Capsule, "plan" | "chain" | "signatures" | "failure">;
};

/** The scenario: each step as data on a line of its own, under a comment that says it in words. */
export function scenarioText({ capsule, name }: ScenarioStory): string {
  const { failure, plan } = capsule;
  const { cast, faults, moves, wishes, ...world } = plan;
  const promise = promiseOf(failure.oracle);
  const steps = counted(stepsOf(plan), "step");
  return `/**
 * Breaks a promise in ${steps} (oracle "${failure.oracle}", bucket ${failure.bucket}): ${promise}
 */
import { definePlan } from "channels/plan";
import type { Scenario } from "channels/scenario";

export const scenario: Scenario = definePlan({
  name: ${valueText(name)},
  summary: ${valueText(`breaks a promise (${failure.oracle}) in ${steps}`)},
  cast: ${valueText(cast)},
${fieldsText(world)}${stepsText("wishes", wishes, wishWords)}${listText("faults", faults, faultWords)}${listText("moves", moves, moveWords)}});
`;
}

/** The test. `kindPath` is where tests of this repository get their kinds from; undefined for those of others. */
export function scenarioTestText(
  { capsule, name }: ScenarioStory,
  kindPath: string | undefined,
): string {
  const { chain, failure, signatures } = capsule;
  const settings = valueText({ chain, signatures });
  const declare = kindPath === undefined ? "test" : "adversarial";
  const imports =
    kindPath === undefined
      ? 'import { expect, test } from "bun:test";\nimport { violationsOf } from "channels/plan";'
      : `import { expect } from "bun:test";\nimport { violationsOf } from "channels/plan";\nimport { adversarial } from "${kindPath}";`;
  return `/** Fails as long as a promise breaks that an oracle of the simulator looks after: "${failure.oracle}". */
${imports}
import { scenario } from "./${name}.scenario.ts";

${declare}(
  ${valueText(promiseOf(failure.oracle).replace(/\.$/, ""))},
  async () => {
    expect(await violationsOf(scenario, ${settings})).toEqual([]);
  },
  ${TIMEOUT_MS},
);
`;
}

/** Longest that such a test may take: a minute, for chains that are slow to start. */
const TIMEOUT_MS = "60_000";

/** Wishes stand there even if there are none: a plan without them is hard to read. */
function stepsText(field: "wishes", steps: Plan["wishes"], words: typeof wishWords): string {
  return steps.length === 0 ? `  ${field}: [],\n` : listText(field, steps, words);
}

function listText<Step>(
  field: string,
  steps: readonly Step[],
  words: (step: Step) => string,
): string {
  if (steps.length === 0) return "";
  const lines = steps.map((step) => `    // ${words(step)}\n    ${valueText(step)},\n`);
  return `  ${field}: [\n${lines.join("")}  ],\n`;
}

/** A name that both files and a scenario can have, from whatever a capsule is called. */
export function scenarioNameOf(capsuleFile: string): string {
  const words = capsuleFile
    .replace(/(?:\.small)?(?:\.capsule)?\.json$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return /^[a-z]/.test(words) ? words : `failure-${words}`.replace(/-$/, "");
}
