/** A payee that was away takes what was paid meanwhile: after its first look at the chain, and not before. */
import { describe, expect } from "bun:test";
import { createStage } from "../../sim/stage.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { playWorld } from "../played-world.ts";

const chainOf = chainOfFile();

/** Virtual milliseconds that the chain takes for each answer: a peer repeats its message in less. */
const SLOW_MS = 4_000;

describe("a payee that comes back", () => {
  crash("takes what was paid meanwhile, though its chain is slow", async () => {
    await playWorld(
      { seed: 1, cast: ["alice", "irene", "bob"], chain: chainOf() },
      async (world) => {
        const { alice, bob, irene, eth, pause } = createStage(world, {});
        const deposits = [{ asset: eth, amounts: [20n, 20n] }];
        await alice.openLedger(irene, deposits);
        await irene.openLedger(bob, deposits);
        const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [6n, 4n] }]);
        bob.crash();
        const paid = alice.payVirtually(channel, eth, 3n);
        await pause(1_000);
        slowDown(world.node("bob").parts, pause);

        await bob.restart();
        await pause(SLOW_MS);
        expect(received()).toBe(undefined);
        await paid;

        expect(received()).toEqual([3n]);

        function received(): readonly bigint[] | undefined {
          const known = assertDefined(world.node("bob").engine.channel(channel), "the channel");
          return known.vouchers.received?.amounts;
        }
      },
    );
  });
});

type Parts = { rpcs: readonly EthereumRpc[] };

function slowDown(parts: Parts, pause: (durationMs: number) => Promise<void>): void {
  parts.rpcs = parts.rpcs.map((rpc) => ({
    request: async (method, params) => {
      await pause(SLOW_MS);
      return rpc.request(method, params);
    },
  }));
}
