/** `channels step`: a walk through a trace, one entry at a time, with its causes and its effects. */
import type { Command } from "commander";
import type { TraceEntry } from "../trace.ts";
import { entryLine } from "./entry-text.ts";
import { type Shell, wrongUsage } from "./shell.ts";
import { type CauseSearch, causesOf, searchIn } from "./step-causes.ts";
import { changesBy } from "./step-changes.ts";
import { readTraceFile, type TraceFile } from "./trace-file.ts";

const HELP = [
  "next (or an empty line), back       the step after or before",
  "goto N                              step N, counted from 0",
  "why                                 the earlier steps that led to this one",
  "diff                                what this step changed in its node",
  "show                                this step with all its bytes",
  "help, quit",
];

/** Adds the command. */
export function addStepCommand(program: Command, shell: Shell): void {
  program
    .command("step")
    .description("walk through a trace in the terminal: next, back, goto, why, diff")
    .argument("<trace>", "a trace.json, written by `channels run --keep`")
    .action((path: string) => walk(readTraceFile(path), shell));
}

async function walk(file: TraceFile, shell: Shell): Promise<void> {
  const { entries } = file;
  if (entries.length === 0)
    throw wrongUsage("nothing happened in this run: its trace has no steps");
  const search = searchIn(entries);
  const { scenario, seed, traceHash } = file;
  shell.out(`${scenario}, seed ${seed}, trace ${traceHash}: ${entries.length} steps`);
  shell.out(`type help for the commands\n${numbered(entries, 0)}`);
  let index = 0;
  for await (const line of shell.lines("step> ")) {
    const [word = "", argument = ""] = line.trim().split(/\s+/);
    const command = commandOf(word);
    if (command === "quit") return;
    const target = targetOf(command, index, argument, entries.length);
    if (target === undefined) {
      shell.out(answer(command, { file, search, index }).join("\n"));
    } else if (typeof target === "string") {
      shell.out(target);
    } else {
      index = target;
      shell.out(numbered(entries, index));
    }
  }
}

const COMMANDS = ["next", "back", "goto", "why", "diff", "show", "help", "quit"] as const;
type StepCommand = (typeof COMMANDS)[number];

/** A command or its beginning; an empty line goes on. */
function commandOf(word: string): StepCommand | undefined {
  if (word === "") return "next";
  return COMMANDS.find((command) => command.startsWith(word.toLowerCase()));
}

/** The step to go to, or why there is none; undefined for commands that stay. */
function targetOf(
  command: StepCommand | undefined,
  index: number,
  argument: string,
  length: number,
): number | string | undefined {
  const last = length - 1;
  switch (command) {
    case "next":
      return index < last ? index + 1 : "this is the last step";
    case "back":
      return index > 0 ? index - 1 : "this is the first step";
    case "goto": {
      const target = /^\d+$/.test(argument) ? Number(argument) : Number.NaN;
      return target <= last ? target : `goto needs a number from 0 to ${last}`;
    }
    default:
      return undefined;
  }
}

type Place = {
  readonly file: TraceFile;
  readonly search: CauseSearch;
  readonly index: number;
};

function answer(command: StepCommand | undefined, place: Place): readonly string[] {
  const { file, index, search } = place;
  const entry = file.entries[index];
  if (command === "help" || entry === undefined) return HELP;
  if (command === "show") return [JSON.stringify(entry, undefined, 2)];
  if (command === "why") {
    const causes = causesOf(search, index).map((cause) => numbered(file.entries, cause));
    return causes.length > 0 ? causes : ["nothing before it: the script, or time, began it"];
  }
  if (command === "diff") return differenceBy(file, entry);
  return ["that is no command; these are:", ...HELP];
}

function differenceBy(file: TraceFile, entry: TraceEntry): readonly string[] {
  if (entry.type !== "Event") return ["only events change a node; this step is none"];
  const changes = changesBy(file, entry.node, entry.offset);
  return changes.length > 0 ? changes : ["this event changed nothing in its node"];
}

function numbered(entries: readonly TraceEntry[], index: number): string {
  const entry = entries[index];
  const number = `${index}`.padStart(`${entries.length}`.length);
  return entry === undefined ? number : `[${number}] ${entryLine(entry)}`;
}
