/** What a token answered one step, read and put into words. */
import { decodeAbiParameters } from "viem";
import { type Hex, hexSizeBytes, isHex } from "../primitives/hex.ts";
import type { StepOutcome } from "./token-check-probe.ts";

/** How a token answers a call that ERC-20 wants answered by true. */
export type TokenAnswer = "true" | "false" | "nothing" | "something else" | "a revert";

/** Reads an answer. */
export function answerOf({ data, succeeded }: StepOutcome): TokenAnswer {
  if (!succeeded) return "a revert";
  if (data === "0x") return "nothing";
  if (!isHex(data, 32)) return "something else";
  const word = BigInt(data);
  if (word > 1n) return "something else";
  return word === 1n ? "true" : "false";
}

/** Reads an amount; undefined when the step failed or gave none. */
export function amountOf({ data, succeeded }: StepOutcome): bigint | undefined {
  return succeeded && isHex(data, 32) ? BigInt(data) : undefined;
}

const SELECTOR_BYTES = 4;
const ERROR_SELECTOR = "0x08c379a0";
const PANIC_SELECTOR = "0x4e487b71";

/** Why a step was reverted, in the contract's own words where it has any; in one line. */
export function reasonOf({ data }: StepOutcome): string {
  const selector = data.slice(0, 2 + 2 * SELECTOR_BYTES);
  const rest: Hex = `0x${data.slice(2 + 2 * SELECTOR_BYTES)}`;
  if (selector === ERROR_SELECTOR) return reasonText(rest);
  if (selector === PANIC_SELECTOR && isHex(rest, 32)) return `panic ${BigInt(rest)}`;
  return hexSizeBytes(data) < SELECTOR_BYTES ? "without a reason" : `error ${selector}`;
}

function reasonText(encoded: Hex): string {
  try {
    const [text] = decodeAbiParameters([{ type: "string" }], encoded);
    // The contract's text may hold anything; a terminal is shown none of it but letters.
    return `"${text.replace(/[^\x20-\x7e]/g, "?").slice(0, 100)}"`;
  } catch {
    // It begins like a reason and is none; that is for the contract to answer.
    return "with an unreadable reason";
  }
}
