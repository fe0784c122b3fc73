/** Tests of what the chain of a world does to transactions and blocks. */
import { describe, expect } from "bun:test";
import { ETHEREUM, LOCAL } from "../src/chain/chain-profile.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { chainOfFile } from "../test/chain-of-file.ts";
import { integration, unit } from "../test/kind.ts";
import { notesOf, onRawChain } from "../test/raw-chain.ts";
import { BASE_FEE_WEI } from "./chain/local-chain.ts";
import type { ChainSetup } from "./chain-conditions.ts";
import { addressOf } from "./simulated-chain.ts";
import { withoutBlockHashes, withoutGas } from "./tiers.ts";
import { hashOfEntries } from "./trace.ts";

const TIERS = { evm: chainOfFile("evm"), anvil: chainOfFile("anvil"), model: chainOfFile("model") };

const evm = TIERS.evm;

/** A chain on which everything happens at once. */
const STORM: ChainSetup = {
  gapFraction: 0.2,
  reorgFraction: 0.3,
  reorgDepth: [1, 6],
  fates: {
    droppedFraction: 0.2,
    delayedFraction: 0.2,
    reorderedFraction: 0.2,
    replacedFraction: 0.2,
  },
  inclusionDelayBlocks: [0, 2],
  stuckFraction: 0.1,
  censorship: [{ from: 4, blocks: 3, sender: "irene" }],
  feeSpikes: [{ from: 8, blocks: 2, baseFeeWei: 5n * BASE_FEE_WEI }],
  rpcs: {
    alice: [
      { lostAnswerFraction: 0.3, errorFraction: 0.1 },
      { staleBlocks: 2, lies: "Hashes" },
    ],
    irene: [{ latencyMs: [100, 900], duplicateLogFraction: 0.5, lateLogFraction: 0.5 }],
  },
};

/** Alice and Irene deposit into ten channels while Irene reads what the chain tells. */
function storm(tier: keyof typeof TIERS, seed: number) {
  return onRawChain({ chain: TIERS[tier](), conditions: STORM, seed }, async (raw) => {
    const { ask, blocks, deposit, send, world } = raw;
    for (let nonce = 0; nonce < 10; nonce++) {
      await send("alice", nonce, deposit(nonce, 0n)).catch(() => undefined);
      await send("irene", nonce, deposit(nonce, 1n)).catch(() => undefined);
      await blocks(1);
      const { adjudicator: address } = world.options.chain.deployment;
      await ask("irene", "eth_getLogs", [{ address, fromBlock: "0x0" }]).catch(() => undefined);
      await ask("alice", "eth_getBlockByNumber", ["latest", false], 1).catch(() => undefined);
    }
    await blocks(10);
  });
}

describe("a chain with faults", () => {
  for (const tier of ["evm", "anvil", "model"] as const) {
    integration(`is the same for the same seed, bit by bit: ${tier}`, async () => {
      const first = await storm(tier, 1);
      const second = await storm(tier, 1);
      const other = await storm(tier, 2);

      expect(notesOf(first).join()).toContain("reorg of");
      expect(second.trace.hash).toBe(first.trace.hash);
      expect(other.trace.hash).not.toBe(first.trace.hash);
    });
  }

  integration(
    "is the same on all tiers, but for hashes of blocks and the model's gas",
    async () => {
      const hashes: Hex[] = [];
      for (const tier of ["evm", "anvil", "model"] as const) {
        const { trace } = await storm(tier, 3);
        hashes.push(hashOfEntries(withoutGas(withoutBlockHashes(trace.entries))));
      }

      expect(new Set(hashes).size).toBe(1);
    },
  );
});

