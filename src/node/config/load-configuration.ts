/** Puts together what a file, the environment and the flags say, and checks it. */
import { dirname, resolve } from "node:path";
import { assertDefined, unreachable } from "../../primitives/assert.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { Configuration } from "./configuration.ts";
import { checkTogether } from "./configuration-checks.ts";
import { configurationSchema, SETTINGS } from "./configuration-schema.ts";
import { nearVariables, readFileSettings } from "./configuration-sources.ts";
import { type Setting, valueOfText } from "./setting.ts";

/** Who said what a setting is. */
export type Origin =
  | { readonly type: "Default" }
  | { readonly type: "File"; readonly path: string }
  | { readonly type: "Environment"; readonly variable: string }
  | { readonly type: "Flag"; readonly flag: string };

/** Where a configuration comes from. What stands later here counts more. */
export type ConfigurationSources = {
  readonly file?: { readonly path: string; readonly text: string } | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Texts by the key of their setting. */
  readonly flags: Readonly<Record<string, string>>;
  /** From where relative paths count that no file holds. */
  readonly directory: string;
};

/** One setting as it is in effect: as a file would write it, and who said so. */
export type SettingInEffect = {
  readonly setting: Setting;
  /** Undefined where it is not set. */
  readonly value: unknown;
  readonly origin: Origin;
};

/** A configuration that can be used. */
export type LoadedConfiguration = {
  readonly configuration: Configuration;
  readonly settings: readonly SettingInEffect[];
  /** What looks like a mistake, and may be none. */
  readonly warnings: readonly string[];
};

/** All that is wrong with a configuration, in full sentences without values of secrets. */
export type WrongConfiguration = {
  readonly code: "WrongConfiguration";
  readonly problems: readonly string[];
};

/** Flags count more than the environment, that more than the file, and that more than what is taken otherwise. */
export function loadConfiguration(
  sources: ConfigurationSources,
): Result<LoadedConfiguration, WrongConfiguration> {
  const file = readFileSettings(sources.file, SETTINGS);
  if (!file.ok) return wrong(file.reason);
  const settings = SETTINGS.map((setting) => inEffect(setting, sources, file.value));
  const parsed = configurationSchema.safeParse(treeOf(settings));
  if (!parsed.success) {
    return wrong(parsed.error.issues.map((issue) => explain(issue, settings)));
  }
  const problems = checkTogether(parsed.data, (key) => placeOf(find(settings, key)));
  if (problems.length > 0) return wrong(problems);
  const warnings = nearVariables(sources.environment, SETTINGS);
  return accept({ configuration: parsed.data, settings, warnings });
}

function wrong(problems: readonly string[]): Result<never, WrongConfiguration> {
  return reject({ code: "WrongConfiguration", problems: [...new Set(problems)] });
}

function inEffect(
  setting: Setting,
  { directory, environment, file, flags }: ConfigurationSources,
  inFile: ReadonlyMap<string, unknown>,
): SettingInEffect {
  const flagged = flags[setting.key];
  if (flagged !== undefined && setting.flag !== undefined) {
    const origin = { type: "Flag", flag: setting.flag } as const;
    return {
      setting,
      value: placed(setting, valueOfText(flagged, setting.form), directory),
      origin,
    };
  }
  const text = environment[setting.variable];
  if (text !== undefined && text !== "") {
    const origin = { type: "Environment", variable: setting.variable } as const;
    return { setting, value: placed(setting, valueOfText(text, setting.form), directory), origin };
  }
  if (file !== undefined && inFile.has(setting.key)) {
    const origin = { type: "File", path: file.path } as const;
    const folder = resolve(directory, dirname(file.path));
    return { setting, value: placed(setting, inFile.get(setting.key), folder), origin };
  }
  const value = placed(setting, setting.byDefault, directory);
  return { setting, value, origin: { type: "Default" } };
}

/** A path means the same file whoever reads it, and from wherever. */
function placed({ form }: Setting, value: unknown, folder: string): unknown {
  return form === "path" && typeof value === "string" && value !== ""
    ? resolve(folder, value)
    : value;
}

function treeOf(settings: readonly SettingInEffect[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { setting, value } of settings) {
    const path = setting.key.split(".");
    const name = path.pop() ?? "";
    let branch = tree;
    for (const part of path) {
      branch[part] ??= {};
      branch = branch[part] as Record<string, unknown>;
    }
    if (value !== undefined) branch[name] = value;
  }
  return tree;
}

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** Which setting, what is wrong with it, who said it. */
function explain({ message, path }: Issue, settings: readonly SettingInEffect[]): string {
  const parts = path.map(String);
  const found = settings.find((one) => `${parts.join(".")}.`.startsWith(`${one.setting.key}.`));
  if (found === undefined) return `${parts.join(".")}: ${message}`;
  const { setting, value } = found;
  if (value === undefined) return `${setting.key} is not set: ${waysOf(setting)}`;
  const inside = parts.slice(setting.key.split(".").length).map(ordinal).join(", ");
  const where = inside === "" ? "" : `, ${inside}`;
  return `${setting.key}${where}, ${placeOf(found)}: ${message}${shown(found)}`;
}

/** People count the items of a list from 1. */
function ordinal(part: string): string {
  return /^\d+$/.test(part) ? `item ${Number(part) + 1}` : part;
}

/** Longest text of a wrong value that is shown again, in characters. */
const SHOWN_CHARS_MAX = 60;

function shown({ setting, value }: SettingInEffect): string {
  if (setting.isSecret === true || setting.isUrl === true) return "";
  const text = JSON.stringify(value);
  const short = text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}...` : text;
  return ` (it is ${short})`;
}

function waysOf({ flag, key, variable }: Setting): string {
  const byFlag = flag === undefined ? "" : `give ${flag}, `;
  return `${byFlag}set the environment variable ${variable}, or write ${key} into the file of --config`;
}

/** Where a value comes from, in words: "from the environment variable CHANNELS_FEE". */
function placeOf({ origin }: SettingInEffect): string {
  switch (origin.type) {
    case "Default":
      return "as it is by default";
    case "File":
      return `in ${origin.path}`;
    case "Environment":
      return `from the environment variable ${origin.variable}`;
    case "Flag":
      return `from the flag ${origin.flag}`;
    default:
      return unreachable(origin);
  }
}

function find(settings: readonly SettingInEffect[], key: string): SettingInEffect {
  return assertDefined(
    settings.find(({ setting }) => setting.key === key),
    `the setting ${key}`,
  );
}
