/** Nodes of ours and of go-nitro over lines that are lost, doubled and late. */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import type { LinkConditions, NetworkConditions } from "../../sim/wire.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import {
  balancesOf,
  closeLedger,
  closeVirtual,
  hasty,
  openLedger,
  openRoute,
  openVirtual,
  promise,
  THREE,
} from "./go-stories.ts";
import { playGoWorld } from "./go-world.ts";

const chainOf = chainOfFile("model");

/** Seeds that each story is told with, one for each order of its ledgers. `bun run go-nitro` takes fifty. */
const SEEDS = Number(process.env["CHANNELS_GO_SEEDS"] ?? 2);

/** Lines overtake each other by seconds. */
const LATE: Partial<LinkConditions> = { latencyMs: [5, 4_000] };

/** What a node of ours says is lost, doubled and late; what it is told is doubled and late. Go says nothing twice. */
function around(mine: ActorName): NetworkConditions {
  const others = THREE.filter((name) => name !== mine);
  const links = others.flatMap((name) => [
    [`${mine}>${name}`, { ...LATE, dropFraction: 0.25, duplicateFraction: 0.3 }],
    [`${name}>${mine}`, { ...LATE, duplicateFraction: 0.3 }],
  ]);
  return { links: Object.fromEntries(links) };
}

async function tell(seed: number, mine: ActorName, closer: ActorName): Promise<void> {
  const theirs = THREE.filter((name) => name !== mine);
  const network = around(mine);
  await playGoWorld({ seed, chain: chainOf(), network, ours: [mine], theirs }, async (go) => {
    const { left, right } = await openRoute(go, seed % 2 === 0 ? "irene" : "bob");
    const [one, other] = await Promise.all([
      openVirtual(go, [10n, 5n], 3n),
      openVirtual(go, [7n, 1n], 4n),
    ]);
    await promise(go, one, 3n);
    await promise(go, other, 1n);
    await promise(go, one, 4n);
    await Promise.all([closeVirtual(go, one, closer), closeVirtual(go, other, mine)]);
    expect(balancesOf(go, left, "alice")).toEqual([52n, 48n]);
    await closeLedger(go, left, "alice", "irene");
    await closeLedger(go, right, "bob", "irene");
  });
}

/** Says of an error with which seed it came. */
async function told(seed: number, story: () => Promise<void>): Promise<void> {
  try {
    await story();
  } catch (error) {
    const message = error instanceof Error ? error.message : `${error}`;
    throw new Error(`seed ${seed}: ${message}`, { cause: error });
  }
}

describe("lines that are lost, doubled and late", () => {
  for (const mine of THREE) {
    for (const closer of THREE) {
      adversarial(
        `bring no node of go-nitro down, with ${mine} ours and ${closer} closing`,
        async () => {
          for (let seed = 1; seed <= SEEDS; seed++) {
            try {
              await tell(seed, mine, closer);
            } catch (error) {
              throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, {
                cause: error,
              });
            }
          }
        },
      );
    }
  }
});

/** Goes on as soon as its own node has done its part, whatever the others have heard of it. */
async function tellHastily(seed: number, mine: "alice" | "bob"): Promise<void> {
  const theirs = THREE.filter((name) => name !== mine);
  const network = around(mine);
  await playGoWorld({ seed, chain: chainOf(), network, ours: [mine], theirs }, async (go) => {
    const leader = seed % 2 === 0 ? "irene" : mine;
    const isAlice = mine === "alice";
    const other = isAlice ? ([50n, 50n] as const) : ([60n, 40n] as const);
    await openLedger(go, "irene", isAlice ? "bob" : "alice", other, 2n);
    const mineNow = hasty(go, mine);
    const follower = leader === mine ? "irene" : mine;
    const patient = isAlice ? mineNow : go;
    const ledger = await openLedger(patient, leader, follower, [50n, 50n], 1n);
    const channel = await openVirtual(patient, [10n, 5n], 3n);
    await promise(go, channel, 3n);
    await closeVirtual(mineNow, channel, mine);
    await closeLedger(go, ledger, mine, "irene");
  });
}

describe("a node of ours that waits for nobody", () => {
  for (const mine of ["alice", "bob"] as const) {
    adversarial(`brings no node of go-nitro down, as ${mine}`, async () => {
      for (let seed = 1; seed <= 3 * SEEDS; seed++) await told(seed, () => tellHastily(seed, mine));
    });
  }
});
