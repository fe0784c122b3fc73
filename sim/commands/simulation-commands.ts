/** The commands of the simulator. */
import type { Command } from "commander";
import { addCompareCommand } from "./compare-command.ts";
import { addExhaustCommand } from "./exhaust-command.ts";
import { addFuzzCommand } from "./fuzz-command.ts";
import type { KeepLog } from "./kept-run.ts";
import { addListCommand } from "./list-command.ts";
import { addNewCommand } from "./new-command.ts";
import { addReplayCommand } from "./replay-command.ts";
import { addRunCommand } from "./run-command.ts";
import type { Shell } from "./shell.ts";
import { addShrinkCommand } from "./shrink-command.ts";
import { addStepCommand } from "./step-command.ts";
import { addWorkerCommand } from "./worker-command.ts";

/** Adds them to the program, in the order of its help. */
export function addSimulationCommands(program: Command, shell: Shell, keepLog: KeepLog): void {
  addRunCommand(program, shell, keepLog);
  addListCommand(program, shell);
  addNewCommand(program, shell);
  addCompareCommand(program, shell);
  addStepCommand(program, shell);
  addFuzzCommand(program, shell);
  addWorkerCommand(program, shell);
  addReplayCommand(program, shell, keepLog);
  addShrinkCommand(program, shell);
  addExhaustCommand(program, shell);
}
