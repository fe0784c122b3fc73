/** Tests of the translation of faults. The port suite compares it with Anvil itself. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { evmFaultAsAnvil } from "./evm-faults.ts";

const answerOf = (message: string, data: unknown = null): unknown => ({
  error: { code: -32_000, message, data },
});

describe("evmFaultAsAnvil", () => {
  unit("says a revert as Anvil does, in a call and in a mined transaction", () => {
    const data = { reason: { Revert: "0x08c379a0" }, data: "0x08c379a0", transactionHash: null };
    const text =
      "VM Exception while processing transaction: reverted with reason string 'it's\nso'";

    expect(evmFaultAsAnvil(answerOf(text, data))).toEqual({
      code: 3,
      message: "execution reverted: it's\nso",
      data: "0x08c379a0",
    });
    expect(evmFaultAsAnvil(answerOf("reverted with an unrecognized custom error", data))).toEqual({
      code: 3,
      message: "execution reverted",
      data: "0x08c379a0",
    });
  });

  unit("says why a replacement or a large transaction is refused", () => {
    expect(evmFaultAsAnvil(answerOf("Replacement transaction underpriced. A fee"))).toEqual({
      code: -32_003,
      message: "replacement transaction underpriced",
    });
    const tooLarge = "Transaction gas limit is 40000000 and exceeds block gas limit of 30000000";
    expect(evmFaultAsAnvil(answerOf(tooLarge))?.message).toStartWith("intrinsic gas too high");
  });

  unit("leaves other faults as they are, and results alone", () => {
    expect(evmFaultAsAnvil(answerOf("Method foo is not supported"))).toEqual({
      code: -32_000,
      message: "Method foo is not supported",
    });
    expect(evmFaultAsAnvil({ result: null })).toBeUndefined();
  });

  adversarial("passes over errors that it cannot read", () => {
    for (const answer of [undefined, null, 7, { error: null }, { error: { code: "x" } }]) {
      expect(evmFaultAsAnvil(answer)).toBeUndefined();
    }
  });
});
