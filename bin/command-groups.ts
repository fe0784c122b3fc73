/**
 * The commands in groups of which only the one that is asked for is loaded: a node that starts needs no simulator,
 * and loading is most of the time that a start takes.
 */
import type { Command } from "commander";
import type { ProgramShell } from "./program.ts";

/** Commands that are loaded together. */
export type CommandGroup = {
  /** The first words that lead to them, in the order of the help. */
  readonly names: readonly string[];
  /** Adds them to the program. */
  readonly add: (program: Command, shell: ProgramShell) => Promise<void>;
};

/** Every command, in the order of the help. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    names: [
      ...["run", "list", "new", "compare", "step", "fuzz", "worker", "replay", "shrink"],
      "exhaust",
    ],
    add: async (program, shell) => {
      const { addSimulationCommands } = await import("../sim/commands/simulation-commands.ts");
      const { keepLog } = await import("../src/node/kept-log.ts");
      addSimulationCommands(program, shell, keepLog);
    },
  },
  {
    names: ["log"],
    add: async (program, shell) => {
      const { addLogCommands } = await import("../src/node/commands/log-command.ts");
      addLogCommands(program, shell);
    },
  },
  {
    names: ["derive"],
    add: async (program, shell) => {
      const { addDeriveCommand } = await import("../src/node/commands/derive-command.ts");
      addDeriveCommand(program, shell);
    },
  },
  {
    names: ["contracts"],
    add: async (program, shell) => {
      const { addContractsCommands } = await import("../src/node/commands/deploy-command.ts");
      addContractsCommands(program, shell);
    },
  },
  {
    names: ["node"],
    add: async (program, shell) => {
      const { addNodeCommands } = await import("../src/node/commands/node-command.ts");
      addNodeCommands(program, shell);
    },
  },
  {
    names: ["reducer"],
    add: async (program, shell) => {
      const { addReducerCommands } = await import("../src/node/commands/reducer-command.ts");
      addReducerCommands(program, shell);
    },
  },
];

/** The groups that the arguments may need: one, or all where no command is named first. */
export function groupsFor([first = ""]: readonly string[]): readonly CommandGroup[] {
  const group = COMMAND_GROUPS.find(({ names }) => names.includes(first));
  return group === undefined ? COMMAND_GROUPS : [group];
}
