/** `channels reducer run`: tells messages to a reducer and shows what it answers. */
import type { Command } from "commander";
import { openReducer, type Reducer } from "../../derivation/sandbox/reducer.ts";
import type { ReducerMessage } from "../../derivation/sandbox/reducer-input.ts";
import type { RowChange, TableSchema } from "../../derivation/sandbox/table-schema.ts";
import { type CommandShell, EXIT, failure } from "./command-shell.ts";
import { jsonOf, readAdmitted, readScript } from "./reducer-files.ts";

/** What a message led to. */
type Told = {
  readonly message: ReducerMessage;
  readonly answer: ReturnType<Reducer["reduce"]>;
  readonly outcome: ReturnType<Reducer["outcome"]>;
  readonly gas: number;
};

/** Adds `run` below `reducer`. */
export function addReducerRunCommand(reducer: Command, { out }: Pick<CommandShell, "out">): void {
  reducer
    .command("run")
    .argument("<module>", "the compiled reducer")
    .argument("<messages>", "a JSON file with the messages; `channels reducer new` writes one")
    .description("tell messages to a reducer, and show row changes, refusals and outcomes")
    .option("--json", "print one JSON document and nothing else", false)
    .action((path: string, messages: string, { json }: { readonly json: boolean }) => {
      const module = readAdmitted(path);
      const script = readScript(messages);
      const opened = openReducer(module, script.init);
      if (!opened.ok) {
        throw failure(EXIT.checkFailed, `${path} does not begin: ${jsonOf(opened.reason)}`);
      }
      const running = opened.value;
      const start = { changes: running.firstChanges, outcome: running.outcome() };
      const told = script.messages.map((message) => tell(running, message));
      out(json ? jsonOf({ id: module.id, start, told }) : readableText(running, told));
    });
}

function tell(reducer: Reducer, message: ReducerMessage): Told {
  const answer = reducer.reduce(message);
  return { message, answer, outcome: reducer.outcome(), gas: reducer.gasOfLast() };
}

function readableText(reducer: Reducer, told: readonly Told[]): string {
  const start = reducer.firstChanges.map((change) => changeLine(reducer.schema, change));
  return ["beginning", ...start, ...told.flatMap((each) => toldLines(reducer, each))].join("\n");
}

function toldLines(
  { schema }: Reducer,
  { answer, gas, message, outcome }: Told,
): readonly string[] {
  const head = `message ${message.turn}: ${message.type} from ${message.sender}, ${gas} gas`;
  if (!answer.ok) return [head, `  refused: ${jsonOf(answer.reason).replace(/\s+/g, " ")}`];
  const amounts = outcome.amounts.map((shares) => shares.join(" : ")).join(", ");
  const next = outcome.nextMover === undefined ? "over" : `${outcome.nextMover} is next`;
  const changes = answer.value.map((change) => changeLine(schema, change));
  return [head, ...changes, `  outcome ${amounts}; ${next}`];
}

function changeLine(schema: TableSchema, { table, type, values }: RowChange): string {
  return `  ${type} ${schema[table]?.name} (${values.map(String).join(", ")})`;
}
