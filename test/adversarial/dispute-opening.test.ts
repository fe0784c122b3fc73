/** Challenges on a virtual channel that is not open yet: others have promised nothing, or not all. */
import { describe, expect } from "bun:test";
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import { ledgerOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { isIdleLedger } from "../../src/protocols/ledger.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { type DisputeScene, playDispute, WINDOW_SEC } from "./dispute-scene.ts";

const chainOf = chainOfFile();

/** What a node still holds back in a ledger, and what it waits for. */
function restOf({ engine }: SimulatedNode, ledgerId: ChannelId) {
  const ledger = assertDefined(engine.channel(ledgerId), "the ledger");
  const { agreed, reserved } = ledgerOf(ledger);
  const waits = engine.waits().map(({ id, waitingFor }) => `${waitingFor} of ${id}`);
  const isFree = isIdleLedger(ledger);
  return { isFree, agreed: agreed.size, reserved: reserved.size, waits };
}

const FREE = { isFree: true, agreed: 0, reserved: 0, waits: [] };

/** The one virtual channel that Alice knows of. */
function targetOf({ world }: DisputeScene): ChannelId {
  const { engine } = world.node("alice");
  const target = engine.channels().find(({ use }) => use.type === "Virtual");
  return assertDefined(target, "the virtual channel").id;
}

describe("a payee who challenges a channel that is being opened", () => {
  adversarial(
    "with a prefund that nobody else has whole, locks up nothing between the others",
    async () => {
      const left: unknown[] = [];
      await playDispute({ chain: chainOf(), cast: ["alice", "irene", "bob"] }, async (scene) => {
        const { challenge, chain, stage, stopAt, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const ledger = await alice.openLedger(irene, deposits);
        await irene.openLedger(bob, deposits);
        stopAt("bob", (event) => event.type === "SupportedStateAdvanced" && event.turnNum === 0);
        void alice.tryToOpenVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await world.pause(2_000);
        expect(world.node("bob").isRunning).toBe(false);
        await challenge("bob", targetOf(scene), 0);
        await chain.mineUntil(chain.newestSec() + 2 * WINDOW_SEC);
        for (const name of ["alice", "irene"] as const) left.push(restOf(world.node(name), ledger));
      });
      expect(left).toEqual([FREE, FREE]);
    },
    60_000,
  );

  adversarial(
    "while he withholds his part of a guarantee, locks up nothing, and takes nothing of the hub",
    async () => {
      const left: unknown[] = [];
      let won = -1n;
      await playDispute({ chain: chainOf(), cast: ["alice", "irene", "bob"] }, async (scene) => {
        const { challenge, chain, stage, stopAt, world } = scene;
        const { alice, bob, eth, irene } = stage;
        const before = await irene.wallet(eth);
        const deposits = [{ asset: eth, amounts: [100n, 100n] }];
        const ledger = await alice.openLedger(irene, deposits);
        const other = await irene.openLedger(bob, deposits);
        const isSettled = (event: NodeEvent): boolean =>
          event.type === "SupportedStateAdvanced" &&
          event.channelId === other &&
          event.turnNum === 2;
        stopAt("bob", isSettled);
        void alice.tryToOpenVirtual(bob, [{ asset: eth, amounts: [30n, 10n] }]);
        await world.pause(2_000);
        expect(world.node("bob").isRunning).toBe(false);
        await challenge("bob", targetOf(scene), 0);
        const over = irene.dispute(other);
        await world.pause(60_000);
        await challenge("bob", other, 2);
        await over;
        await chain.mineUntil(chain.newestSec() + WINDOW_SEC);
        for (const name of ["alice", "irene"] as const) left.push(restOf(world.node(name), ledger));
        won = (await irene.wallet(eth)) - before;
      });
      expect(left).toEqual([FREE, FREE]);
      // What she put into her ledger with Alice is still there.
      expect(won).toBe(-100n);
    },
    60_000,
  );
});
