/** The oracles hold while blocks are taken back: they find what is wrong, and nothing else. */
import { describe, expect } from "bun:test";
import type { AdjudicatorEvent } from "../../src/chain/adjudicator-logs.ts";
import { LOCAL } from "../../src/chain/chain-profile.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { chainOfFile } from "../../test/chain-of-file.ts";
import { adversarial, integration, invariant, unit } from "../../test/kind.ts";
import { findingsOf } from "../../test/planted-fault.ts";
import { onRawChain } from "../../test/raw-chain.ts";
import { ETH } from "../assets.ts";
import type { ChainSetup } from "../chain-conditions.ts";
import { createChainVerbs } from "../chain-stage.ts";
import { type RunResult, runScenario } from "../run-scenario.ts";
import { defineScenario } from "../scenario.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import { withoutBlockHashes, withoutGas } from "../tiers.ts";
import { hashOfEntries } from "../trace.ts";
import type { World } from "../world.ts";
import { bookBlock, type ChainBooks, openBooks, unbookBlocks } from "./chain-books.ts";

const TIERS = {
  evm: chainOfFile("evm"),
  anvil: chainOfFile("anvil"),
  model: chainOfFile("model"),
};

const { evm } = TIERS;

/** Reorgs that an honest node is promised to survive, and more trouble. */
const ROUGH: ChainSetup = {
  reorgFraction: 0.4,
  reorgDepth: [1, 2],
  fates: { droppedFraction: 0.2, delayedFraction: 0.2, reorderedFraction: 0.2 },
  inclusionDelayBlocks: [0, 2],
  rpcs: {
    alice: [{ duplicateLogFraction: 0.5, reorderedLogFraction: 0.5, lostAnswerFraction: 0.3 }],
    bob: [{ staleBlocks: 1, errorFraction: 0.05 }],
  },
};

/** Seeds of the rough chain. */
const SEEDS = 2;

/** Longest that a test may take on a machine under load, in milliseconds. */
const TIME_MAX_MS = 120_000;

/** Opens a channel, pays in it and closes it on a chain that behaves so. */
function live(
  chain: ChainSetup,
  seed: number,
  tier: keyof typeof TIERS = "evm",
): Promise<RunResult> {
  const scenario = defineScenario({
    name: "rough-chain",
    summary: "A channel lives on a chain that misbehaves.",
    cast: ["alice", "bob"],
    chain,
    script: async ({ alice, bob, pause }) => {
      const channelId = await alice.openChannel([bob], [{ asset: ETH, amounts: [6n, 4n] }]);
      await alice.pay(channelId, bob, ETH, 1n);
      await alice.closeChannel(channelId);
      await pause(60_000);
    },
  });
  return runScenario(scenario, { seed, chain: TIERS[tier](), signatures: "fast" });
}

/** Lets a node believe what stands in the newest block. */
function makeRash({ parts }: SimulatedNode): void {
  const rash = { ...LOCAL, confirmation: { type: "Depth", blocks: 0 } } as const;
  (parts as { chain: typeof parts.chain }).chain = { ...parts.chain, profile: rash };
}

describe("a channel on a rough chain", () => {
  integration(
    "ends as it should, with no false alarm",
    async () => {
      const reorgs: number[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { assumptions, balances, trace, violations } = await live(ROUGH, seed);
        expect({ seed, assumptions, violations }).toEqual({
          seed,
          assumptions: [],
          violations: [],
        });
        reorgs.push(trace.filter((entry) => isReorg(entry)).length);
        expect(balances).toHaveLength(2);
      }

      expect(Math.min(...reorgs)).toBeGreaterThan(0);
    },
    TIME_MAX_MS,
  );

  for (const tier of ["evm", "anvil", "model"] as const) {
    integration(
      `is the same run for the same seed, and the same on every tier: ${tier}`,
      async () => {
        const first = await live(ROUGH, 1, tier);
        const second = await live(ROUGH, 1, tier);
        const other = await live(ROUGH, 1);

        expect(second.traceHash).toBe(first.traceHash);
        expect(onAnyTier(first)).toBe(onAnyTier(other));
      },
      TIME_MAX_MS,
    );
  }

  /** The hash of what a run shows on all tiers alike. */
  function onAnyTier({ trace }: RunResult): string {
    return hashOfEntries(withoutGas(withoutBlockHashes(trace)));
  }

  function isReorg(entry: RunResult["trace"][number]): boolean {
    return entry.type === "Fault" && entry.what.startsWith("reorg of");
  }
});

