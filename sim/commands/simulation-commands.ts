/** The commands of the simulator. */
import type { Command } from "commander";
import { addRunCommand } from "./run-command.ts";
import type { Shell } from "./shell.ts";

/** Adds them to the program. */
export function addSimulationCommands(program: Command, shell: Shell): void {
  addRunCommand(program, shell);
}
