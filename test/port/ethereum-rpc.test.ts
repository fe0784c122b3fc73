/** What every way to a chain must do alike: one suite for the in-process EVM, Anvil by two roads, and the model. */
import { afterAll, beforeAll, beforeEach, describe, expect } from "bun:test";
import { mintCall } from "../../contracts/test-token.ts";
import { CHAIN_ROADS } from "../../sim/chain/chain-tiers.ts";
import {
  BASE_FEE_WEI,
  BLOCK_GAS_LIMIT,
  GENESIS_TIMESTAMP_SEC,
  type LocalChain,
} from "../../sim/chain/local-chain.ts";
import { testAccount } from "../../sim/chain/test-account.ts";
import { receiptOf, sendCall, signCall } from "../../sim/chain/test-wallet.ts";
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import { type Deployment, deployAll } from "../../src/chain/deployment.ts";
import { balanceOfCall } from "../../src/chain/erc20.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { NodeError } from "../../src/primitives/node-error.ts";
import { integration } from "../kind.ts";

const ALICE = testAccount(1);
const BOB = testAccount(2);
const NOBODY = testAccount(3);
const COIN_WEI = 10n ** 18n;

const ACCOUNTS = [
  { address: ALICE.address, balanceWei: 100n * COIN_WEI },
  { address: BOB.address, balanceWei: 100n * COIN_WEI },
];

/** Well after the blocks of the deployment. */
const LATER_SEC = GENESIS_TIMESTAMP_SEC + 1_000;

/** Code that makes no contract but reverts with `Error("boom")`: 100 bytes that follow these 12. */
const REVERTING_CODE = `0x6064600c60003960646000fd08c379a0${"20".padStart(64, "0")}${"4".padStart(64, "0")}${"626f6f6d".padEnd(64, "0")}`;

const transfer = (to: Address, valueWei: bigint): ContractCall => ({ to, data: "0x", valueWei });

type Block = {
  readonly number: Hex;
  readonly hash: Hex;
  readonly timestamp: Hex;
  readonly miner: Hex;
  readonly baseFeePerGas: Hex;
  readonly gasLimit: Hex;
  readonly transactions: readonly Hex[];
};

