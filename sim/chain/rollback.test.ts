/** Tests of taking back blocks of a local chain, on every road to one. */
import { afterAll, describe, expect } from "bun:test";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { integration } from "../../test/kind.ts";
import { CHAIN_ROADS } from "./chain-tiers.ts";
import {
  BASE_FEE_WEI,
  GENESIS_TIMESTAMP_SEC,
  type LocalChain,
  ROLLBACK_BLOCKS_MAX,
} from "./local-chain.ts";
import { testAccount } from "./test-account.ts";
import { signCall } from "./test-wallet.ts";

const PAYER = testAccount(1);

const OTHER_MINER = testAccount(3).address;

type Block = {
  readonly number: Hex;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly baseFeePerGas: Hex;
  readonly transactions: readonly Hash[];
};

/** The payment with this nonce. */
function payment(nonce: number): { readonly raw: Hex; readonly hash: Hash } {
  return signCall(PAYER, nonce, { to: testAccount(2).address, data: "0x", valueWei: 1n });
}

const timeOf = (number: number): number => GENESIS_TIMESTAMP_SEC + 12 * number;

/** Makes the blocks with these numbers, each with the payment of that nonce. */
async function makeBlocks(chain: LocalChain, from: number, to: number): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  for (let number = from; number <= to; number++) {
    await chain.mine(timeOf(number), { transactions: [payment(number - 1).raw] });
    blocks.push(await newest(chain));
  }
  return blocks;
}

async function newest({ rpc }: LocalChain): Promise<Block> {
  return (await rpc.request("eth_getBlockByNumber", ["latest", false])) as Block;
}

for (const { name, start } of CHAIN_ROADS) {
  describe(`a chain that takes back blocks: ${name}`, async () => {
    const accounts = [{ address: PAYER.address, balanceWei: 10n ** 18n }];
    const chain = await start({ accounts });
    afterAll(() => chain.stop());

    integration("makes the same blocks again, with the same hashes, from any depth", async () => {
      await chain.reset();
      const made = await makeBlocks(chain, 1, 70);

      for (const depth of [1, 2, 31, 32, 33, ROLLBACK_BLOCKS_MAX]) {
        await chain.rollback(depth);
        const forked = await newest(chain);
        const again = await makeBlocks(chain, 71 - depth, 70);
        expect(forked).toEqual(made[69 - depth] as Block);
        expect(again).toEqual(made.slice(-depth));
      }
    });

    integration("forgets what was in the blocks, and what was pending", async () => {
      await chain.reset();
      await makeBlocks(chain, 1, 3);
      await chain.rpc.request("eth_sendRawTransaction", [payment(3).raw]);
      await chain.rollback(2);

      const { rpc } = chain;
      expect(await rpc.request("eth_getTransactionReceipt", [payment(2).hash])).toBeNull();
      expect(await rpc.request("eth_getTransactionByHash", [payment(2).hash])).toBeNull();
      expect(await rpc.request("eth_getTransactionCount", [PAYER.address, "pending"])).toBe("0x1");
      await chain.mine(timeOf(2));
      expect((await newest(chain)).transactions).toEqual([]);
    });

    integration("goes on with other blocks, and goes back from those as well", async () => {
      await chain.reset();
      const [, , third] = await makeBlocks(chain, 1, 3);
      await chain.rollback(2);
      const other = { coinbase: OTHER_MINER };
      await chain.mine(timeOf(2), { ...other, transactions: [payment(1).raw] });
      const second = await newest(chain);
      await chain.mine(timeOf(3), { ...other, baseFeeWei: 2n * BASE_FEE_WEI });
      await chain.mine(timeOf(4));
      await chain.rollback(2);
      expect(await newest(chain)).toEqual(second);

      await chain.mine(timeOf(3), { transactions: [payment(2).raw] });
      const last = await newest(chain);
      expect(last.transactions).toEqual([payment(2).hash]);
      expect(last.parentHash).toBe(second.hash);
      expect(last.hash).not.toBe(third?.hash as Hex);
    });

    integration("is as fresh after a reset as if no block had been taken back", async () => {
      await chain.reset();
      const made = await makeBlocks(chain, 1, 3);
      await chain.rollback(1);
      await chain.mine(timeOf(3), { coinbase: OTHER_MINER, baseFeeWei: 7n * BASE_FEE_WEI });
      await chain.reset();

      expect(await makeBlocks(chain, 1, 3)).toEqual([...made]);
    });

    integration(
      "makes a block at the base fee that it is told, without what pays less",
      async () => {
        await chain.reset();
        await chain.mine(timeOf(1), {
          transactions: [payment(0).raw],
          baseFeeWei: 100n * BASE_FEE_WEI,
        });

        const { baseFeePerGas, transactions } = await newest(chain);
        expect(BigInt(baseFeePerGas)).toBe(100n * BASE_FEE_WEI);
        expect(transactions).toEqual([]);
        await chain.dropPending();
        await chain.mine(timeOf(2), { transactions: [payment(0).raw] });
        expect((await newest(chain)).transactions).toEqual([payment(0).hash]);
      },
    );

    integration("takes nothing back from below its checkpoint", async () => {
      await chain.reset();
      await makeBlocks(chain, 1, 2);

      await expect(chain.rollback(3)).rejects.toThrow("below the checkpoint");
      await expect(chain.rollback(0)).rejects.toThrow("1 to 64 blocks");
      await expect(chain.rollback(65)).rejects.toThrow("1 to 64 blocks");
    });

    integration("gives tips to the zero address where no other miner is named", async () => {
      await chain.reset();
      await makeBlocks(chain, 1, 1);
      const params = [ZERO_ADDRESS, "latest"];

      expect(BigInt((await chain.rpc.request("eth_getBalance", params)) as Hex)).toBe(
        21_000n * BASE_FEE_WEI,
      );
    });
  });
}
