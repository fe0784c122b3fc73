/** Finds and loads the file of a scenario: one of ours by name, or anybody's by path. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearestName } from "../../src/primitives/nearest-name.ts";
import { ACTOR_NAMES } from "../actors.ts";
import type { Scenario } from "../scenario.ts";
import { wrongUsage } from "./shell.ts";

/** Where the scenarios of this installation are. */
const SCENARIOS_DIRECTORY: string = join(import.meta.dir, "..", "..", "scenarios");

/** How the file of a scenario ends. */
export const SCENARIO_ENDING = ".scenario.ts";

/** The names of our scenarios, sorted. */
export function scenarioNames(): readonly string[] {
  return readdirSync(SCENARIOS_DIRECTORY)
    .filter((file) => file.endsWith(SCENARIO_ENDING))
    .map((file) => basename(file, SCENARIO_ENDING))
    .sort();
}

/**
 * The path of a scenario. A word is one of ours, or a file of that name in the present folder; anything
 * with a slash or an ending is a path. Throws a usage failure that lists the names.
 */
export function findScenario(nameOrPath: string): string {
  if (/[\\/]|\.[cm]?[jt]s$/.test(nameOrPath)) {
    const path = resolve(nameOrPath);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
    throw wrongUsage(`there is no scenario file at ${path}; correct the path`);
  }
  if (scenarioNames().includes(nameOrPath)) {
    return join(SCENARIOS_DIRECTORY, `${nameOrPath}${SCENARIO_ENDING}`);
  }
  const besides = resolve(`${nameOrPath}${SCENARIO_ENDING}`);
  if (existsSync(besides)) return besides;
  throw unknownName(nameOrPath);
}

function unknownName(name: string): Error {
  const names = scenarioNames();
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  const list = names.map((known) => `  ${known}`).join("\n");
  return wrongUsage(`there is no scenario "${name}"${hint}; the scenarios are:\n${list}`);
}

/** Loads a scenario. Throws a usage failure that says what is wrong with the file, and where. */
export async function loadScenario(path: string): Promise<Scenario> {
  provideOwnModules();
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (cause) {
    const why = describe(cause);
    throw wrongUsage(`the scenario file ${path} cannot be loaded: ${why}`);
  }
  const problem = problemOf(loaded["scenario"]);
  if (problem !== undefined) throw wrongUsage(`the scenario file ${path} ${problem}`);
  return loaded["scenario"] as Scenario;
}

let isProvided = false;

/**
 * Lets any file, wherever it is, import `channels/scenario`, `channels/sequence` and `channels/plan`, and get
 * the modules that this program itself uses.
 */
function provideOwnModules(): void {
  if (isProvided) return;
  isProvided = true;
  Bun.plugin({
    name: "channels",
    setup: (build) => {
      build.module("channels/scenario", async () => {
        return { loader: "object", exports: { ...(await import("../scenario.ts")) } };
      });
      build.module("channels/sequence", async () => {
        return { loader: "object", exports: { ...(await import("../sequence.ts")) } };
      });
      build.module("channels/plan", async () => {
        return { loader: "object", exports: { ...(await import("../search/plan-scenario.ts")) } };
      });
    },
  });
}

/** What Bun tells of a file that it cannot read: the class is not exported, the parts are documented. */
type BuildProblem = {
  readonly message: string;
  readonly position?: { readonly file: string; readonly line: number; readonly column: number };
};

function describe(cause: unknown): string {
  if (cause instanceof AggregateError) return describe(cause.errors[0]);
  if (!(cause instanceof Error)) return String(cause);
  const { message, position } = cause as BuildProblem;
  if (position !== undefined && position !== null) {
    return `${message} (line ${position.line}, column ${position.column} of ${position.file})`;
  }
  const place = /\(?((?:\/|[A-Z]:\\)[^\n()]*:\d+:\d+)\)?/.exec(cause.stack ?? "")?.[1];
  return place === undefined ? message : `${message} (${place})`;
}

function problemOf(value: unknown): string | undefined {
  const advice = `write "export const scenario = defineScenario({ ... })"`;
  if (value === undefined) return `exports no "scenario": ${advice}`;
  const { cast, name, parameters, script } = value as Partial<Scenario>;
  const isComplete =
    typeof name === "string" && typeof script === "function" && Array.isArray(cast);
  if (!isComplete || typeof parameters !== "object") {
    return `exports a "scenario" that defineScenario did not make: ${advice}`;
  }
  const stranger = cast.find((actor) => !ACTOR_NAMES.includes(actor));
  if (stranger === undefined && cast.length > 0) return undefined;
  return `has "${stranger ?? "nobody"}" in its cast; take some of ${ACTOR_NAMES.join(", ")}`;
}
