/** `channels reducer build`: compiles a reducer in AssemblyScript, and checks what comes out. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { compileReducer } from "../../derivation/kit/compile-reducer.ts";
import { type CommandShell, EXIT, failure, wrongUsage } from "./command-shell.ts";
import { readAdmitted, readBytes, writeBytes } from "./reducer-files.ts";

/** Adds `build` below `reducer`. */
export function addReducerBuildCommand(reducer: Command, { out }: Pick<CommandShell, "out">): void {
  reducer
    .command("build")
    .argument(
      "<file>",
      "the reducer in AssemblyScript, in a folder beside the kit: my-game/my-game.ts",
    )
    .description("compile a reducer, write it beside its source and check that it is admitted")
    .action(async (file: string) => {
      if (!file.endsWith(".ts")) throw wrongUsage(`${file} is no AssemblyScript: it ends in .ts`);
      readBytes(file);
      const path = resolve(file);
      const target = path.replace(/\.ts$/, ".wasm");
      writeBytes(target, await compile(path));
      const { bytes, id } = readAdmitted(target);
      out(`${basename(target)}: ${bytes.length} bytes, reducer ${id}`);
    });
}

/** Paths of the program begin at the folder that holds the reducer's own and the kit. */
async function compile(path: string): Promise<Uint8Array> {
  const root = dirname(dirname(path));
  const entry = `${basename(dirname(path))}/${basename(path)}`;
  const compiled = await compileReducer(entry, (name) => {
    const source = join(root, name);
    return existsSync(source) ? readFileSync(source, "utf8") : undefined;
  });
  if (compiled.ok) return compiled.value;
  throw failure(EXIT.checkFailed, `it does not compile:\n${compiled.reason.text}`);
}
