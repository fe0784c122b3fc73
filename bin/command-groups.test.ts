/** What is loaded for which command. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { invariant, unit } from "../test/kind.ts";
import { COMMAND_GROUPS, groupsFor } from "./command-groups.ts";
import type { ProgramShell } from "./program.ts";

const ROOT = resolve(import.meta.dir, "..");

const scanner = new Bun.Transpiler({ loader: "ts" });

/** The files of this project that are loaded together with one, before anything is called. */
function loadedWith(entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    if (!path.endsWith(".ts")) return;
    for (const { kind, path: name } of scanner.scanImports(readFileSync(path, "utf8"))) {
      if (kind === "import-statement" && name.startsWith(".")) visit(resolve(path, "..", name));
    }
  };
  visit(resolve(ROOT, entry));
  return found;
}

describe("groups of commands", () => {
  unit("name exactly the commands that they add, each in one group", async () => {
    // No command runs: nothing of the shell is used.
    const shell = {} as ProgramShell;
    for (const { add, names } of COMMAND_GROUPS) {
      const program = new Command();
      await add(program, shell);
      expect(program.commands.map((command) => command.name())).toEqual([...names]);
    }
    const all = COMMAND_GROUPS.flatMap(({ names }) => names);
    expect(new Set(all).size).toBe(all.length);
  });

  unit("are loaded alone where the first word names a command, and all otherwise", () => {
    expect(groupsFor(["node", "start"]).map(({ names }) => names)).toEqual([["node"]]);
    expect(groupsFor(["shrink", "x"]).map(({ names }) => names.includes("run"))).toEqual([true]);
    for (const args of [[], ["--help"], ["help", "node"], ["nod"]]) {
      expect(groupsFor(args)).toEqual(COMMAND_GROUPS);
    }
  });

  invariant("a node starts without the simulator, and is asked without the node", () => {
    const parts = ["bin/program.ts", "src/node/commands/node-command.ts"].map(loadedWith);
    const loaded = [...parts.flatMap((paths) => [...paths])].map((path) =>
      path.slice(ROOT.length + 1),
    );

    expect(loaded.length).toBeGreaterThan(50);
    for (const folder of [
      "sim/commands/simulation",
      "src/node/daemon/run-daemon",
      "src/engine/engine.ts",
    ]) {
      expect(loaded.filter((path) => path.startsWith(folder))).toEqual([]);
    }
  });
});
