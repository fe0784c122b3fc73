/** Checkpoints by which a peer hides a state: the log names its turn alone. */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { playDispute } from "./dispute-scene.ts";

const chainOf = chainOfFile();

describe("a peer who records a state for which it withholds its signature", () => {
  adversarial(
    "does not keep the other one from a challenge with that state",
    async () => {
      let won = -1n;
      await playDispute({ chain: chainOf(), cast: ["alice", "bob"] }, async (scene) => {
        const { checkpoint, stage, stopAt, world } = scene;
        const { alice, bob, eth } = stage;
        const before = await alice.wallet(eth);
        const channelId = await alice.openChannel([bob], [{ asset: eth, amounts: [50n, 50n] }]);
        stopAt("bob", (event) => event.type === "SupportedStateAdvanced" && event.turnNum === 2);
        void alice.tryToPay(channelId, bob, eth, 10n);
        await world.pause(30_000);
        expect(world.node("bob").isRunning).toBe(false);
        await checkpoint("bob", channelId, 2);
        await world.pause(60_000);
        await alice.dispute(channelId);
        won = (await alice.wallet(eth)) - before;
      });
      expect(won).toBe(-10n);
    },
    60_000,
  );
});
