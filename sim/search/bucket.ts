/** Which failures are likely one bug: those of one oracle, in one phase, whose messages differ only in names and numbers. */
import { sha256 } from "../../src/crypto/sha256.ts";
import { toHex } from "../../src/primitives/hex.ts";
import { ACTOR_NAMES } from "../actors.ts";
import type { Violation } from "../violation.ts";

/** Parts of a message that count: what comes later in a list or a stack follows from what comes first. */
const PARTS_MAX = 8;

/** Hex digits of a bucket's name, without 0x: among 10,000 buckets two are alike in one case of 80. */
const NAME_CHARS = 8;

const NAMES = new RegExp(`\\b(?:${ACTOR_NAMES.join("|")})\\b`, "gi");

/** The name of a violation's bucket, eight hex digits. */
export function bucketOf({ message, oracle, phase = "" }: Violation): string {
  const text = [oracle, phase, ...normalParts(message)].join("\n");
  return toHex(sha256(new TextEncoder().encode(text))).slice(2, 2 + NAME_CHARS);
}

/** The parts of a message without what differs from run to run, each once, in the order of the alphabet. */
export function normalParts(message: string): readonly string[] {
  const parts = message
    .split(/[;\n]+/)
    .filter((part) => !/^\s*at .*(?:node:|node_modules|native)/.test(part))
    .map(normalText)
    .filter((part) => part !== "");
  return [...new Set(parts.slice(0, 2 * PARTS_MAX))].slice(0, PARTS_MAX).sort();
}

function normalText(part: string): string {
  return part
    .replace(/(?:file:\/\/)?(?:\/[\w.@+-]+)+\/([\w.-]+\.ts)/g, "$1")
    .replace(/\b0x[0-9a-fA-F]*/g, "#")
    .replace(NAMES, "@")
    .replace(/-?\d+(?:[.,]\d+)*n?/g, "#")
    .replace(/@(?:(?:,? and |, )@)+/g, "@")
    .replace(/\s+/g, " ")
    .trim();
}
