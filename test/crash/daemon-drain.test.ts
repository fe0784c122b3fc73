/** A node that is asked to end while a peer does not answer: it waits a while, and the peer hears it later. */
import { describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressOf } from "../../sim/simulated-chain.ts";
import { crash } from "../kind.ts";
import { Daemon } from "../processes/daemon.ts";

/** Milliseconds of the story, on a machine that does other things. */
const TIMEOUT_MS = 240_000;

/** Milliseconds until something that is bound to happen has happened. */
const PATIENCE_MS = 60_000;

/** Nobody listens there: messages need no chain. */
const NOWHERE = "http://127.0.0.1:9";

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadlineMs) throw new Error("it did not come about in a minute");
    await Bun.sleep(20);
  }
}

/** True once they have greeted each other: nothing more is said then. */
async function hasGreeted(node: Daemon): Promise<boolean> {
  const heard = async (): Promise<number> => {
    const { peers } = await node.client().call("peers_list", {});
    return peers.reduce((sum, { connection }) => sum + (connection?.messagesIn ?? 0), 0);
  };
  const before = await heard();
  await Bun.sleep(200);
  return before > 0 && (await heard()) === before;
}

async function withTwo(use: (alice: Daemon, bob: Daemon) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "channels-drain-"));
  const parts = { chainUrl: NOWHERE, wire: "tcp" } as const;
  const bob = new Daemon({ ...parts, name: "bob", home: join(home, "bob"), peers: () => [] });
  const places = (): readonly string[] => [bob.place];
  const peers = () => [{ address: addressOf("bob"), places: places() }];
  const alice = new Daemon({ ...parts, name: "alice", home: join(home, "alice"), peers });
  try {
    await bob.start();
    await alice.start();
    await use(alice, bob);
  } finally {
    process.kill(bob.processId, "SIGCONT");
    await alice.kill();
    await bob.kill();
    rmSync(home, { recursive: true, force: true });
  }
}

describe("a node that is asked to end", () => {
  crash(
    "waits for a peer that is there, ends at once when asked again, and tells the rest after its next start",
    () =>
      withTwo(async (alice, bob) => {
        await until(() => hasGreeted(alice));
        process.kill(bob.processId, "SIGSTOP");
        const shares = [{ asset: `0x${"00".repeat(20)}`, mine: "1", theirs: "0" }];
        const { channelId } = await alice
          .client()
          .call("channels_open_direct", { peer: addressOf("bob"), shares });

        const ended = alice.stop();
        const first = await Promise.race([ended, Bun.sleep(500).then(() => "Waiting")]);
        process.kill(alice.processId, "SIGTERM");
        const askedAgainMs = performance.now();
        expect([first, await ended]).toEqual(["Waiting", 143]);
        // Left to itself it would wait for some seconds more.
        expect(performance.now() - askedAgainMs).toBeLessThan(2_500);

        process.kill(bob.processId, "SIGCONT");
        await alice.start();
        await until(async () => {
          const found = await bob.client().call("channels_get", { channelId });
          return found.channelId === channelId;
        });
      }),
    TIMEOUT_MS,
  );
});
