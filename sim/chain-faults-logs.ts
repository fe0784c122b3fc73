/** Logs that an endpoint tells twice, late, in a wrong order, or not at all. */
import type { Hex } from "../src/primitives/hex.ts";
import type { RpcConditions } from "./chain-conditions.ts";
import { drawBetween, drawFraction } from "./keyed-random.ts";

/** Logs as an endpoint answers them. */
export type LogAnswer = readonly {
  readonly blockNumber: Hex;
  readonly logIndex: Hex;
  readonly transactionHash: Hex;
}[];

/** By what the faults of an answer are drawn: whose endpoint it is, and how many answers it gave before. */
type Draws = { readonly seed: number; readonly key: string; readonly n: number };

/** The answer as the endpoint gives it, and what is wrong with it, in words. */
export type SpoiltLogs = { readonly answer: LogAnswer; readonly what: readonly string[] };

/** Takes an answer that holds logs, and spoils it as the conditions say. Asks for the head when it must know it. */
export async function spoiltLogs(
  conditions: RpcConditions,
  logs: LogAnswer,
  draws: Draws,
  head: () => Promise<number>,
): Promise<SpoiltLogs> {
  const { duplicateLogFraction, lateLogFraction, lies, reorderedLogFraction } = conditions;
  if (lies === "Logs") return { answer: [], what: ["keeps logs to itself"] };
  const what: string[] = [];
  let answer = logs.filter((log) => !isMissing(conditions, log, draws));
  if (answer.length < logs.length) what.push("misses a log");
  if (lateLogFraction > 0) {
    const newest = await head();
    const early = answer.filter((log) => !isLate(conditions, log, draws, newest));
    if (early.length < answer.length) what.push("is late with a log");
    answer = early;
  }
  const { key, n, seed } = draws;
  const [first] = answer;
  if (first !== undefined && happens(duplicateLogFraction, seed, "duplicate log", key, n)) {
    answer = [...answer, first];
    what.push("tells a log twice");
  }
  if (answer.length > 1 && happens(reorderedLogFraction, seed, "reordered logs", key, n)) {
    answer = answer.toReversed();
    what.push("tells logs in a wrong order");
  }
  return { answer, what };
}

type Log = LogAnswer[number];

/** What it misses, it misses for ever. */
function isMissing({ missingLogFraction }: RpcConditions, log: Log, { key, seed }: Draws): boolean {
  return happens(missingLogFraction, seed, "missing log", `${key} ${nameOf(log)}`, 0);
}

function isLate(
  { lateLogBlocks, lateLogFraction }: RpcConditions,
  log: Log,
  { key, seed }: Draws,
  head: number,
): boolean {
  const name = `${key} ${nameOf(log)}`;
  if (!happens(lateLogFraction, seed, "late log", name, 0)) return false;
  const blocks = drawBetween(lateLogBlocks, seed, "late log blocks", name, 0);
  return head < Number(log.blockNumber) + blocks;
}

function nameOf({ logIndex, transactionHash }: Log): string {
  return `${transactionHash} ${logIndex}`;
}

function happens(fraction: number, seed: number, component: string, key: string, n: number) {
  return fraction > 0 && drawFraction(seed, component, key, n) < fraction;
}
