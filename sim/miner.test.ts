/** Tests of the pool and of what the miner takes from it. */
import { describe, expect } from "bun:test";
import { OP_STACK } from "../src/chain/chain-profile.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { chainOfFile } from "../test/chain-of-file.ts";
import { adversarial, integration } from "../test/kind.ts";
import { notesOf, onRawChain, type RawChain, signed } from "../test/raw-chain.ts";
import { BASE_FEE_WEI } from "./chain/local-chain.ts";
import type { ChainSetup } from "./chain-conditions.ts";
import { addressOf } from "./simulated-chain.ts";
import type { World } from "./world.ts";

const evm = chainOfFile("evm");

describe("the pool", () => {
  integration("answers for what waits as a node does", async () => {
    await onRawChain({ chain: evm() }, async ({ ask, blocks, send }) => {
      const hash = await send("alice", 0);
      await send("alice", 2);
      const pending = await ask("bob", "eth_getTransactionByHash", [hash]);
      const params = [addressOf("alice"), "pending"];
      expect(pending).toMatchObject({ hash, nonce: "0x0", blockHash: null, blockNumber: null });
      expect(await ask("bob", "eth_getTransactionCount", params)).toBe("0x1");
      await send("alice", 1);
      expect(await ask("bob", "eth_getTransactionCount", params)).toBe("0x3");
      await blocks(1);

      expect(await ask("bob", "eth_getTransactionByHash", [hash])).toMatchObject({
        hash,
        blockNumber: expect.any(String),
      });
      expect(await ask("bob", "eth_getTransactionCount", [params[0], "latest"])).toBe("0x3");
    });
  });

  integration("refuses what a node refuses, in its words", async () => {
    await onRawChain({ chain: evm() }, async ({ blocks, send, world }) => {
      await send("alice", 0);
      await blocks(1);
      await send("alice", 1);
      const refusals = [
        ["nonce too low", 0, {}],
        ["transaction already imported", 1, {}],
        ["replacement transaction underpriced", 1, { maxFeePerGasWei: 2n * BASE_FEE_WEI + 1n }],
        ["Insufficient funds for gas * price + value", 2, { valueWei: 101n * 10n ** 18n }],
        ["intrinsic gas too low", 2, { gasLimit: 20_999n }],
        ["invalid chain id for signer", 2, { chainId: 1n }],
        ["gas_limit > env.block.gas_limit", 2, { gasLimit: 30_000_001n }],
      ] as const;
      // The real chain has a pool of its own, which the world leaves empty.
      const past = (raw: Hex): Promise<unknown> =>
        atTheChain(world, (rpc) => rpc.request("eth_sendRawTransaction", [raw]));
      await past(signed("alice", 1));

      for (const [words, nonce, changes] of refusals) {
        await expect(send("alice", nonce, changes)).rejects.toThrow(words);
        await expect(past(signed("alice", nonce, changes))).rejects.toThrow(words);
      }
    });
  });

  integration("lets a fee go first only where the nonce is the same", async () => {
    await onRawChain({ chain: evm() }, async ({ blockOf, blocks, send, world }) => {
      const first = await send("alice", 0);
      const dear = {
        maxFeePerGasWei: 9n * BASE_FEE_WEI,
        maxPriorityFeePerGasWei: 8n * BASE_FEE_WEI,
      };
      await send("irene", 0, dear);
      const replacing = await send("alice", 0, dear);
      await blocks(1);

      expect(await blockOf(first)).toBeUndefined();
      expect(await blockOf(replacing)).toBe(1);
      expect(world.miner.receipts.map(({ from }) => from)).toEqual(
        ["irene", "alice"].map((name) => addressOf(name as "alice")),
      );
    });
  });

  integration("keeps what does not fit into a block for the next one", async () => {
    await onRawChain({ chain: evm() }, async ({ blockOf, blocks, chain, send }) => {
      const gasLimit = 16_000_000n;
      const hashes = [
        await send("alice", 0, { gasLimit }),
        await send("irene", 0, { gasLimit }),
        await send("ivan", 0, { gasLimit: 30_000_000n }),
      ];
      await blocks(1);
      // What is left over waits here, and not in the chain's own pool.
      chain.censor({ sender: "ivan", blocks: 1 });
      await blocks(2);

      expect(await Promise.all(hashes.map(blockOf))).toEqual([1, 1, 3]);
    });
  });
});

