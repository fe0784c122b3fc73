/** What the model's chain answers besides what every tier is asked in the port tests. */
import { beforeEach, describe, expect } from "bun:test";
import { type ContractCall, depositCall } from "../../src/chain/adjudicator.ts";
import { deployAll } from "../../src/chain/deployment.ts";
import { mayHold } from "../../src/chain/logs-bloom.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { NodeError } from "../../src/primitives/node-error.ts";
import { unit } from "../../test/kind.ts";
import { BASE_FEE_WEI, GENESIS_TIMESTAMP_SEC, type LocalChain } from "./local-chain.ts";
import { startModel } from "./model.ts";
import { testAccount } from "./test-account.ts";
import { sendCall, signCall } from "./test-wallet.ts";

const ALICE = testAccount(0xa11ce);
const BOB = testAccount(0xb0b);
const pay = (amountWei: bigint): ContractCall => ({
  to: BOB.address,
  data: "0x",
  valueWei: amountWei,
});

describe("the model's chain", () => {
  let chain: LocalChain;
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    chain.rpc.request(method, params);
  const refused = (method: string, ...params: unknown[]): Promise<NodeError> =>
    ask(method, ...params).then(
      () => Promise.reject(new Error("it was answered")),
      (error: NodeError) => error,
    );
  const later = (blocks: number): number => GENESIS_TIMESTAMP_SEC + 12 * blocks;

  beforeEach(async () => {
    chain = await startModel({ accounts: [{ address: ALICE.address, balanceWei: 10n ** 18n }] });
  });

  unit("remembers what everybody owned after each block", async () => {
    for (const block of [1, 2]) {
      await sendCall(chain.rpc, ALICE, pay(5n));
      await chain.mine(later(block));
    }

    const owned: unknown[] = [];
    for (const tag of ["0x0", "0x1", "0x2", "latest"]) {
      owned.push(await ask("eth_getBalance", BOB.address, tag));
    }
    expect(owned).toEqual(["0x0", "0x5", "0xa", "0xa"]);
  });

  unit("finds a block by its hash, and none that was taken back", async () => {
    await chain.mine(later(1));
    const made = (await ask("eth_getBlockByNumber", "latest", false)) as { readonly hash: Hex };
    expect(await ask("eth_getBlockByHash", made.hash, false)).toEqual(made);

    await chain.rollback(1);

    expect(await ask("eth_getBlockByHash", made.hash, false)).toBeNull();
    expect((await refused("eth_getLogs", { blockHash: made.hash })).code).toBe("RpcRefused");
    expect((await refused("eth_getBalance", BOB.address, "0x1")).code).toBe("RpcRefused");
  });

  unit("takes another transaction of the same nonce only for a tenth more", async () => {
    const fees = (
      tenths: bigint,
    ): { maxFeePerGasWei: bigint; maxPriorityFeePerGasWei: bigint } => ({
      maxFeePerGasWei: (2n * BASE_FEE_WEI * tenths) / 10n,
      maxPriorityFeePerGasWei: (BASE_FEE_WEI * tenths) / 10n,
    });
    await sendCall(chain.rpc, ALICE, pay(1n));
    const little = signCall(ALICE, 0, pay(2n), {
      ...fees(10n),
      maxFeePerGasWei: 3n * BASE_FEE_WEI,
    });
    const enough = signCall(ALICE, 0, pay(3n), fees(11n));

    const { data } = await refused("eth_sendRawTransaction", little.raw);
    expect(data["message"]).toBe("replacement transaction underpriced");
    expect(await ask("eth_sendRawTransaction", enough.raw)).toBe(enough.hash);
    await chain.mine(later(1));
    expect(await ask("eth_getBalance", BOB.address, "latest")).toBe("0x3");
  });

  unit("leaves what pays less than the base fee for a cheaper block", async () => {
    await sendCall(chain.rpc, ALICE, pay(1n));
    await chain.mine(later(1), { baseFeeWei: 10n * BASE_FEE_WEI });
    expect(await ask("eth_getBalance", BOB.address, "latest")).toBe("0x0");

    await chain.mine(later(2));
    expect(await ask("eth_getBalance", BOB.address, "latest")).toBe("0x1");
  });

  unit(
    "says that it does not know code, instructions and methods that it was not told of",
    async () => {
      const unknownCode = { data: "0x6001600255", to: undefined };
      const { message } = await refused("eth_call", unknownCode, "latest");
      expect(message).toContain("the model does not know the instruction 0x55");

      const made = signCall(ALICE, 0, {
        to: undefined as unknown as Address,
        data: "0x600a",
        valueWei: 0n,
      });
      await ask("eth_sendRawTransaction", made.raw);
      await expect(chain.mine(later(1))).rejects.toThrow("the model does not know this code");
      expect((await refused("debug_traceCall")).message).toContain("does not know debug_traceCall");
    },
  );

  unit("fails a call that needs more gas than it was given, and takes all of it", async () => {
    let block = 0;
    const settle = (): Promise<void> => chain.mine(later(++block));
    const { adjudicator } = await deployAll(chain.rpc, ALICE, { settle });
    const channelId = `0x${"c3".repeat(32)}` as ChannelId;
    const given = { asset: ZERO_ADDRESS, channelId, expectedHeld: 0n, amount: 1n };
    const nonce = Number(await ask("eth_getTransactionCount", ALICE.address, "latest"));
    const { hash, raw } = signCall(ALICE, nonce, depositCall(adjudicator, given), {
      gasLimit: 30_000n,
    });
    await ask("eth_sendRawTransaction", raw);
    await settle();

    const receipt = await ask("eth_getTransactionReceipt", hash);
    expect(receipt).toMatchObject({ status: "0x0", gasUsed: "0x7530", logs: [] });
    expect(await ask("eth_getBalance", adjudicator, "latest")).toBe("0x0");
  });

  unit("tells a log of the block in which it stands now, and the same one each time", async () => {
    let block = 0;
    const settle = (): Promise<void> => chain.mine(later(++block));
    const { adjudicator } = await deployAll(chain.rpc, ALICE, { settle });
    const channelId = `0x${"c3".repeat(32)}` as ChannelId;
    const given = { asset: ZERO_ADDRESS, channelId, expectedHeld: 0n, amount: 1n };
    const nonce = Number(await ask("eth_getTransactionCount", ALICE.address, "latest"));
    const { raw } = signCall(ALICE, nonce, depositCall(adjudicator, given));
    const filter = { address: adjudicator, fromBlock: "0x0" };
    const newestHash = async (): Promise<unknown> =>
      ((await ask("eth_getBlockByNumber", "latest", false)) as { readonly hash: Hex }).hash;
    const hashes = new Set<unknown>();

    for (const seconds of [0, 5]) {
      if (seconds > 0) await chain.rollback(1);
      await chain.mine(later(block + 1) + seconds, { transactions: [raw] });
      const logs = await ask("eth_getLogs", filter);
      expect(logs).toMatchObject([{ blockHash: await newestHash(), logIndex: "0x0" }]);
      expect(await ask("eth_getLogs", filter)).toEqual(logs);
      for (const topics of [[], [null, channelId], [null, [BOB.address, channelId]]]) {
        expect(await ask("eth_getLogs", { ...filter, topics })).toEqual(logs);
      }
      expect(await ask("eth_getLogs", { ...filter, topics: [channelId] })).toEqual([]);
      expect(await ask("eth_getLogs", { ...filter, address: [BOB.address] })).toEqual([]);
      expect(Object.isFrozen((logs as readonly object[])[0])).toBe(true);
      hashes.add(await newestHash());
    }
    expect(hashes.size).toBe(2);
  });

  unit(
    "writes into a block's filter who told something in it, and nobody where none did",
    async () => {
      let block = 0;
      const settle = (): Promise<void> => chain.mine(later(++block));
      const { adjudicator } = await deployAll(chain.rpc, ALICE, { settle });
      const channelId = `0x${"c3".repeat(32)}` as ChannelId;
      const given = { asset: ZERO_ADDRESS, channelId, expectedHeld: 0n, amount: 1n };
      const newestFilter = async (): Promise<Hex> => {
        const newest = await ask("eth_getBlockByNumber", "latest", false);
        return (newest as { readonly logsBloom: Hex }).logsBloom;
      };
      await settle();
      const before = await newestFilter();
      await sendCall(chain.rpc, ALICE, depositCall(adjudicator, given));
      await settle();
      const after = await newestFilter();

      expect([adjudicator, channelId].map((entry) => mayHold(before, entry))).toEqual([
        false,
        false,
      ]);
      expect([adjudicator, channelId].map((entry) => mayHold(after, entry))).toEqual([true, true]);
      expect(before).toHaveLength(after.length);
    },
  );
});
