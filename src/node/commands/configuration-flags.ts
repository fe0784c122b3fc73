/** The flags by which a node is configured, and what they say together with the other sources. */
import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { onDisk } from "../../adapters/disk-error.ts";
import { SETTINGS } from "../config/configuration-schema.ts";
import { type LoadedConfiguration, loadConfiguration } from "../config/load-configuration.ts";
import type { Setting } from "../config/setting.ts";
import { wrongUsage } from "./command-shell.ts";

/** The texts that commander has read, by its own names. */
export type FlagTexts = Readonly<Record<string, unknown>>;

/** Where a configuration file is named, besides the flag. */
const FILE_VARIABLE = "CHANNELS_CONFIG";

/** Adds `--config` and a flag for each setting that has one. */
export function addConfigurationFlags(command: Command): void {
  command.option(
    "--config <file>",
    `a JSON file with settings (or environment variable ${FILE_VARIABLE})`,
  );
  for (const setting of SETTINGS) {
    if (setting.flag !== undefined) command.addOption(optionOf(setting, setting.flag));
  }
}

/**
 * Reads all sources. Throws a failure of wrong usage that names everything that is wrong, or `NodeError` for a file
 * that is not there.
 */
export function readConfiguration(
  texts: FlagTexts,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedConfiguration {
  const path = textOf(texts["config"]) ?? environment[FILE_VARIABLE];
  const isNamed = path !== undefined && path !== "";
  const file = isNamed
    ? { path, text: onDisk("read", path, () => readFileSync(path, "utf8")) }
    : undefined;
  const flags = Object.fromEntries(
    SETTINGS.flatMap((setting) => {
      if (setting.flag === undefined) return [];
      const text = textOf(texts[optionOf(setting, setting.flag).attributeName()]);
      return text === undefined ? [] : [[setting.key, text]];
    }),
  );
  const loaded = loadConfiguration({ file, environment, flags, directory: process.cwd() });
  if (loaded.ok) return loaded.value;
  const { problems } = loaded.reason;
  throw wrongUsage(
    problems.length === 1
      ? `${problems[0]}`
      : `the node cannot be started so:\n  ${problems.join("\n  ")}`,
  );
}

function optionOf({ doc, form }: Setting, flag: string): Option {
  const [sentence = ""] = doc.replaceAll("`", "").split(/(?<=[.:])\s/);
  // An abbreviation keeps its capitals.
  const [first = "", second = ""] = sentence;
  const start = second === second.toUpperCase() ? first : first.toLowerCase();
  const words = `${start}${sentence.slice(1).replace(/[.:]$/, "")}`;
  const option = new Option(`${flag} ${SHAPES[form]}`, words);
  if (form === "switch") return option.preset("yes");
  // A flag that is given again adds to a list.
  const isList = form === "list" || form === "peers";
  return isList
    ? option.argParser((text: string, before?: string) => (before ? `${before},${text}` : text))
    : option;
}

/** How the value of each form is shown in the help. */
const SHAPES: Readonly<Record<Setting["form"], string>> = {
  text: "<text>",
  amount: "<units>",
  number: "<number>",
  switch: "[yes or no]",
  path: "<path>",
  list: "<list>",
  peers: "<peers>",
};

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
