/** Reads the file of a configuration, and finds what is written wrong in it and in the environment. */
import { nearestName } from "../../primitives/nearest-name.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { Setting } from "./setting.ts";

/** Characters of a configuration file: a thousand peers with their places take half of it. */
const FILE_CHARS_MAX = 1_000_000;

/** The values of a file by the keys of their settings. Refuses what is no setting, with all such problems. */
export function readFileSettings(
  file: { readonly path: string; readonly text: string } | undefined,
  settings: readonly Setting[],
): Result<ReadonlyMap<string, unknown>, readonly string[]> {
  if (file === undefined) return accept(new Map());
  const { path, text } = file;
  if (text.length > FILE_CHARS_MAX) {
    return reject([`${path}: a configuration has at most ${FILE_CHARS_MAX} characters`]);
  }
  const parsed = parseJson(text);
  if (!parsed.ok) return reject([`${path} is not JSON: ${parsed.reason.why}`]);
  if (!isRecord(parsed.value)) return reject([`${path}: a configuration is a JSON object`]);
  const reading: Reading = { path, settings, found: new Map(), problems: [] };
  readBranch(parsed.value, "", reading);
  return reading.problems.length > 0 ? reject(reading.problems) : accept(reading.found);
}

type Reading = {
  readonly path: string;
  readonly settings: readonly Setting[];
  readonly found: Map<string, unknown>;
  readonly problems: string[];
};

function readBranch(branch: Readonly<Record<string, unknown>>, above: string, reading: Reading) {
  const { found, path, problems, settings } = reading;
  for (const [name, value] of Object.entries(branch)) {
    // An editor that knows the schema asks for it.
    if (above === "" && name === "$schema") continue;
    const key = `${above}${name}`;
    const setting = settings.find((one) => one.key === key);
    const isGroup = settings.some((one) => one.key.startsWith(`${key}.`));
    if (setting?.isSecret === true) problems.push(secretInFile(path, setting));
    else if (setting !== undefined) found.set(key, value);
    else if (isGroup && isRecord(value)) readBranch(value, `${key}.`, reading);
    else if (isGroup) problems.push(`${key} in ${path}: write an object`);
    else problems.push(unknownKey(key, reading));
  }
}

function secretInFile(path: string, { key, variable }: Setting): string {
  return `${key} in ${path}: a secret is not kept in a configuration; remove it, take it for known to others, and put a new one into the environment variable ${variable} or a file of its own`;
}

function unknownKey(key: string, { path, settings }: Reading): string {
  const groups = settings.map((one) => one.key.split(".").slice(0, -1).join("."));
  const keys = settings.filter(({ isSecret }) => isSecret !== true).map((one) => one.key);
  const nearest = nearestName(key, [...keys, ...groups.filter((group) => group !== "")]);
  const advice = nearest === undefined ? "remove it" : `did you mean ${nearest}?`;
  return `${path}: there is no setting ${key}; ${advice}`;
}

/** Variables of this program that are no settings of a node. */
const OTHER_VARIABLES: readonly string[] = [
  "CHANNELS_CONFIG",
  "CHANNELS_DEPLOYER_KEY",
  "CHANNELS_SIGNATURES",
  "CHANNELS_TOKEN",
];

/** What the variables of this program begin with. */
const PREFIX = "CHANNELS_";

/** Warns of variables that are nearly the name of a setting. Others may be anybody's. */
export function nearVariables(
  environment: Readonly<Record<string, string | undefined>>,
  settings: readonly Setting[],
): readonly string[] {
  const names = [...settings.map(({ variable }) => variable), ...OTHER_VARIABLES];
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !names.includes(name))
    .flatMap((name) => {
      const nearest = nearestName(
        name.slice(PREFIX.length),
        names.map((one) => one.slice(PREFIX.length)),
      );
      if (nearest === undefined) return [];
      return [`the environment variable ${name} is no setting; ${PREFIX}${nearest} is`];
    });
}

function parseJson(text: string): Result<unknown, { readonly why: string }> {
  try {
    return accept(JSON.parse(text));
  } catch (error) {
    return reject({ why: error instanceof Error ? error.message : String(error) });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
