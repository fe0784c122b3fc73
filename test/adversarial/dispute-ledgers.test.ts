/** Disputes of ledgers: of both of a hub, of one that rolls over, and in go-nitro's profile. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { playDispute, WINDOW_SEC } from "./dispute-scene.ts";

const chainOf = chainOfFile();
const CAST = ["alice", "irene", "bob"] as const;

describe("a hub whose two peers vanish", () => {
  adversarial(
    "gets what is hers out of both ledgers, alone, and comes back once in between",
    async () => {
      let won = -1n;
      await playDispute({ chain: chainOf(), cast: CAST, fees: { irene: 2n } }, async (scene) => {
        const { chain, stage, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = await irene.wallet(eth);
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const left = await alice.openLedger(irene, deposits);
        const right = await irene.openLedger(bob, deposits);
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await alice.payVirtually(target, eth, 12n);
        alice.crash();
        bob.crash();
        const over = Promise.all([irene.dispute(left), irene.dispute(right)]);
        await chain.mineUntil(chain.newestSec() + WINDOW_SEC / 2);
        irene.crash();
        await chain.mineUntil(chain.newestSec() + WINDOW_SEC);
        await irene.restart();
        await over;
        won = (await irene.wallet(eth)) - before;
        expect(world.node("irene").engine.view().transactions.size).toBeLessThanOrEqual(1);
      });
      expect(won).toBe(2n);
    },
    60_000,
  );
});

describe("a ledger that is challenged with an old state while it rolls over", () => {
  adversarial(
    "goes on in the next one, with its virtual channel",
    async () => {
      const won: bigint[] = [];
      await playDispute({ chain: chainOf(), cast: CAST }, async (scene) => {
        const { challenge, chain, stage } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = [await alice.wallet(eth), await irene.wallet(eth), await bob.wallet(eth)];
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const left = await alice.openLedger(irene, deposits);
        const right = await irene.openLedger(bob, deposits);
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        chain.censor({ sender: "alice", blocks: 8 });
        chain.censor({ sender: "irene", blocks: 8 });
        const rolled = alice.withdraw(left, [{ asset: eth, amounts: [20n, 10n] }]);
        await challenge("irene", left, 1);
        const next = await rolled;
        await alice.payVirtually(target, eth, 7n);
        await alice.closeChannel(target);
        await alice.closeChannel(next);
        await irene.closeChannel(right);
        const after = [await alice.wallet(eth), await irene.wallet(eth), await bob.wallet(eth)];
        won.push(...after.map((amount, index) => amount - (before[index] ?? 0n)));
      });
      expect(won).toEqual([-7n, 0n, 7n]);
    },
    60_000,
  );
});

describe("a ledger in go-nitro's profile", () => {
  adversarial(
    "can be disputed while it guarantees nothing, and not while a channel rests on it",
    async () => {
      let won = -1n;
      const codes: unknown[] = [];
      await playDispute({ chain: chainOf(), cast: CAST }, async (scene) => {
        const { stage, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = await alice.wallet(eth);
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const ledger = await alice.openLedger(irene, deposits, "go-nitro");
        await irene.openLedger(bob, deposits, "go-nitro");
        const profile = { profile: "go-nitro" } as const;
        const target = await alice.openVirtual(bob, [{ asset: eth, amounts: [30n, 0n] }], profile);
        for (const channelId of [ledger, target]) {
          const answer = await world.node("alice").engine.submit({ type: "Dispute", channelId });
          codes.push(answer.ok ? "accepted" : answer.reason.code);
        }
        await alice.closeChannel(target);
        irene.crash();
        await alice.dispute(ledger);
        won = (await alice.wallet(eth)) - before;
      });
      expect(codes).toEqual(["NotEnforceable", "NotEnforceable"]);
      expect(won).toBe(0n);
    },
    60_000,
  );
});
