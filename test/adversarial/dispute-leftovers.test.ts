/** Disputes that are over, and a stranger who wants them to begin again. */
import { describe, expect } from "bun:test";
import { depositCall } from "../../src/chain/adjudicator.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { playDispute, WINDOW_SEC } from "./dispute-scene.ts";

const chainOf = chainOfFile();

/** Deposits that the stranger makes. */
const DEPOSITS = 3;

describe("a stranger who puts one wei after the other into a channel that the chain has ended", () => {
  adversarial(
    "makes nobody pay it out again and again",
    async () => {
      let requested = -1;
      await playDispute({ chain: chainOf(), cast: ["alice", "bob"] }, async (scene) => {
        const { call, chain, challenge, stage, stopAt, world } = scene;
        const { alice, bob, eth } = stage;
        const { adjudicator } = world.options.chain.deployment;
        let opened: ChannelId | undefined;
        stopAt("alice", (event) => {
          if (event.type !== "SupportedStateAdvanced") return false;
          opened = event.channelId;
          return true;
        });
        void alice.openChannel([bob], [{ asset: eth, amounts: [50n, 50n] }]).catch(() => {});
        await world.pause(30_000);
        const channelId = assertDefined(opened, "a channel whose prefund all have signed");
        await challenge("alice", channelId, 0);
        await chain.mineUntil(chain.newestSec() + 2 * WINDOW_SEC);
        for (let count = 0; count < DEPOSITS; count++) {
          // The first one is paid out, and what comes behind it stays.
          const expectedHeld = BigInt(Math.max(0, count - 1));
          const wei = { asset: eth.address, channelId, expectedHeld, amount: 1n };
          await call(depositCall(adjudicator, wei), "one wei");
          await chain.mineUntil(chain.newestSec() + WINDOW_SEC);
        }
        requested = 0;
        for await (const { event } of world.node("bob").store.readFrom(0)) {
          if (event.type === "TransactionRequested") requested += 1;
        }
      });
      expect(requested).toBe(1);
    },
    60_000,
  );
});
