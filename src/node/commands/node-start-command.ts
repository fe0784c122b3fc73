/** `channels node start`: runs a node until somebody ends it. */
import type { Command } from "commander";
import { configurationJson, configurationText } from "../config/show-configuration.ts";
import type { CommandShell } from "./command-shell.ts";
import { addConfigurationFlags, type FlagTexts, readConfiguration } from "./configuration-flags.ts";

/** Adds `start`. */
export function addNodeStartCommand(node: Command, shell: CommandShell): void {
  const start = node
    .command("start")
    .description("run a node until it is ended")
    .option("--print-config", "print the configuration in effect and who set what, and end", false)
    .option("--json", "print one JSON document and nothing else", false);
  addConfigurationFlags(start);
  start.action((texts: FlagTexts) => run(texts, shell));
}

async function run(texts: FlagTexts, shell: CommandShell): Promise<void> {
  const loaded = readConfiguration(texts, process.env);
  const isJson = texts["json"] === true;
  if (texts["printConfig"] === true) {
    for (const warning of loaded.warnings) shell.err(`warning: ${warning}`);
    const show = isJson ? configurationJson : configurationText;
    shell.out(show(loaded.settings));
    return;
  }
  // Most of the program, and only this command needs it.
  const { runDaemon } = await import("../daemon/run-daemon.ts");
  await runDaemon(loaded, isJson, shell);
}