describe("a reorg", () => {
  const conditions = { profile: ETHEREUM } as const;

  integration("takes transactions back that survive into the same blocks", async () => {
    const world = await onRawChain({ chain: evm(), conditions }, async (raw) => {
      const { blockOf, blocks, chain, send } = raw;
      const first = await send("alice", 0);
      await blocks(1);
      const second = await send("alice", 1);
      await blocks(2);
      const hash = await newestHash(raw);
      await chain.reorg({ depth: 3 });

      expect([await blockOf(first), await blockOf(second)]).toEqual([1, 2]);
      expect(await newestHash(raw)).not.toBe(hash);
      expect(chain.nextBlock()).toBe(4);
    });

    expect(world.miner.receipts).toHaveLength(2);
    expect(notesOf(world)).toEqual(["reorg of 3 blocks"]);
    expect(world.faults.assumptions).toEqual([]);
  });

  integration("drops for good what is sent no more, and holds later nonces up", async () => {
    await onRawChain({ chain: evm(), conditions }, async (raw) => {
      const { ask, blockOf, blocks, chain, send } = raw;
      const first = await send("alice", 0);
      await blocks(1);
      const second = await send("alice", 1);
      await chain.reorg({ depth: 1, droppedFraction: 1 });
      await blocks(3);

      expect(await blockOf(first)).toBeUndefined();
      expect(await ask("alice", "eth_getTransactionByHash", [first])).toBeNull();
      expect(await blockOf(second)).toBeUndefined();
      await send("alice", 0);
      await blocks(1);
      expect([await blockOf(first), await blockOf(second)]).toEqual([5, 5]);
    });
  });

  integration("strikes the transactions of one sender alone, where it is told so", async () => {
    await onRawChain({ chain: evm(), conditions }, async ({ blockOf, blocks, chain, send }) => {
      const hashes = [await send("alice", 0), await send("irene", 0)];
      await blocks(1);
      await chain.reorg({ depth: 1, droppedFraction: 1, of: "irene" });
      await blocks(1);

      expect(await Promise.all(hashes.map(blockOf))).toEqual([1, undefined]);
    });
  });

  integration("delays transactions", async () => {
    await onRawChain({ chain: evm(), conditions }, async ({ blockOf, blocks, chain, send }) => {
      const hash = await send("alice", 0);
      await blocks(1);
      await chain.reorg({ depth: 1, delayedFraction: 1, delayBlocks: [3, 3] });
      await blocks(2);
      expect(await blockOf(hash)).toBeUndefined();
      await blocks(1);

      expect(await blockOf(hash)).toBe(4);
    });
  });

  integration("reorders transactions, so that one is refused that was taken before", async () => {
    await onRawChain({ chain: evm(), conditions }, async (raw) => {
      const { blocks, chain, deposit, send } = raw;
      const first = await send("alice", 0, deposit(1, 0n));
      await blocks(1);
      const second = await send("irene", 0, deposit(1, 1n));
      await blocks(1);
      expect([await chain.mined(first), await chain.mined(second)]).toEqual([true, true]);
      await chain.reorg({ depth: 2, reorderedFraction: 1 });

      expect([await raw.blockOf(first), await raw.blockOf(second)]).toEqual([2, 1]);
      expect([await chain.mined(first), await chain.mined(second)]).toEqual([true, false]);
    });
  });

  integration("replaces a transaction by what its sender had asked for before", async () => {
    await onRawChain({ chain: evm(), conditions }, async ({ blockOf, blocks, chain, send }) => {
      const first = await send("alice", 0);
      const dearer = await send("alice", 0, {
        maxFeePerGasWei: 3n * BASE_FEE_WEI,
        maxPriorityFeePerGasWei: 2n * BASE_FEE_WEI,
      });
      await blocks(1);
      expect([await blockOf(first), await blockOf(dearer)]).toEqual([undefined, 1]);
      await chain.reorg({ depth: 1, replacedFraction: 1 });

      expect([await blockOf(first), await blockOf(dearer)]).toEqual([1, undefined]);
    });
  });

  integration("replaces the only one by one that does nothing", async () => {
    await onRawChain(
      { chain: evm(), conditions },
      async ({ ask, blockOf, blocks, chain, send }) => {
        const hash = await send("alice", 0);
        await blocks(1);
        await chain.reorg({ depth: 1, replacedFraction: 1 });

        expect(await blockOf(hash)).toBeUndefined();
        expect(await ask("bob", "eth_getTransactionCount", [addressOf("alice"), "latest"])).toBe(
          "0x1",
        );
      },
    );
  });

  integration("can leave a shorter chain, which grows again", async () => {
    await onRawChain({ chain: evm(), conditions }, async ({ blockOf, blocks, chain, send }) => {
      await blocks(3);
      const hash = await send("alice", 0);
      await blocks(1);
      await chain.reorg({ depth: 3, remade: 1 });
      expect(chain.nextBlock()).toBe(3);
      await blocks(2);

      expect(await blockOf(hash)).toBe(4);
    });
  });

  integration("comes at the blocks that a scenario names, 64 deep", async () => {
    const reorgs = { 66: { depth: 64 }, 68: { depth: 1 } };
    const world = await onRawChain({ chain: evm(), conditions: { reorgs } }, async (raw) => {
      const hash = await raw.send("alice", 0);
      await raw.blocks(70);

      expect(await raw.blockOf(hash)).toBe(1);
    });

    expect(notesOf(world)).toEqual([
      "reorg of 64 blocks",
      "assumption broken, a reorg of 64 blocks is deeper than the confirmation depth",
      "reorg of 1 block",
    ]);
  });

  async function newestHash({ ask }: { readonly ask: Ask }): Promise<unknown> {
    const block = await ask("bob", "eth_getBlockByNumber", ["latest", false]);
    return (block as { readonly hash: Hex }).hash;
  }
});

type Ask = (who: "bob", method: string, params: readonly unknown[]) => Promise<unknown>;

describe("assumptions", () => {
  unit("hold as long as reorgs stay within the confirmation depth", async () => {
    const assumed = async (depth: number): Promise<readonly string[]> => {
      const { faults } = await onRawChain({ chain: evm() }, async ({ blocks, chain }) => {
        await blocks(4);
        await chain.reorg({ depth });
      });
      return faults.assumptions;
    };

    expect(await assumed(2)).toEqual([]);
    expect(await assumed(3)).toEqual(["a reorg of 3 blocks is deeper than the confirmation depth"]);
  });

  unit("break when a transaction that pays waits longer than the inclusion bound", async () => {
    const boundBlocks = LOCAL.inclusionBoundSec / LOCAL.blockTimeSec;
    const { faults } = await onRawChain(
      { chain: evm() },
      async ({ blocks, chain, send, world }) => {
        chain.censor({ sender: "alice", blocks: boundBlocks + 2 });
        chain.feeSpike({ baseFeeWei: 3n * BASE_FEE_WEI, blocks: 40 });
        await send("alice", 0, { maxFeePerGasWei: 4n * BASE_FEE_WEI });
        // She could pay more, and does not.
        await send("bob", 0);
        await blocks(boundBlocks);
        expect(world.faults.assumptions).toEqual([]);
        await blocks(2);
      },
    );

    expect(faults.assumptions).toEqual([
      "transaction 0 of alice waits longer than the inclusion bound",
    ]);
  });
});
