/** Scenario files for tests of the command line. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a scenario file with this cast, diagram and script into a folder and gives its path. */
export function writeStory(
  folder: string,
  { diagram = "undefined", script }: { readonly diagram?: string; readonly script: string },
): string {
  const path = join(folder, "story.scenario.ts");
  const text = `
import { defineScenario } from "channels/scenario";
import { sequence } from "channels/sequence";

const diagram = ${diagram};
export const scenario = defineScenario({
  name: "story",
  summary: "a story of a test",
  cast: ["alice", "bob"],
  ...(diagram === undefined ? {} : { diagram }),
  script: async ({ alice, bob, eth, pause }) => {
    ${script}
  },
});
export const used = sequence;
`;
  writeFileSync(path, text);
  return path;
}

/** A script that goes on for minutes. */
export const ENDLESS = `
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [1000n, 0n] }]);
    for (let turn = 0; turn < 100_000; turn++) {
      await alice.pay(channel, bob, eth, 1n);
      await bob.pay(channel, alice, eth, 1n);
    }
`;
