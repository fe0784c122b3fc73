/** `channels list`: the scenarios of this installation. */
import type { Command } from "commander";
import { jsonOf } from "../../src/primitives/json.ts";
import { textTable } from "../../src/primitives/text-table.ts";
import { findScenario, loadScenario, scenarioNames } from "./scenario-file.ts";
import type { Shell } from "./shell.ts";

/** Adds the command. */
export function addListCommand(program: Command, shell: Shell): void {
  program
    .command("list")
    .description("list the scenarios, a line each")
    .option("--json", "print one JSON document and nothing else", false)
    .action(async ({ json }: { readonly json: boolean }) => {
      const scenarios = [];
      for (const name of scenarioNames()) {
        const { cast, parameters, summary } = await loadScenario(findScenario(name));
        scenarios.push({ name, summary, cast, parameters });
      }
      if (json) return shell.out(jsonOf(scenarios, 2));
      const rows = scenarios.map(({ name, summary }) => [name, summary]);
      shell.out(textTable(rows, ["left", "left"]).join("\n"));
    });
}
