/** `channels reducer new`: writes a reducer that works, with the kit beside it, to start from. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { type CommandShell, wrongUsage } from "./command-shell.ts";
import { writeBytes } from "./reducer-files.ts";

/** Where the kit and the reducer to start from lie. */
const REDUCERS: string = join(import.meta.dir, "../../../reducers");

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Longest name: with the ending it stays a file name that every system takes. */
const NAME_CHARS_MAX = 64;

/** Messages of the counter, to try it with. */
const MESSAGES = `{
  "participants": 2,
  "stakes": [["100", "100"]],
  "messages": [
    { "sender": 0, "type": "add", "payload": "0x05" },
    { "sender": 1, "type": "add", "payload": "0xcd03e8" }
  ]
}
`;

/** Adds `new` below `reducer`. */
export function addReducerNewCommand(
  reducer: Command,
  { name: program, out }: Pick<CommandShell, "name" | "out">,
): void {
  reducer
    .command("new")
    .argument("<name>", "small letters, digits and hyphens: my-game")
    .description("write a reducer that works, with messages to try it, to start from")
    .action((name: string) => {
      if (!NAME.test(name) || name.length > NAME_CHARS_MAX || name === "kit") {
        throw wrongUsage(
          `"${name}" is no name for a reducer; take small letters, digits and hyphens, as in my-game`,
        );
      }
      writeReducer(name);
      out(
        [
          `wrote ${name}/${name}.ts, ${name}/messages.json and kit/; build it, then try it:`,
          `  ${program} reducer build ${name}/${name}.ts`,
          `  ${program} reducer run ${name}/${name}.wasm ${name}/messages.json`,
        ].join("\n"),
      );
    });
}

/** The kit is copied: a game goes on compiling to the same bytes, whatever becomes of ours. */
function writeReducer(name: string): void {
  const source = join(REDUCERS, "counter", "counter.ts");
  if (existsSync(resolve(name))) throw wrongUsage(`${name} exists already; take another name`);
  mkdirSync(resolve(name));
  writeBytes(resolve(name, `${name}.ts`), readFileSync(source), true);
  writeBytes(resolve(name, "messages.json"), MESSAGES, true);
  if (existsSync(resolve("kit"))) return;
  mkdirSync(resolve("kit"));
  for (const file of readdirSync(join(REDUCERS, "kit"))) {
    writeBytes(resolve("kit", file), readFileSync(join(REDUCERS, "kit", file)), true);
  }
}
