/** Challenges with states that are over: what nothing hangs on is not answered, and costs nobody anything. */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { type DisputeScene, playDispute, WINDOW_SEC } from "./dispute-scene.ts";

const chainOf = chainOfFile();

/** How many transactions each has had mined. */
function spentBy({ world }: DisputeScene, ...names: readonly ActorName[]): readonly number[] {
  return names.map((name) => {
    const { address } = world.node(name);
    return world.miner.receipts.filter(({ from }) => from === address).length;
  });
}

describe("a stale challenge", () => {
  adversarial(
    "on a virtual channel that was closed off chain is answered by nobody",
    async () => {
      const spent: unknown[] = [];
      let won = -1n;
      await playDispute({ chain: chainOf(), cast: ["alice", "irene", "bob"] }, async (scene) => {
        const { challenge, chain, stage, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = await alice.wallet(eth);
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const ledger = await alice.openLedger(irene, deposits);
        await irene.openLedger(bob, deposits);
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await bob.payVirtually(target, eth, 4n);
        await bob.closeChannel(target);
        spent.push(spentBy(scene, "alice", "irene", "bob"));
        await challenge("bob", target, 0);
        await chain.mineUntil(chain.newestSec() + WINDOW_SEC + 120);
        spent.push(spentBy(scene, "alice", "irene", "bob"));
        expect(world.node("alice").engine.channel(target)?.adjudication.type).toBe("Final");
        await alice.closeChannel(ledger);
        won = (await alice.wallet(eth)) - before;
      });
      expect(spent[1]).toEqual(spent[0]);
      expect(won).toBe(4n);
    },
    60_000,
  );

  adversarial(
    "on a channel that was paid out is answered by nobody",
    async () => {
      const spent: unknown[] = [];
      await playDispute({ chain: chainOf(), cast: ["alice", "bob"] }, async (scene) => {
        const { challenge, chain, stage, world } = scene;
        const { alice, bob, eth } = stage;
        const channelId = await alice.openChannel([bob], [{ asset: eth, amounts: [60n, 40n] }]);
        await alice.pay(channelId, bob, eth, 10n);
        await alice.closeChannel(channelId);
        spent.push(spentBy(scene, "alice", "bob"));
        await challenge("bob", channelId, 1);
        await chain.mineUntil(chain.newestSec() + WINDOW_SEC + 120);
        spent.push(spentBy(scene, "alice", "bob"));
        expect(world.node("alice").engine.waits()).toEqual([]);
      });
      expect(spent[1]).toEqual(spent[0]);
    },
    60_000,
  );

  adversarial(
    "with a prefund, while all are away, gives the fees back, and all agree on that",
    async () => {
      const won: bigint[] = [];
      const cast = ["alice", "irene", "bob"] as const;
      await playDispute({ chain: chainOf(), cast, fees: { irene: 3n } }, async (scene) => {
        const { challenge, chain, stage, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = [await alice.wallet(eth), await irene.wallet(eth), await bob.wallet(eth)];
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const left = await alice.openLedger(irene, deposits);
        const right = await irene.openLedger(bob, deposits);
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        for (const name of cast) world.node(name).crash();
        await challenge("bob", target, 0);
        await chain.mineUntil(chain.newestSec() + WINDOW_SEC);
        for (const name of cast) await world.node(name).start();
        await Promise.all(cast.map((name) => stage[name].sawEnd(target)));
        await alice.closeChannel(left);
        await irene.closeChannel(right);
        const after = [await alice.wallet(eth), await irene.wallet(eth), await bob.wallet(eth)];
        won.push(...after.map((amount, index) => amount - (before[index] ?? 0n)));
      });
      expect(won).toEqual([0n, 0n, 0n]);
    },
    60_000,
  );
});

describe("a challenge with an old state of a ledger", () => {
  adversarial(
    "is answered with the newest one, and what it no longer guarantees stays with its owner",
    async () => {
      let won = -1n;
      await playDispute({ chain: chainOf(), cast: ["alice", "irene", "bob"] }, async (scene) => {
        const { challenge, chain, stage, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = await alice.wallet(eth);
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const ledger = await alice.openLedger(irene, deposits);
        await irene.openLedger(bob, deposits);
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await bob.payVirtually(target, eth, 10n);
        await bob.closeChannel(target);
        irene.crash();
        bob.crash();
        for (const turnNum of [2, 1]) {
          await challenge("irene", ledger, turnNum).catch(() => {});
          await world.pause(100_000);
        }
        await chain.mineUntil(chain.newestSec() + 2 * WINDOW_SEC);
        won = (await alice.wallet(eth)) - before;
      });
      expect(won).toBe(10n);
    },
    60_000,
  );
});
