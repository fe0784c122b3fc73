/** A node of go-nitro that is slow. */
import { describe, expect } from "bun:test";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { closeVirtual, openRoute, openVirtual } from "./go-stories.ts";
import { playGoWorld } from "./go-world.ts";

const chainOf = chainOfFile("model");

/** Half of what an opening may take elsewhere, and a bit more: the prefund is in time, and nothing else. */
const SLOW_MS = 40_000;

describe("a node of go-nitro that is slow", () => {
  adversarial(
    "is waited for once all have signed the prefund: it has no word for giving up",
    async () => {
      const links = { "irene>alice": { latencyMs: [SLOW_MS, SLOW_MS] as const } };
      const how = { seed: 1, chain: chainOf(), network: { links } };
      await playGoWorld({ ...how, ours: ["alice"], theirs: ["irene", "bob"] }, async (go) => {
        await openRoute(go);
        const before = go.world.virtualMs;
        const channel = await openVirtual(go, [10n, 5n]);
        expect(go.world.virtualMs - before).toBeGreaterThan(2 * SLOW_MS);
        const { engine } = go.world.node("alice");
        expect(engine.objective(virtualFundId(channel))?.status).toBe("Completed");
        await closeVirtual(go, channel, "bob");
      });
    },
  );
});