describe("inclusion", () => {
  integration("takes the blocks that are drawn for each transaction", async () => {
    const conditions: ChainSetup = { inclusionDelayBlocks: [2, 4] };
    const found = new Set<number | undefined>();
    await onRawChain({ chain: evm(), conditions }, async ({ blockOf, blocks, send }) => {
      const hashes = [];
      for (const who of ["alice", "bob", "irene", "ivan", "isaac", "iris"] as const)
        hashes.push(await send(who, 0));
      await blocks(5);
      for (const hash of hashes) found.add(await blockOf(hash));
    });

    expect([...found].sort()).toEqual([3, 4, 5]);
  });

  integration("is not put off by a dearer offer, however often it is made", async () => {
    const conditions: ChainSetup = { inclusionDelayBlocks: [3, 3] };
    await onRawChain({ chain: evm(), conditions }, async ({ blockOf, blocks, send }) => {
      let hash = await send("alice", 0);
      for (let factor = 3n; factor < 6n; factor++) {
        await blocks(1);
        const wei = factor * BASE_FEE_WEI;
        hash = await send("alice", 0, { maxFeePerGasWei: wei, maxPriorityFeePerGasWei: wei });
      }
      await blocks(1);

      expect(await blockOf(hash)).toBe(4);
    });
  });

  integration("never comes for a stuck transaction, and comes for what replaces it", async () => {
    await onRawChain({ chain: evm(), conditions: { stuckFraction: 0.5 }, seed: 4 }, async (raw) => {
      const { blockOf, blocks } = raw;
      const { hash, who } = await stuckOne(raw);
      await blocks(3);
      expect(await blockOf(hash)).toBeUndefined();
      const dearer = await bumped(raw, who);

      expect(await blockOf(dearer)).toBeNumber();
    });
  });

  integration("is denied by sender or function for a while", async () => {
    const world = await onRawChain(
      { chain: evm() },
      async ({ blockOf, blocks, chain, deposit, send }) => {
        chain.censor({ sender: "alice", function: "deposit", blocks: 2 });
        const hashes = [
          await send("alice", 0, deposit(1, 0n)),
          await send("bob", 0, deposit(2, 0n)),
          await send("irene", 0),
        ];
        await blocks(3);

        expect(await Promise.all(hashes.map(blockOf))).toEqual([3, 1, 1]);
      },
    );

    expect(notesOf(world)).toEqual(["no deposit of alice is mined for 2 blocks"]);
  });

  integration("waits for the base fee to fall", async () => {
    const world = await onRawChain(
      { chain: evm() },
      async ({ ask, blockOf, blocks, chain, send }) => {
        chain.feeSpike({ baseFeeWei: 50n * BASE_FEE_WEI, blocks: 2 });
        const poor = await send("alice", 0);
        const rich = await send("bob", 0, { maxFeePerGasWei: 51n * BASE_FEE_WEI });
        await blocks(1);
        const block = await ask("bob", "eth_getBlockByNumber", ["latest", false]);
        await blocks(2);

        expect((block as { readonly baseFeePerGas: Hex }).baseFeePerGas).toBe("0xba43b7400");
        expect([await blockOf(poor), await blockOf(rich)]).toEqual([3, 1]);
      },
    );

    expect(notesOf(world)).toEqual(["base fee of 50000000000 wei for 2 blocks"]);
  });

  adversarial("goes first to a stranger who bribes the miner", async () => {
    await onRawChain({ chain: evm() }, async ({ blocks, chain, deposit, send }) => {
      const honest = await send("alice", 0, deposit(1, 0n));
      const eve = await chain.asStranger(deposit(1, 0n), { isFirst: true, label: "deposit 1 wei" });
      await blocks(1);

      expect([await chain.mined(honest), await chain.mined(eve)]).toEqual([false, true]);
    });
  });
});

describe("time on the chain", () => {
  integration("goes on by the blocks of its kind, some of which come late", async () => {
    const conditions: ChainSetup = { profile: OP_STACK, gapFraction: 0.5, gapSec: [10, 10] };
    await onRawChain({ chain: evm(), conditions }, async ({ blocks, chain }) => {
      const steps = new Set<number>();
      for (let count = 0; count < 8; count++) {
        const before = chain.newestSec();
        await blocks(1);
        steps.add(chain.newestSec() - before);
      }

      expect([...steps].sort((one, other) => one - other)).toEqual([2, 12]);
    });
  });

  integration("passes until a block has the wanted time", async () => {
    await onRawChain({ chain: evm() }, async ({ chain }) => {
      const wanted = chain.newestSec() + 100;
      await chain.mineUntil(wanted);

      expect(chain.newestSec()).toBe(wanted + 8);
    });
  });

  integration("shows in the blocks that an endpoint calls safe and final", async () => {
    const conditions = { safeSec: 24, finalizedSec: 48 };
    await onRawChain({ chain: evm(), conditions }, async ({ ask, blocks }) => {
      await blocks(5);
      const tags = ["latest", "safe", "finalized"];
      const found = await Promise.all(
        tags.map((tag) => ask("bob", "eth_getBlockByNumber", [tag, false])),
      );
      const [head, safe, final] = found.map((block) =>
        Number((block as { readonly number: Hex }).number),
      );

      expect([safe, final]).toEqual([Number(head) - 2, Number(head) - 4]);
    });
  });
});

const SENDERS = ["alice", "bob", "irene", "ivan"] as const;

type Sent = { readonly who: (typeof SENDERS)[number]; readonly hash: Hash };

/** Sends one transaction of each, and gives the first that is in no block after the next two. */
async function stuckOne({ blockOf, blocks, send }: RawChain): Promise<Sent> {
  const sent: Sent[] = [];
  for (const who of SENDERS) sent.push({ who, hash: await send(who, 0) });
  await blocks(2);
  for (const one of sent) if ((await blockOf(one.hash)) === undefined) return one;
  throw new Error("nothing is stuck for this seed");
}

/** Offers more and more in the place of what is stuck, until it is mined. */
async function bumped({ blockOf, blocks, send }: RawChain, who: Sent["who"]): Promise<Hash> {
  for (let factor = 3n; ; factor *= 2n) {
    const wei = factor * BASE_FEE_WEI;
    const hash = await send(who, 0, { maxFeePerGasWei: wei, maxPriorityFeePerGasWei: wei });
    await blocks(1);
    if ((await blockOf(hash)) !== undefined) return hash;
  }
}

/** Asks the real chain, while the world stands still. */
function atTheChain(
  { door, options }: World,
  ask: (rpc: EthereumRpc) => Promise<unknown>,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    door.add(() => ask(options.chain.local.rpc).then(resolve, reject));
  });
}
