/** A signature has one form, whatever a library behind it would take. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import type { Hex } from "../primitives/hex.ts";
import { formatSignature, parseSignature } from "./canonical-signature.ts";

const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const ORDER_LESS_ONE = `${ORDER.slice(0, -1)}0`;
const HALF_ORDER = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
const HALF_ORDER_AND_ONE = `${HALF_ORDER.slice(0, -1)}1`;
const ZERO = "00".repeat(32);
const ONE = `${"00".repeat(31)}01`;

const parse = (r: string, s: string, v: string): ReturnType<typeof parseSignature> =>
  parseSignature(`0x${r}${s}${v}`);

describe("parseSignature", () => {
  unit("takes r and s apart at both ends of their ranges", () => {
    expect(parse(ONE, ONE, "1b")).toEqual({ rs: Uint8Array.fromHex(ONE + ONE), recovery: 0 });
    expect(parse(ORDER_LESS_ONE, HALF_ORDER, "1c")).toEqual({
      rs: Uint8Array.fromHex(ORDER_LESS_ONE + HALF_ORDER),
      recovery: 1,
    });
  });

  unit("takes back what was put together", () => {
    const rs = Uint8Array.fromHex(ONE + HALF_ORDER);

    for (const recovery of [0, 1] as const) {
      expect(parseSignature(formatSignature(rs, recovery))).toEqual({ rs, recovery });
    }
  });

  adversarial("refuses r and s out of range", () => {
    for (const wrong of [ZERO, ORDER, "ff".repeat(32)]) {
      expect(parse(wrong, ONE, "1b")).toBeUndefined();
      expect(parse(ONE, wrong, "1b")).toBeUndefined();
    }
    expect(parse(ONE, HALF_ORDER_AND_ONE, "1b")).toBeUndefined();
  });

  adversarial("refuses every v but 27 and 28, and every other length", () => {
    for (const v of ["", "00", "01", "1a", "1d", "ff", "1b00", "1b1b", "1B", "b"]) {
      expect(parse(ONE, ONE, v)).toBeUndefined();
    }
    expect(parseSignature("0x" as Hex)).toBeUndefined();
  });
});
