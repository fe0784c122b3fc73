/** Amounts as people write them. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { describeAmount, parseAmount } from "./amount-text.ts";

describe("parseAmount", () => {
  unit("reads wei, and amounts with a unit", () => {
    const read = ["5", "5 wei", "1.5gwei", "0.01 ETH", "2.50eth", "0"].map(parseAmount);

    expect(read).toEqual([5n, 5n, 1_500_000_000n, 10n ** 16n, 25n * 10n ** 17n, 0n]);
  });

  unit("takes nothing else", () => {
    const wrong = [
      "",
      "-5",
      "1.5",
      "5.",
      ".5",
      "0x5",
      "5 btc",
      "1e5",
      "5 constructor",
      `1${"0".repeat(78)}`,
    ];

    expect(wrong.map(parseAmount)).toEqual(wrong.map(() => undefined));
    expect(parseAmount("0.0000000000000000001eth")).toBeUndefined();
    expect(parseAmount(`${2n ** 256n}`)).toBeUndefined();
  });

  property("reads what describeAmount says of the coin", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (amount) => {
        expect(parseAmount(describeAmount(amount, ZERO_ADDRESS))).toBe(amount);
      }),
    );
  });
});
