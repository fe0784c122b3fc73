/** A node of ours that crashes while it deals with nodes of go-nitro. */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import { drawBetween } from "../../sim/keyed-random.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import {
  balancesOf,
  closeLedger,
  closeVirtual,
  openRoute,
  openVirtual,
  promise,
  THREE,
} from "./go-stories.ts";
import { type GoWorld, playGoWorld } from "./go-world.ts";

const chainOf = chainOfFile("model");

/** Seeds that each story is told with. */
const SEEDS = Number(process.env["CHANNELS_GO_SEEDS"] ?? 3);

/** Milliseconds that the node is away: less than a go-nitro node tries to reach it. */
const AWAY_MS = 4_000;

/** Crashes the node again and again, each time at a moment when no line to it is on its way. */
async function crashOften(go: GoWorld, name: ActorName, seed: number): Promise<number> {
  const node = go.world.node(name);
  let crashes = 0;
  for (let n = 0; !isOver(go); n++) {
    await go.world.pause(drawBetween([500, 15_000], seed, "crash", name, n));
    while (!isOver(go) && hasLines(go, name)) await go.world.pause(10);
    if (isOver(go)) break;
    node.crash();
    go.peersOf(name).close();
    crashes += 1;
    await go.world.pause(AWAY_MS);
    await node.start();
  }
  return crashes;
}

const over = new WeakSet<GoWorld>();
const isOver = (go: GoWorld): boolean => over.has(go);

/** A line that is lost at the moment of a crash is lost for good: a go-nitro node says nothing twice. */
function hasLines({ peersOf, world }: GoWorld, name: ActorName): boolean {
  const isOnItsWay = world.trace.entries.some(
    (entry) =>
      entry.type === "Frame" &&
      entry.to === name &&
      entry.arrivesAtMs.some((atMs) => atMs >= world.virtualMs),
  );
  return isOnItsWay || peersOf(name).kept().items > 0;
}

async function tell(seed: number, mine: ActorName): Promise<number> {
  const theirs = THREE.filter((name) => name !== mine);
  let crashes: Promise<number> | undefined;
  await playGoWorld({ seed, chain: chainOf(), ours: [mine], theirs }, async (go) => {
    crashes = crashOften(go, mine, seed);
    const { left, right } = await openRoute(go, seed % 2 === 0 ? "irene" : "bob");
    const channel = await openVirtual(go, [10n, 5n]);
    await promise(go, channel, 3n);
    await closeVirtual(go, channel, seed % 2 === 0 ? mine : "alice");
    expect(balancesOf(go, left, "alice")).toEqual([57n, 43n]);
    await closeLedger(go, left, "alice", "irene");
    await closeLedger(go, right, "bob", "irene");
    over.add(go);
    await crashes;
  });
  return (await crashes) ?? 0;
}

describe("a node that crashes while it deals with nodes of go-nitro", () => {
  for (const mine of THREE) {
    crash(`goes on as ${mine}, and says again what it may not have said`, async () => {
      let crashes = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        crashes += await tell(seed, mine).catch((error: unknown) => {
          throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          });
        });
      }
      expect(crashes).toBeGreaterThan(SEEDS * 3);
    });
  }
});
