/** Reasons of refusals, as contracts and endpoints give them. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { encodeAbiParameters, encodeErrorResult, parseAbi } from "viem";
import { adversarial, golden, unit } from "../../test/kind.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import { reasonOfFault, reasonOfRevert } from "./revert-reason.ts";

const text = (reason: string): Hex =>
  `0x08c379a0${encodeAbiParameters([{ type: "string" }], [reason]).slice(2)}`;
const panic = (code: bigint): Hex =>
  `0x4e487b71${encodeAbiParameters([{ type: "uint256" }], [code]).slice(2)}`;
const TOKEN = parseAbi([
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
]);

describe("reasonOfRevert", () => {
  golden("reads a text, a panic and an error of a token", () => {
    const sender = `0x${"11".repeat(20)}` as const;
    const poor = encodeErrorResult({
      abi: TOKEN,
      errorName: "ERC20InsufficientBalance",
      args: [sender, 1n, 2n],
    });

    expect(
      [text("Channel finalized."), panic(0x11n), panic(0x99n), poor].map(reasonOfRevert),
    ).toEqual([
      "Channel finalized.",
      "a number became too large or too small",
      "panic 153",
      `ERC20InsufficientBalance(${sender}, 1, 2)`,
    ]);
    expect(reasonOfRevert("0x")).toBe("refused without a reason");
    expect(reasonOfRevert("0xdeadbeef")).toBe("refused with 4 bytes that begin with 0xdeadbeef");
  });

  adversarial("never throws, whatever bytes come", () => {
    const selector = fc.constantFrom("0x08c379a0", "0x4e487b71", "0xe450d38c", "0x");
    fc.assert(
      fc.property(selector, fc.uint8Array({ maxLength: 200 }), (start, bytes) => {
        expect(typeof reasonOfRevert(`${start}${toHex(bytes).slice(2)}` as Hex)).toBe("string");
      }),
    );
  });
});

describe("reasonOfFault", () => {
  const refused = (data: Record<string, unknown>) =>
    new NodeError("RpcRefused", "refused", { data });

  unit("finds the reason wherever endpoints put it", () => {
    const faults = [
      { code: 3, message: "execution reverted", data: text("why") },
      { code: -32_000, message: "reverted", data: { data: text("why") } },
      { code: -32_000, message: "execution reverted: why" },
      { code: -32_000, message: "VM Exception: reverted with reason string 'why'" },
    ];

    expect(faults.map((fault) => reasonOfFault(refused(fault)))).toEqual(Array(4).fill("why"));
  });

  unit("tells a contract's refusal from an endpoint's", () => {
    expect(reasonOfFault(refused({ code: 3, message: "execution reverted" }))).toBe(
      "refused without a reason",
    );
    expect(reasonOfFault(refused({ code: -32_601, message: "no such method" }))).toBeUndefined();
    expect(reasonOfFault(new NodeError("RpcUnreachable", "revert"))).toBeUndefined();
  });
});
