/** Tests of token calls against the interface of ERC-20. */
import { describe, expect } from "bun:test";
import { decodeFunctionData, erc20Abi } from "viem";
import { adversarial, golden, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import { allowanceCall, approveCall, balanceOfCall, decodeTokenAmount } from "./erc20.ts";

const TOKEN = `0x${"70".repeat(20)}` as Address;
const OWNER = `0x${"11".repeat(20)}` as Address;
const SPENDER = `0x${"22".repeat(20)}` as Address;

describe("the calls of a token", () => {
  golden("are those of ERC-20", () => {
    const calls = [
      approveCall(TOKEN, SPENDER, 5n),
      balanceOfCall(TOKEN, OWNER),
      allowanceCall(TOKEN, OWNER, SPENDER),
    ];

    expect(calls.map(({ data }): unknown => decodeFunctionData({ abi: erc20Abi, data }))).toEqual([
      { functionName: "approve", args: [SPENDER, 5n] },
      { functionName: "balanceOf", args: [OWNER] },
      { functionName: "allowance", args: [OWNER, SPENDER] },
    ]);
    expect(calls.every(({ to, valueWei }) => to === TOKEN && valueWei === 0n)).toBe(true);
  });
});

describe("decodeTokenAmount", () => {
  unit("reads one word", () => {
    expect(decodeTokenAmount(`0x${"ff".repeat(32)}`)).toBe(2n ** 256n - 1n);
  });

  adversarial("refuses what no token answers", () => {
    for (const answer of ["0x", null, undefined, `0x${"00".repeat(31)}`, 5]) {
      expect(() => decodeTokenAmount(answer)).toThrow("no ERC-20 token answers");
    }
  });
});
