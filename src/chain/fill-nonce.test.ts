/** A nonce is filled with a payment of nothing, which the chain may have already. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { NodeError } from "../primitives/node-error.ts";
import { LOCAL } from "./chain-profile.ts";
import { PATIENT } from "./fees.ts";
import { fillNonce } from "./fill-nonce.ts";

/** Fills nonce 13 below an open 14, through an endpoint that refuses the payment with these words. */
function filling(refusal: string | undefined, isKnown: boolean): Promise<boolean> {
  const rpc: EthereumRpc = {
    request: (method) => {
      if (method === "eth_getTransactionByHash") return Promise.resolve(isKnown ? {} : null);
      if (refusal === undefined) return Promise.resolve("0x");
      return Promise.reject(new NodeError("RpcRefused", refusal));
    },
  };
  const prices = { baseFeeWei: 1n, tipWei: 1n };
  const signer = {
    address: "0x",
    count: () => Promise.resolve(13),
    prices: () => Promise.resolve(prices),
    signAt: () => ({ raw: "0x02", hash: "0xaa" }),
  };
  const ground = { rpc, signer, policy: LOCAL.fees } as unknown as Parameters<typeof fillNonce>[0];
  return fillNonce(ground, { nonces: [14], urgency: PATIENT, isHeldUp: false });
}

describe("fillNonce", () => {
  unit(
    "goes on where the chain has the payment already, or another one of that nonce",
    async () => {
      expect(await filling(undefined, false)).toBe(true);
      expect(await filling("transaction already imported", true)).toBe(true);
      expect(await filling("replacement transaction underpriced", false)).toBe(true);
      expect(await filling("nonce too low", false)).toBe(true);
    },
  );

  unit("passes on why the chain takes none", async () => {
    await expect(filling("insufficient funds", false)).rejects.toMatchObject({
      code: "RpcRefused",
    });
  });
});
