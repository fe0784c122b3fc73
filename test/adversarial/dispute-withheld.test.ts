/** Disputes against a peer who holds a newer state than this node does, because it withheld its signature. */
import { describe, expect } from "bun:test";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { channelOf, playDispute, WINDOW_SEC } from "./dispute-scene.ts";

const chainOf = chainOfFile();

describe("a peer who withholds its signature on a ledger state", () => {
  adversarial(
    "and shows that state on the chain locks up nothing: the guarantee in it is reclaimed",
    async () => {
      let won = -1n;
      await playDispute({ chain: chainOf(), cast: ["alice", "irene", "bob"] }, async (scene) => {
        const { challenge, chain, stage, stopAt, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = await alice.wallet(eth);
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const ledger = await alice.openLedger(irene, deposits);
        await irene.openLedger(bob, deposits);
        stopAt(
          "irene",
          (event) =>
            event.type === "SupportedStateAdvanced" &&
            event.channelId === ledger &&
            event.turnNum === 2,
        );
        void alice.tryToOpenVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await world.pause(30_000);
        expect(world.node("irene").isRunning).toBe(false);
        bob.crash();
        const over = alice.dispute(ledger);
        await world.pause(60_000);
        await challenge("irene", ledger, 2);
        await chain.mineUntil(chain.newestSec() + 4 * WINDOW_SEC);
        await over;
        won = (await alice.wallet(eth)) - before;
      });
      expect(won).toBe(0n);
    },
    60_000,
  );
});

describe("a peer who withholds its signature on the end of a ledger that rolls over", () => {
  adversarial(
    "and shows that end during the dispute takes nothing: the ledger that goes on is watched, too",
    async () => {
      let won = -1n;
      await playDispute({ chain: chainOf(), cast: ["alice", "irene", "bob"] }, async (scene) => {
        const { conclude, stage, stopAt, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = await alice.wallet(eth);
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const ledger = await alice.openLedger(irene, deposits);
        await irene.openLedger(bob, deposits);
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await bob.payVirtually(target, eth, 7n);
        stopAt("irene", (event) => event.type === "ChannelFinalized" && event.channelId === ledger);
        void alice.withdraw(ledger, [{ asset: eth, amounts: [20n, 0n] }]).catch(() => {});
        await world.pause(30_000);
        expect(world.node("irene").isRunning).toBe(false);
        bob.crash();
        const over = alice.dispute(ledger);
        await world.pause(60_000);
        await conclude("irene", ledger);
        await over;
        // No log tells what the next ledger holds: it is asked for.
        await world.pause(60_000);
        const next = (await channelOf(world, "alice", ledger)).ledger?.successor;
        await alice.dispute(assertDefined(next, "the ledger that goes on"));
        won = (await alice.wallet(eth)) - before;
      });
      expect(won).toBe(7n);
    },
    60_000,
  );
});
