/** How a contract refuses: everything that the call did is undone, and these bytes go back to who called. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { encodeText, wordOf } from "./words.ts";

/** The end of a call that a contract refused. */
export class Revert extends Error {
  override readonly name = "Revert";
  /** What the contract returns: empty, `Error(string)` or `Panic(uint256)`. */
  readonly data: Hex;

  constructor(data: Hex) {
    super("execution reverted");
    this.data = data;
  }
}

/** Selector of `Error(string)`, what `require` with a reason returns. Source: Solidity, "Panic via assert and Error via require". */
const ERROR_SELECTOR = "08c379a0";

/** Selector of `Panic(uint256)`, what the compiler's own checks return. */
const PANIC_SELECTOR = "4e487b71";

/** The compiler's own checks that these contracts can fail, with their numbers. Source: Solidity, "Panic". */
export const PANIC = {
  /** A sum, difference or conversion out of range. */
  arithmetic: 0x11n,
  /** An index beyond the end of an array. */
  index: 0x32n,
  /** An array that no memory could hold. */
  memory: 0x41n,
} as const;

/** A refusal without a word, as of calldata that cannot be read. */
export function emptyRevert(): Revert {
  return new Revert("0x");
}

/** A refusal with a reason. */
export function revertWith(reason: string): Revert {
  return new Revert(`0x${ERROR_SELECTOR}${wordOf(32n)}${encodeText(reason)}`);
}

/** A failed check of the compiler. */
export function panic(code: bigint): Revert {
  return new Revert(`0x${PANIC_SELECTOR}${wordOf(code)}`);
}

/** Refuses with the reason unless the condition holds: Solidity's `require`. */
export function require(condition: boolean, reason: string): asserts condition {
  if (!condition) throw revertWith(reason);
}

/** The reason in the bytes of a refusal; undefined when they hold none. */
export function reasonOf(data: Hex): string | undefined {
  if (!data.startsWith(`0x${ERROR_SELECTOR}`) || data.length < 2 + 8 + 128) return undefined;
  const size = Number(BigInt(`0x${data.slice(74, 138)}`));
  return Buffer.from(data.slice(138, 138 + 2 * size), "hex").toString("utf8");
}
