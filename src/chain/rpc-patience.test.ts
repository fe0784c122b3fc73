/** Reads that fail are asked again; nothing else is. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { NodeError } from "../primitives/node-error.ts";
import { withMoreTries } from "./rpc-patience.ts";

/** An endpoint that fails so many times, and counts how often it was asked. */
function failing(times: number): EthereumRpc & { readonly asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    request: async () => {
      asked += 1;
      if (asked <= times) throw new NodeError("RpcRefused", "internal error");
      return "answer";
    },
  };
}

describe("an endpoint that fails now and then", () => {
  unit("is asked again for what it only has to read", async () => {
    const rpc = failing(2);
    expect(await withMoreTries(rpc).request("eth_getLogs", [])).toBe("answer");
    expect(rpc.asked()).toBe(3);
  });

  unit("is believed when it fails three times in a row", async () => {
    const rpc = failing(3);
    await expect(withMoreTries(rpc).request("eth_getLogs", [])).rejects.toThrow("internal error");
    expect(rpc.asked()).toBe(3);
  });

  unit("is sent a transaction once", async () => {
    const rpc = failing(1);
    await expect(withMoreTries(rpc).request("eth_sendRawTransaction", [])).rejects.toThrow();
    expect(rpc.asked()).toBe(1);
  });
});
