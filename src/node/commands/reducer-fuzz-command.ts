/** `channels reducer fuzz`: tells a reducer messages made by chance, and looks for what it should never do. */
import { type Command, InvalidArgumentError } from "commander";
import { type FuzzReport, fuzzReducer } from "../../derivation/kit/fuzz-reducer.ts";
import { toHex } from "../../primitives/hex.ts";
import { type CommandShell, EXIT } from "./command-shell.ts";
import { jsonOf, readAdmitted, readScript } from "./reducer-files.ts";

type FuzzOptions = {
  readonly messages?: string;
  readonly runs: number;
  readonly seed: number;
  readonly json: boolean;
};

/** Tries unless the user says otherwise: some seconds. */
const RUNS = 200;

/** Adds `fuzz` below `reducer`. */
export function addReducerFuzzCommand(
  reducer: Command,
  { finish, out }: Pick<CommandShell, "finish" | "out">,
): void {
  reducer
    .command("fuzz")
    .argument("<module>", "the compiled reducer")
    .description(
      "look for traps, endless work, answers that differ and refusals that leave a trace",
    )
    .option("--messages <file>", "messages to begin with; without them all payloads are chance")
    .option("--runs <count>", "lists of messages to try", parseCount, RUNS)
    .option("--seed <number>", "where chance begins; the same seed finds the same", parseCount, 1)
    .option("--json", "print one JSON document and nothing else", false)
    .action((path: string, { json, messages, runs, seed }: FuzzOptions) => {
      const report = fuzzReducer(readAdmitted(path), readScript(messages), { runs, seed });
      out(json ? jsonOf(report) : readableText(report));
      if (report.finding !== undefined) finish(EXIT.checkFailed);
    });
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^[0-9]{1,9}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError("A whole number from 1 to 999999999.");
}

function readableText({ accepted, finding, gasMax, refused, runs }: FuzzReport): string {
  const codes = Object.entries(refused).map(([code, count]) => `${code} ${count}`);
  const lines = [
    `${runs} lists of messages: ${accepted} accepted, refused: ${codes.join(", ") || "none"}`,
    `dearest message: ${gasMax} gas`,
  ];
  if (finding === undefined) return [...lines, "nothing found"].join("\n");
  const messages = finding.messages.map(
    ({ payload, sender, turn, type }) => `  ${turn}: ${type} from ${sender}, ${toHex(payload)}`,
  );
  return [...lines, `FOUND ${finding.code}: ${finding.text}`, "by", ...messages].join("\n");
}
