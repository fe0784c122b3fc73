/** A payee whose log has lost its end is told again what was paid to it, and loses nothing. */
import { describe, expect } from "bun:test";
import { createStage } from "../../sim/stage.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { playWorld } from "../played-world.ts";
import { recordsOf, rollBack } from "./rolled-back.ts";

const chainOf = chainOfFile();

/** Records that are lost: two payments by Alice, each a voucher and its message, and what was answered. */
const LOST = 4;

describe("a payee whose log has lost its end", () => {
  crash("hears of the payments again, and takes the next one", async () => {
    await playWorld(
      { seed: 1, cast: ["alice", "irene", "bob"], chain: chainOf() },
      async (world) => {
        const { alice, bob, irene, eth, pause } = createStage(world, {});
        const deposits = [{ asset: eth, amounts: [20n, 20n] }];
        await alice.openLedger(irene, deposits);
        await irene.openLedger(bob, deposits);
        const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [6n, 4n] }]);
        for (let count = 0; count < 3; count++) await alice.payVirtually(channel, eth, 1n);
        await pause(1_000);
        const node = world.node("bob");
        const records = await recordsOf(node);
        bob.crash();
        await rollBack(node, records, records.length - LOST, "anchor");
        await bob.restart();
        expect(received()).toEqual([1n]);

        await pause(60_000);
        expect(received()).toEqual([3n]);
        await alice.payVirtually(channel, eth, 2n);
        expect(received()).toEqual([5n]);

        function received(): readonly bigint[] | undefined {
          const known = assertDefined(node.engine.channel(channel), "the channel");
          return known.vouchers.received?.amounts;
        }
      },
    );
  });
});