for (const road of CHAIN_ROADS) {
  describe(`a chain by ${road.name}`, () => {
    let chain: LocalChain;
    let deployment: Deployment;

    const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
      chain.rpc.request(method, params);
    const latest = async (): Promise<Block> =>
      (await ask("eth_getBlockByNumber", "latest", false)) as Block;
    const fault = (method: string, ...params: unknown[]): Promise<NodeError> =>
      ask(method, ...params).then(
        (result) => Promise.reject(new Error(`${method} answered ${String(result)}`)),
        (error: NodeError) => error,
      );
    const balance = async (address: Address): Promise<bigint> =>
      BigInt((await ask("eth_getBalance", address, "latest")) as Hex);

    beforeAll(async () => {
      chain = await road.start({ accounts: ACCOUNTS });
      let timestampSec = GENESIS_TIMESTAMP_SEC;
      const settle = (): Promise<void> => chain.mine(++timestampSec);
      deployment = await deployAll(chain.rpc, BOB, { settle, token: true });
      await chain.checkpoint();
    });
    beforeEach(() => chain.reset());
    afterAll(() => chain.stop());

    integration("has the chain id of local chains", async () => {
      expect(await ask("eth_chainId")).toBe("0x7a69");
    });

    integration("stands still until a block is asked for", async () => {
      const before = await latest();
      await sendCall(chain.rpc, ALICE, transfer(BOB.address, 1n));

      expect(await latest()).toEqual(before);
    });

    integration("makes blocks at the times given, with fixed fee and limit", async () => {
      for (const timestampSec of [LATER_SEC, LATER_SEC, LATER_SEC + 5_000_000]) {
        const { number } = await latest();
        await chain.mine(timestampSec);

        expect(await latest()).toMatchObject({
          number: `0x${(Number(number) + 1).toString(16)}`,
          timestamp: `0x${timestampSec.toString(16)}`,
          baseFeePerGas: `0x${BASE_FEE_WEI.toString(16)}`,
          gasLimit: `0x${BLOCK_GAS_LIMIT.toString(16)}`,
          miner: `0x${"00".repeat(20)}`,
        });
      }
    });

    integration("has the rules of Cancun, and none later", async () => {
      await chain.mine(LATER_SEC);

      expect(await latest()).toHaveProperty("parentBeaconBlockRoot");
      expect(await latest()).not.toHaveProperty("requestsHash");
    });

    integration("refuses a block before the last one", async () => {
      const mined = chain.mine(GENESIS_TIMESTAMP_SEC);

      await expect(mined).rejects.toMatchObject({ code: "RpcRefused" });
    });

    integration("shows contracts the time of the latest block", async () => {
      await chain.mine(LATER_SEC);

      // TIMESTAMP PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
      const answer = await ask("eth_call", { data: "0x425f5260205ff3" }, "latest");
      expect(BigInt(answer as Hex)).toBe(BigInt(LATER_SEC));
    });

    integration("moves coins by a raw transaction and tells its receipt", async () => {
      const before = await balance(BOB.address);
      const hash = await sendCall(chain.rpc, ALICE, transfer(BOB.address, 5n));
      expect(await ask("eth_getTransactionReceipt", hash)).toBeNull();
      await chain.mine(LATER_SEC);

      expect(await balance(BOB.address)).toBe(before + 5n);
      expect(await receiptOf(chain.rpc, hash)).toMatchObject({
        status: "0x1",
        gasUsed: "0x5208",
        effectiveGasPrice: `0x${(2n * BASE_FEE_WEI).toString(16)}`,
        transactionHash: hash,
        from: ALICE.address,
        to: BOB.address,
      });
    });

    integration("gives the logs of an address in the order of the block", async () => {
      const token = deployment.token as Address;
      await sendCall(chain.rpc, ALICE, mintCall(token, ALICE.address, 7n));
      await sendCall(chain.rpc, BOB, mintCall(token, BOB.address, 8n));
      await chain.mine(LATER_SEC);

      const { number: fromBlock } = await latest();
      const logs = (await ask("eth_getLogs", {
        address: token,
        fromBlock,
        toBlock: fromBlock,
      })) as {
        readonly data: Hex;
        readonly logIndex: Hex;
        readonly removed: boolean;
      }[];
      expect(logs.map(({ data }) => BigInt(data))).toEqual([7n, 8n]);
      expect(logs.map(({ logIndex }) => logIndex)).toEqual(["0x0", "0x1"]);
      expect(logs.map(({ removed }) => removed)).toEqual([false, false]);
    });

    integration("takes transactions in the order sent, whatever they pay", async () => {
      const first = signCall(ALICE, 0, transfer(NOBODY.address, 1n));
      const nonce = Number(await ask("eth_getTransactionCount", BOB.address, "latest"));
      const second = signCall(BOB, nonce, transfer(NOBODY.address, 1n), {
        maxFeePerGasWei: 100n * BASE_FEE_WEI,
        maxPriorityFeePerGasWei: 99n * BASE_FEE_WEI,
      });
      for (const { raw } of [first, second]) await ask("eth_sendRawTransaction", raw);
      await chain.mine(LATER_SEC);

      expect((await latest()).transactions).toEqual([first.hash, second.hash]);
    });

    integration("leaves what does not fit for the next block", async () => {
      const whole = { gasLimit: BLOCK_GAS_LIMIT };
      const first = signCall(ALICE, 0, transfer(NOBODY.address, 1n), whole);
      const second = signCall(ALICE, 1, transfer(NOBODY.address, 1n), whole);
      for (const { raw } of [first, second]) await ask("eth_sendRawTransaction", raw);

      await chain.mine(LATER_SEC);
      expect((await latest()).transactions).toEqual([first.hash]);
      await chain.mine(LATER_SEC + 1);
      expect((await latest()).transactions).toEqual([second.hash]);
    });

    integration("keeps a transaction until those before it have come", async () => {
      const later = signCall(ALICE, 1, transfer(NOBODY.address, 1n));
      const sooner = signCall(ALICE, 0, transfer(NOBODY.address, 1n));
      await ask("eth_sendRawTransaction", later.raw);
      await chain.mine(LATER_SEC);
      expect((await latest()).transactions).toEqual([]);

      await ask("eth_sendRawTransaction", sooner.raw);
      await chain.mine(LATER_SEC + 1);
      expect((await latest()).transactions).toEqual([sooner.hash, later.hash]);
    });

    integration(
      "refuses a reverting call with code 3, the reason and the bytes returned",
      async () => {
        const { code, data } = await fault("eth_call", { data: REVERTING_CODE }, "latest");

        expect(code).toBe("RpcRefused");
        expect(data).toEqual({
          method: "eth_call",
          code: 3,
          message: "execution reverted: boom",
          data: `0x${REVERTING_CODE.slice(2 + 24)}`,
        });
      },
    );

    integration("refuses a call that reverts without a reason in the same form", async () => {
      const { data } = await fault("eth_estimateGas", { data: "0x5f5ffd" }, "latest");

      const expected = { code: 3, message: "execution reverted", data: "0x" };
      expect(data).toEqual({ method: "eth_estimateGas", ...expected });
    });

    integration("says in the same words why it refuses a transaction", async () => {
      const sent = signCall(ALICE, 0, transfer(BOB.address, 1n));
      await ask("eth_sendRawTransaction", sent.raw);
      expect((await fault("eth_sendRawTransaction", sent.raw)).data).toMatchObject({
        code: -32_003,
        message: "transaction already imported",
      });
      await chain.mine(LATER_SEC);

      const poor = signCall(NOBODY, 0, transfer(BOB.address, 1n));
      const old = signCall(ALICE, 0, transfer(BOB.address, 2n));
      const weak = signCall(ALICE, 1, transfer(BOB.address, 1n), { gasLimit: 20_999n });
      const foreign = signCall(ALICE, 1, transfer(BOB.address, 1n), { chainId: 1n });
      for (const [{ raw }, message] of [
        [poor, "Insufficient funds for gas * price + value"],
        [old, "nonce too low"],
        [weak, "intrinsic gas too low"],
        [foreign, "invalid chain id for signer"],
      ] as const) {
        expect((await fault("eth_sendRawTransaction", raw)).data["message"]).toBe(message);
      }
    });

    integration("repeats itself to the hash after a reset", async () => {
      const run = async (): Promise<readonly Block[]> => {
        const blocks: Block[] = [];
        for (let step = 0; step < 3; step++) {
          await sendCall(chain.rpc, ALICE, transfer(BOB.address, BigInt(step)));
          await chain.mine(LATER_SEC + 12 * step);
          blocks.push(await latest());
        }
        return blocks;
      };

      const first = await run();
      await chain.reset();
      expect(await run()).toEqual(first);
      await chain.reset();
      expect(await run()).toEqual(first);
    });

    integration("forgets pending transactions and the time at a reset", async () => {
      const before = await latest();
      const { hash } = signCall(ALICE, 0, transfer(BOB.address, 1n));
      await chain.mine(LATER_SEC);
      expect(await sendCall(chain.rpc, ALICE, transfer(BOB.address, 1n))).toBe(hash);

      await chain.reset();

      expect(await latest()).toEqual(before);
      await chain.mine(GENESIS_TIMESTAMP_SEC + 100);
      expect((await latest()).transactions).toEqual([]);
      expect(await ask("eth_getTransactionByHash", hash)).toBeNull();
    });

    integration("goes back to the newest checkpoint", async () => {
      await sendCall(chain.rpc, ALICE, mintCall(deployment.token as Address, ALICE.address, 3n));
      await chain.mine(LATER_SEC);
      await chain.checkpoint();
      await sendCall(chain.rpc, ALICE, mintCall(deployment.token as Address, ALICE.address, 4n));
      await chain.mine(LATER_SEC + 1);
      await chain.reset();

      const { data, to } = balanceOfCall(deployment.token as Address, ALICE.address);
      expect(BigInt((await ask("eth_call", { data, to }, "latest")) as Hex)).toBe(3n);
    });
  });
}

