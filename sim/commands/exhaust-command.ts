/** `channels exhaust`: everything of one kind that can go wrong in a protocol, one after the other, without chance. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { jsonOf } from "../../src/primitives/json.ts";
import { nearestName } from "../../src/primitives/nearest-name.ts";
import { textTable } from "../../src/primitives/text-table.ts";
import {
  type ExhaustiveChoice,
  type ExhaustiveRow,
  exhaust,
  storiesOf,
} from "../exhaustive/exhaustion.ts";
import { STORIES } from "../exhaustive/stories.ts";
import { exhaustOrders } from "./exhaust-orders.ts";
import { type ExhaustOptions, exhaustInParts, parsePart } from "./exhaust-parts.ts";
import { parseTier } from "./run-options.ts";
import { EXIT, type Shell, wrongUsage } from "./shell.ts";
import { startChain, untilChainDies } from "./started-chain.ts";

/** What can be enumerated. */
const MODES = ["crashes", "cuts", "orders"] as const;

type Mode = (typeof MODES)[number];

/** Failures that are shown with what went wrong; of the others only the number. */
const FAILURES_SHOWN = 10;

/** Most processes at once: more than any machine has cores. */
const WORKERS_MAX = 1_024;

/** Adds the command. */
export function addExhaustCommand(program: Command, shell: Shell): void {
  program
    .command("exhaust")
    .description("tell every story with everything of one kind that can go wrong in it, each alone")
    .argument(
      "<mode>",
      "crashes at each boundary of each node, cuts at each frame, or orders of what arrives",
      parseMode,
    )
    .option("--script <name>", "only this story")
    .option("--only <case>", "only this case, named as a failure names it")
    .addOption(
      new Option("--chain <tier>", "anvil, evm, or model").default("model").argParser(parseTier),
    )
    .addOption(
      new Option("--workers <number>", "processes at once").default(1).argParser(parseWorkers),
    )
    .option("--json", "print one JSON document and nothing else", false)
    .addOption(new Option("--part <index/count>").argParser(parsePart).hideHelp())
    .action((mode: Mode, options: ExhaustOptions) => show(mode, options, shell));
}

async function show(mode: Mode, options: ExhaustOptions, shell: Shell): Promise<void> {
  if (mode === "orders") {
    exhaustOrders(options, shell);
    return;
  }
  const { only, part, script } = options;
  const choice: ExhaustiveChoice = { mode, only, script, part };
  checkNames(choice);
  const isAlone = options.workers === 1 || part !== undefined;
  const rows = isAlone
    ? await exhaustHere(choice, options, shell)
    : await exhaustInParts(mode, options, shell);
  shell.progress("");
  if (only !== undefined && rows.every(({ tried }) => tried === 0)) {
    throw wrongUsage(`no case of that story is called "${only}"`);
  }
  const held = rows.every(({ failures }) => failures.length === 0);
  if (options.json) shell.out(jsonOf({ mode, held, scripts: rows }, 2));
  else shell.out(reportLines(rows, shell).join("\n"));
  shell.finish(held ? EXIT.held : EXIT.checkFailed);
}

async function exhaustHere(
  choice: ExhaustiveChoice,
  { chain: tier, part }: ExhaustOptions,
  shell: Shell,
): Promise<readonly ExhaustiveRow[]> {
  const chain = await startChain(tier, shell);
  const onProgress = (script: string, done: number, all: number): void => {
    const share = part === undefined ? "" : `, part ${part.index + 1} of ${part.count}`;
    shell.progress(`${script}: ${done} of ${all}${share}`);
  };
  return untilChainDies(chain, exhaust(chain, { ...choice, onProgress }));
}

function checkNames(choice: ExhaustiveChoice): void {
  if (storiesOf(choice).length > 0) return;
  const asked = choice.script ?? choice.only?.split("/")[0] ?? "";
  const names = STORIES.map(({ name }) => name);
  const nearest = nearestName(asked, names);
  const hint = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
  throw wrongUsage(`there is no story "${asked}"${hint}; there are:\n  ${names.join("\n  ")}`);
}

function reportLines(rows: readonly ExhaustiveRow[], { paint }: Shell): readonly string[] {
  const head = ["script", "held", "told to the end", "disputed", "seconds"];
  const lines = rows.map((row) => [
    row.script,
    `${row.held} of ${row.tried}`,
    String(row.told),
    String(row.disputed),
    (row.wallMs / 1_000).toFixed(1),
  ]);
  const table = textTable([head, ...lines], ["left", "right", "right", "right", "right"]);
  const tried = rows.reduce((total, row) => total + row.tried, 0);
  const failures = rows.flatMap((row) => row.failures);
  const verdict = failures.length === 0 ? paint.green("HELD") : paint.red("FAILED");
  const shown = failures.slice(0, FAILURES_SHOWN).flatMap(({ name, problems }) => {
    return [paint.bold(name), ...problems.map((problem) => `  ${problem}`)];
  });
  const more = failures.length - FAILURES_SHOWN;
  const rest = more > 0 ? [`and ${more} more; --json names them all`] : [];
  return [...table, "", `${verdict}  ${tried - failures.length} of ${tried}`, ...shown, ...rest];
}

function parseMode(text: string): Mode {
  const mode = MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw new InvalidArgumentError("Use crashes, cuts or orders.");
}

function parseWorkers(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= WORKERS_MAX) return count;
  throw new InvalidArgumentError(
    `A number of processes is a whole number from 1 to ${WORKERS_MAX}.`,
  );
}
