/** Disputes of a node that has started anew, while one of its peers never answers again. */
import { describe, expect } from "bun:test";
import { includesGuarantee } from "../../src/channel/ledger-outcome.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { playDispute, WINDOW_SEC } from "./dispute-scene.ts";

const chainOf = chainOfFile();

describe("a hub that starts anew while one of its two peers never answers again", () => {
  adversarial(
    "settles a virtual channel that is final on the chain with the other one, without a transaction",
    async () => {
      let isFreed = false;
      let transactions = -1;
      const cast = ["alice", "irene", "bob"] as const;
      await playDispute({ chain: chainOf(), cast }, async (scene) => {
        const { chain, stage, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const left = await alice.openLedger(irene, deposits);
        const right = await irene.openLedger(bob, deposits);
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await alice.payVirtually(target, eth, 7n);
        irene.crash();
        bob.crash();
        await irene.restart();
        const before = world.miner.receipts.length;
        await Promise.all([irene.dispute(right), alice.sawEnd(target)]);
        await chain.mineUntil(chain.newestSec() + WINDOW_SEC);
        const outcome = world.node("alice").engine.channel(left)?.supported?.variablePart.outcome;
        isFreed = outcome !== undefined && !includesGuarantee(outcome, target);
        transactions = world.miner.receipts
          .slice(before)
          .filter(({ from }) => from === world.node("alice").address).length;
      });
      expect({ isFreed, transactions }).toEqual({ isFreed: true, transactions: 0 });
    },
    60_000,
  );
});