describe("coverage", () => {
  adversarial(
    "finds nodes that count on deposits which a shallow reorg has taken back",
    async () => {
      const found = await withLostDeposits((world) => {
        for (const node of world.nodes.values()) makeRash(node);
      });

      expect(found.findings).not.toEqual([]);
      expect(found.findings[0]).toMatch(
        /^coverage: block \d+: .* 0 of 0 .* as the contract has it$/,
      );
      expect(found.assumptions).toEqual([]);
    },
  );

  adversarial("is not asked for once a reorg was deeper than nodes are promised", async () => {
    const { assumptions, findings } = await withLostDeposits(() => {}, 6);

    expect(findings).toEqual([]);
    expect(assumptions).toEqual(["a reorg of 6 blocks is deeper than the confirmation depth"]);
  });

  /** Both deposit, and the chain forgets it as soon as their channel runs. */
  async function withLostDeposits(prepare: (world: World) => void, depth = 2) {
    let assumptions: readonly string[] = [];
    const findings = await findingsOf(evm(), {
      cast: ["alice", "bob"],
      prepare,
      story: async ({ actors, world }) => {
        const { alice, bob } = actors;
        await alice.openChannel([bob], [{ asset: ETH, amounts: [6n, 4n] }]);
        const chain = createChainVerbs(world);
        // The contract alone knows: no node hears of it.
        for (const name of ["alice", "bob"] as const) chain.pauseRpc(name, 60);
        await chain.reorg({ depth, droppedFraction: 1 });
        await world.pause(13_000);
        ({ assumptions } = world.faults);
      },
    });
    return { assumptions, findings };
  }
});

describe("the books", () => {
  invariant("are after a reorg what they were before the blocks that it took back", async () => {
    await onRawChain({ chain: evm() }, async ({ blocks, chain, deposit, send, world }) => {
      const books = await openBooks(evm());
      const wrong: (readonly string[])[] = [];
      world.witnesses.push({
        sawRecord: () => {},
        sawBlock: async (block) => void wrong.push(await bookBlock(books, block)),
        sawReorg: async (reorg) => {
          wrong.push((await unbookBlocks(books, reorg)).imbalances);
          expect(told(books)).toEqual(before);
        },
      });
      await send("alice", 0, deposit(1, 0n));
      await blocks(1);
      const before = told(books);
      await send("alice", 1, deposit(1, 1n));
      await send("irene", 0, deposit(2, 0n));
      await blocks(2);
      expect(told(books)).not.toEqual(before);
      await chain.reorg({ depth: 2, droppedFraction: 1 });

      expect(told(books)).toEqual(before);
      expect(wrong.flat()).toEqual([]);
    });
  });

  unit("forget that a channel was paid out in a block that is gone", async () => {
    const channelId = `0x${"ab".repeat(32)}` as ChannelId;
    const position = {} as AdjudicatorEvent["position"];
    const concluded = { type: "Concluded", channelId, position } as AdjudicatorEvent;
    const books = await openBooks(evm());
    for (const number of [6, 7]) {
      await bookBlock(books, { number, isOnTime: true, receipts: [], logs: [concluded] });
    }

    await unbookBlocks(books, { fork: 6, depth: 1 });
    expect([...books.paying]).toEqual([channelId]);
    await unbookBlocks(books, { fork: 5, depth: 1 });
    expect([...books.paying]).toEqual([]);
  });

  /** All that is in the books, but for channels that hold nothing. */
  function told({ gasWei, holdings, paying, vault, wallets }: ChainBooks): unknown {
    const amounts = [...holdings].map(([id, held]) => [
      id,
      [...held].filter(([, one]) => one > 0n),
    ]);
    const holding = amounts.filter(([, all]) => all?.length !== 0);
    return structuredClone({ gasWei, holding, paying, vault, wallets });
  }
});
