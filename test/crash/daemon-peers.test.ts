/** A peer that a running node was told of: known after `kill -9`, dialed again, and forgotten once it is taken back. */
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

/** Nobody listens there: connections of peers need no chain. */
const NOWHERE = "http://127.0.0.1:9";

async function untilConnected(node: Daemon): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const { peers } = await node.client().call("peers_list", {});
    if (peers.some(({ connection }) => connection !== null)) return;
    if (performance.now() > deadlineMs) throw new Error("no peer came in a minute");
    await Bun.sleep(20);
  }
}

describe("a peer that a request has added", () => {
  crash(
    "is dialed again after kill -9, until a request takes it back",
    async () => {
      const home = mkdtempSync(join(tmpdir(), "channels-peers-"));
      const parts = { chainUrl: NOWHERE, wire: "tcp", peers: () => [] } as const;
      const bob = new Daemon({ ...parts, name: "bob", home: join(home, "bob") });
      const alice = new Daemon({ ...parts, name: "alice", home: join(home, "alice") });
      const address = addressOf("bob");
      try {
        await bob.start();
        await alice.start();
        await alice.client().call("peers_add", { address, place: bob.place });
        await alice.kill();
        await alice.start();
        await untilConnected(alice);

        await alice.client().call("peers_remove", { address });
        expect((await alice.client().call("peers_list", {})).peers).toEqual([]);
        await alice.kill();
        await alice.start();
        expect((await alice.client().call("peers_list", {})).peers).toEqual([]);
      } finally {
        await alice.kill();
        await bob.kill();
        rmSync(home, { recursive: true, force: true });
      }
    },
    TIMEOUT_MS,
  );
});
