/** The processes of `channels exhaust --workers`: each tells its part of all cases. */

import { InvalidArgumentError } from "commander";
import type { ExhaustiveMode, ExhaustiveRow } from "../exhaustive/exhaustion.ts";
import { joinRows } from "../exhaustive/exhaustion.ts";
import type { ChainTier } from "../simulated-chain.ts";
import { runOwnProcess } from "./own-process.ts";
import { EXIT, failure, type Shell } from "./shell.ts";

/** Every `count`-th case, from number `index` on, which counts from 0. */
export type Part = { readonly index: number; readonly count: number };

/** What the user asked for. */
export type ExhaustOptions = {
  readonly script?: string;
  readonly only?: string;
  readonly chain: ChainTier;
  readonly workers: number;
  readonly json: boolean;
  /** Which part of the cases this process tells: what the processes of `--workers` are asked for. */
  readonly part?: Part;
};

/** Reads `--part`. */
export function parsePart(text: string): Part {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index !== undefined && Number(index) < Number(count)) {
    return { index: Number(index), count: Number(count) };
  }
  throw new InvalidArgumentError("Write it as index/count.");
}

/** Tells all cases in so many processes. They end with this one. Throws a failure when one of them brings nothing. */
export async function exhaustInParts(
  mode: ExhaustiveMode,
  options: ExhaustOptions,
  shell: Shell,
): Promise<readonly ExhaustiveRow[]> {
  const parts = Array.from({ length: options.workers }, (_, index) => {
    return runPart(mode, options, { index, count: options.workers }, shell);
  });
  shell.progress(`telling every story in ${options.workers} processes ...`);
  return joinRows(await Promise.all(parts));
}

async function runPart(
  mode: ExhaustiveMode,
  { chain, only, script }: ExhaustOptions,
  { count, index }: Part,
  shell: Shell,
): Promise<readonly ExhaustiveRow[]> {
  const chosen = [
    ...(script === undefined ? [] : ["--script", script]),
    ...(only === undefined ? [] : ["--only", only]),
  ];
  const settings = ["--chain", chain, "--part", `${index}/${count}`, "--json", ...chosen];
  const inputs = ["exhaust", mode, ...settings];
  const { complaint, exitCode, output: document } = await runOwnProcess(inputs, shell);
  if (exitCode === EXIT.held || exitCode === EXIT.checkFailed) {
    if (document !== "") return (JSON.parse(document) as { scripts: ExhaustiveRow[] }).scripts;
  }
  throw failure(
    exitCode === EXIT.held ? EXIT.outsideFailed : exitCode,
    `a process that told a part failed: ${complaint}`,
  );
}
