/**
 * A node that is killed at any moment loses nothing that its API acknowledged. `CHANNELS_KILLS` says how often, ten
 * times as often as it is here.
 */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf } from "../../sim/simulated-chain.ts";
import { crash } from "../kind.ts";
import { Daemon } from "../processes/daemon.ts";

/** Lives of the node: 4, or a tenth of what the environment asks for. */
const LIVES = Math.ceil(Number(process.env["CHANNELS_KILLS"] ?? 40) / 10);

/** Milliseconds for one life, on a machine that does other things. */
const LIFE_MS = 60_000;

/** Channels that are asked for in one life, all at once. */
const WISHES = 40;

/** Nobody listens there: what is asked for needs no chain to be acknowledged. */
const NOWHERE = "http://127.0.0.1:9";

/** Asks for channels until the node is gone. Gives the channels whose opening was acknowledged. */
async function askUntilKilled(node: Daemon, killAfter: number): Promise<readonly string[]> {
  const client = node.client();
  const acknowledged: string[] = [];
  const peer = addressOf("bob");
  const shares = [{ asset: `0x${"00".repeat(20)}`, mine: "1", theirs: "1" }];
  const ask = async (): Promise<void> => {
    const { channelId } = await client.call("channels_open_direct", { peer, shares });
    acknowledged.push(channelId);
    if (acknowledged.length === killAfter) await node.kill();
  };
  await Promise.allSettled(Array.from({ length: WISHES }, ask));
  await node.kill();
  return acknowledged;
}

describe("a node that is killed", () => {
  crash(
    "has everything after its next start that it had acknowledged",
    async () => {
      const home = mkdtempSync(join(tmpdir(), "channels-killed-"));
      const node = new Daemon({
        name: "alice",
        home,
        chainUrl: NOWHERE,
        wire: "tcp",
        peers: () => [{ address: addressOf("bob"), places: [] }],
      });
      try {
        const acknowledged = new Set<string>();
        for (let life = 1; life <= LIVES; life++) {
          await node.start();
          const asked = await askUntilKilled(node, (life * 7) % WISHES);
          for (const channelId of asked) acknowledged.add(channelId);
        }
        await node.start();
        const client = node.client();
        const found = await Promise.all(
          [...acknowledged].map((channelId) => client.call("channels_get", { channelId })),
        );

        expect(acknowledged.size).toBeGreaterThanOrEqual(LIVES);
        expect(found.map(({ channelId }) => channelId)).toEqual([...acknowledged]);
        expect(await node.stop()).toBe(143);
      } finally {
        await node.kill();
        rmSync(home, { recursive: true, force: true });
      }
    },
    (LIVES + 1) * LIFE_MS,
  );
});
