/** A nonce is filled with a payment of nothing, which the chain may have already. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { NodeError } from "../primitives/node-error.ts";
import { LOCAL } from "./chain-profile.ts";
import { PATIENT } from "./fees.ts";
import { NonceFiller } from "./nonce-filler.ts";

type Ground = Parameters<NonceFiller["fill"]>[0];

/** What a payment of nothing offered. */
type Offered = { readonly maxFeeWei: bigint; readonly tipWei: bigint };

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
  const ground = { rpc, signer, policy: LOCAL.fees } as unknown as Ground;
  return new NonceFiller().fill(ground, { nonces: [14], urgency: PATIENT, isHeldUp: false });
}

describe("NonceFiller", () => {
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

  unit(
    "offers twice as much each time that an unknown transaction stays, up to the cap",
    async () => {
      const offered: Offered[] = [];
      const signer = {
        address: "0x",
        count: () => Promise.resolve(13),
        prices: () => Promise.resolve({ baseFeeWei: 1n, tipWei: 1n }),
        signAt: (_: unknown, { fees }: { readonly fees: Offered }) => {
          offered.push(fees);
          return { raw: "0x02", hash: "0xaa" };
        },
      };
      const policy = { ...LOCAL.fees, urgentCapWei: 30n };
      const rpc = { request: () => Promise.resolve("0x") };
      const filler = new NonceFiller();
      const held = { nonces: [14], urgency: PATIENT, isHeldUp: true };
      for (let times = 0; times < 5; times++) {
        // The nonce is taken in the pool, and the chain does not get to it.
        const ground = { rpc, signer, policy } as unknown as Ground;
        const count = (at: string) => Promise.resolve(at === "latest" ? 13 : 15);
        await filler.fill({ ...ground, signer: { ...signer, count } } as unknown as Ground, held);
      }
      expect(offered.map(({ maxFeeWei }) => maxFeeWei)).toEqual([6n, 12n, 24n, 30n, 30n]);
    },
  );
});
