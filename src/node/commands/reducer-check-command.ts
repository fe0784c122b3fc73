/** `channels reducer check`: says whether a module may run, and what it declares. */
import type { Command } from "commander";
import { openReducer, type Reducer } from "../../derivation/sandbox/reducer.ts";
import type { Table } from "../../derivation/sandbox/table-schema.ts";
import { type CommandShell, EXIT, failure } from "./command-shell.ts";
import { jsonOf, readAdmitted, readScript } from "./reducer-files.ts";

type CheckOptions = { readonly messages?: string; readonly json: boolean };

/** Adds `check` below `reducer`. */
export function addReducerCheckCommand(reducer: Command, { out }: Pick<CommandShell, "out">): void {
  reducer
    .command("check")
    .argument("<module>", "the compiled reducer")
    .description("say whether a module may run, begin it, and show its tables")
    .option("--messages <file>", "begin it as this file says; its messages are not told")
    .option("--json", "print one JSON document and nothing else", false)
    .action((path: string, { json, messages }: CheckOptions) => {
      const module = readAdmitted(path);
      const opened = openReducer(module, readScript(messages).init);
      if (!opened.ok) {
        throw failure(EXIT.checkFailed, `${path} does not begin: ${jsonOf(opened.reason)}`);
      }
      const { schema } = opened.value;
      const sizes = { bytes: module.bytes.length, meteredBytes: module.metered.length };
      const found = { id: module.id, ...sizes, memory: module.memory, schema };
      out(json ? jsonOf(found) : readableText(opened.value, sizes));
    });
}

function readableText(
  { id, schema }: Pick<Reducer, "id" | "schema">,
  { bytes, meteredBytes }: { readonly bytes: number; readonly meteredBytes: number },
): string {
  return [
    `reducer ${id}`,
    `${bytes} bytes, ${meteredBytes} with metering: admitted, and begun`,
    ...schema.map(tableLine),
  ].join("\n");
}

function tableLine({ columns, name }: Table): string {
  const words = columns.map((column) => {
    const key = column.isKey ? " key" : "";
    return `${column.name} ${column.type}${key}`;
  });
  return `  ${name} (${words.join(", ")})`;
}