describe("two fresh chains", () => {
  integration(
    "of one tier give the same hashes, and of two tiers the same transactions",
    async () => {
      const blocks: Block[] = [];
      for (const road of [...CHAIN_ROADS, ...CHAIN_ROADS]) {
        const chain = await road.start({ accounts: ACCOUNTS });
        await sendCall(chain.rpc, ALICE, transfer(BOB.address, 5n));
        await chain.mine(LATER_SEC);
        blocks.push((await chain.rpc.request("eth_getBlockByNumber", ["latest", false])) as Block);
        await chain.stop();
      }

      const hashes = blocks.map(({ hash }) => hash);
      expect(hashes.slice(CHAIN_ROADS.length)).toEqual(hashes.slice(0, CHAIN_ROADS.length));
      expect(new Set(hashes.slice(1, 3)).size).toBe(1);
      expect(new Set(blocks.map(({ transactions }) => transactions.join())).size).toBe(1);
    },
  );
});

describe("stop", () => {
  integration("makes every later call fail with ChainDied, and may be called twice", async () => {
    // Over HTTP nobody knows that it was we who stopped it.
    for (const { start } of CHAIN_ROADS.filter(({ name }) => !name.endsWith("HTTP"))) {
      const chain = await start({ accounts: [] });
      await chain.stop();
      await chain.stop();

      const call = chain.rpc.request("eth_chainId", []);
      await expect(call).rejects.toMatchObject({ code: "ChainDied" });
    }
  });
});
