/** The options of `channels run`, checked. */
import { InvalidArgumentError } from "commander";
import { nearestName } from "../../src/primitives/nearest-name.ts";
import type { Parameters, Scenario } from "../scenario.ts";
import { CHAIN_TIERS, type ChainTier } from "../simulated-chain.ts";
import { wrongUsage } from "./shell.ts";

/** What the user asked for. */
export type RunCommandOptions = {
  readonly seed: number;
  readonly chain: ChainTier;
  readonly set: readonly Setting[];
  readonly signatures: "real" | "fast";
  readonly twice: boolean;
  readonly json: boolean;
  readonly welcome: boolean;
  /** Nothing but the trace on standard output: what the second process of `--twice` is asked for. */
  readonly printTrace: boolean;
  readonly keep?: string;
  readonly diagram?: string;
};

/** One `--set`. */
export type Setting = { readonly name: string; readonly value: string };

/** The highest seed: 2^32 - 1, what every tool can hold and a person can still type. */
export const SEED_MAX: number = 2 ** 32 - 1;

/** Reads `--seed`. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= SEED_MAX) return seed;
  throw new InvalidArgumentError(`A seed is a whole number from 0 to ${SEED_MAX}.`);
}

/** Reads how many seeds or processes. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= SEED_MAX) return count;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${SEED_MAX}.`);
}

/** Reads one more `--set`. */
export function parseSetting(text: string, before: readonly Setting[]): readonly Setting[] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Write it as name=value.");
  }
  return [...before, { name, value }];
}

/** Reads `--chain`. */
export function parseTier(text: string): ChainTier {
  const tier = CHAIN_TIERS.find((known) => known === text);
  if (tier !== undefined) return tier;
  const others = CHAIN_TIERS.slice(0, -1).join(", ");
  throw new InvalidArgumentError(`Use ${others} or ${CHAIN_TIERS.at(-1)}.`);
}

/** The values of `--set` for a scenario. Throws a usage failure for a name that it does not have. */
export function parametersFrom(settings: readonly Setting[], scenario: Scenario): Parameters {
  const names = Object.keys(scenario.parameters);
  const unknown = settings.find(({ name }) => !names.includes(name));
  if (unknown === undefined) {
    return Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  }
  const problem = `${scenario.name} has no parameter "${unknown.name}"`;
  if (names.length === 0) throw wrongUsage(`${problem}; it has none at all`);
  const nearest = nearestName(unknown.name, names);
  const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  const list = Object.entries(scenario.parameters).map(([name, value]) => `  ${name}=${value}`);
  throw wrongUsage(`${problem}${hint}; its parameters and their values are:\n${list.join("\n")}`);
}
