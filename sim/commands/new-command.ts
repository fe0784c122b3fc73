/** `channels new`: writes a scenario to start from. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { SCENARIO_ENDING } from "./scenario-file.ts";
import { EXIT, failure, type Shell, wrongUsage } from "./shell.ts";

/** Longest name: with the ending it stays a file name that every system takes. */
const NAME_CHARS_MAX = 64;

/** Adds the command. */
export function addNewCommand(program: Command, shell: Shell): void {
  program
    .command("new")
    .description("write a scenario file that passes, to start from")
    .argument("<name>", "small letters, digits and hyphens: my-story")
    .action((name: string) => {
      const isName = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) && name.length <= NAME_CHARS_MAX;
      if (!isName) {
        throw wrongUsage(
          `"${name}" is no name for a scenario; take small letters, digits and hyphens, as in my-story`,
        );
      }
      const file = `${name}${SCENARIO_ENDING}`;
      writeNew(resolve(file), scenarioText(name));
      shell.out(`wrote ${file}; run it with: ${shell.name} run ${file}`);
    });
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      throw wrongUsage(`${path} exists already, and is left as it is; take another name`);
    }
    throw failure(EXIT.outsideFailed, `${path} cannot be written: ${message}`);
  }
}

/** `channels run` finds the two imports wherever the file lies. */
function scenarioText(name: string): string {
  return `/** Alice and Bob open a channel, Alice pays Bob once, and Bob closes it. */
import { defineScenario, type Scenario } from "channels/scenario";
import { sequence } from "channels/sequence";

export const scenario: Scenario = defineScenario({
  name: "${name}",
  summary: "Alice and Bob open a channel, Alice pays Bob once, and Bob closes it",
  // Also to be had: irene, ivan, isaac, iris and igor (hubs), eve (who cheats).
  cast: ["alice", "bob"],
  // "--set amount=2" changes it.
  parameters: { amount: "1" },
  // The check: the run must show these lines, in this order; inside "par" in any order.
  diagram: sequence\`
    alice ->>  bob:   prefund
    bob   ->>  alice: prefund
    alice ->>  chain: deposit 6 wei
    chain -->> all:   holds 6 wei
    bob   ->>  chain: deposit 4 wei
    chain -->> all:   holds 10 wei
    par
      alice ->>  bob:   postfund
      bob   ->>  alice: postfund
    end
    alice ->>  bob:   update 2
    bob   ->>  alice: update 2
    bob   ->>  alice: final state
    alice ->>  bob:   final state
    alice ->>  chain: conclude and pay out
    chain -->> all:   concluded
    chain -->> all:   pays out 10 wei
  \`,
  script: async ({ alice, bob, check, eth, parameters }) => {
    const amount = BigInt(parameters["amount"] ?? "1");
    check(amount <= 6n, "alice can pay what she put in");
    const channel = await alice.openChannel([bob], [{ asset: eth, amounts: [6n, 4n] }]);
    await alice.pay(channel, bob, eth, amount);
    await bob.closeChannel(channel);
  },
});
`;
}
