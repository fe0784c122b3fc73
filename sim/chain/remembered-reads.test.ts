/** What is remembered of a chain, and for how long. */
import { expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { rememberReads } from "./remembered-reads.ts";

/** A chain whose newest block is counted by what is mined, and that says what it was asked. */
function counting() {
  const asked: string[] = [];
  let blocks = 0;
  const rpc = rememberReads({
    request: async (method) => {
      asked.push(method);
      if (method === "evm_mine") blocks += 1;
      return { blocks };
    },
  });
  return { asked, rpc };
}

unit("a read is answered from memory until something may have changed", async () => {
  const { asked, rpc } = counting();
  const first = await rpc.request("eth_getBlockByNumber", ["latest", false]);
  const second = await rpc.request("eth_getBlockByNumber", ["latest", false]);
  expect(second).toEqual(first);
  expect(second).not.toBe(first);
  expect(asked).toEqual(["eth_getBlockByNumber"]);

  await rpc.request("evm_mine", []);
  expect(await rpc.request("eth_getBlockByNumber", ["latest", false])).toEqual({ blocks: 1 });
});

unit("what is pending, and what is read while something changes, is not remembered", async () => {
  const { asked, rpc } = counting();
  await rpc.request("eth_getTransactionCount", ["0x", "pending"]);
  await rpc.request("eth_getTransactionCount", ["0x", "pending"]);
  expect(asked).toHaveLength(2);

  await Promise.all([rpc.request("eth_blockNumber", []), rpc.request("evm_mine", [])]);
  expect(await rpc.request("eth_blockNumber", [])).toEqual({ blocks: 1 });
});
