/** Oracle: nothing that others do makes the program of an honest node fail. */
import { NodeError } from "../../src/primitives/node-error.ts";
import { isInjected } from "../chain-faults-rpc.ts";

/** Frames of a stack that are told: who called the one that failed matters, how the loop got there does not. */
const FRAMES_MAX = 4;

/** False for a fault of the world outside, such as a chain that died: then the run says nothing. */
export function isFaultOfNode(error: unknown): boolean {
  return !(error instanceof NodeError) || isInjected(error);
}

/**
 * What failed and where, without what differs from run to run: no numbers, no addresses, no path of a machine.
 * Two crashes of one fault have the same text.
 */
export function crashText(error: unknown): string {
  if (!(error instanceof Error)) return masked(String(error));
  const frames = (error.stack ?? "").split("\n").flatMap(frameOf).slice(0, FRAMES_MAX);
  const message = masked(`${error.name}: ${error.message.split("\n")[0] ?? ""}`);
  return [message, ...frames].join(" < ");
}

const HEX = /0x[0-9a-fA-F]+/g;
const NUMBER = /\b\d+n?\b/g;

function masked(text: string): string {
  return text.replace(HEX, "0x…").replace(NUMBER, "…");
}

/** Function and file of a line such as `at step (/somewhere/src/engine/engine.ts:12:3)`. */
const FRAME =
  /^\s*at (?:async )?(.*?)\s*\(?[^()\s]*?\/((?:src|sim|contracts)\/[\w./-]+\.ts):\d+:\d+\)?$/;

function frameOf(line: string): string[] {
  const [, name = "", file] = FRAME.exec(line) ?? [];
  return file === undefined ? [] : [name === "" ? file : `${name} in ${file}`];
}
