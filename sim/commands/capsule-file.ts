/** Reads the file of a capsule for a command. */
import { readFileSync } from "node:fs";
import { STRATEGIES } from "../adversaries/strategies.ts";
import { type ReadCapsule, readCapsule } from "../search/capsule.ts";
import { wrongUsage } from "./shell.ts";

/** The strategies that this program has. */
const STRATEGY_NAMES: readonly string[] = Object.keys(STRATEGIES);

/** Reads it. Throws a usage failure that says what is wrong, and what to do. */
export function readCapsuleFile(path: string): ReadCapsule {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw wrongUsage(`the capsule ${path} cannot be read: ${why}`);
  }
  const read = readCapsule(text, STRATEGY_NAMES);
  if (!read.ok) throw wrongUsage(`${path} ${read.reason.sentence}`);
  return read.value;
}
