/** Virtual channels in which a node of ours meets two nodes of go-nitro. */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../sim/actors.ts";
import type { NetworkConditions } from "../../sim/wire.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { integration } from "../kind.ts";
import {
  balancesOf,
  closeLedger,
  closeVirtual,
  openRoute,
  openVirtual,
  payVirtual,
  THREE,
} from "./go-stories.ts";
import { playGoWorld } from "./go-world.ts";

const chainOf = chainOfFile("evm");

/** From the opening of both ledgers to their payout, with a virtual channel and two payments between. */
async function tellAll(
  ours: readonly ActorName[],
  {
    closer,
    network = {},
    secondLeader,
    seed = 1,
  }: {
    closer: ActorName;
    secondLeader: "bob" | "irene";
    network?: NetworkConditions;
    seed?: number;
  },
): Promise<readonly string[]> {
  const theirs = THREE.filter((name) => !ours.includes(name));
  const codes: string[] = [];
  const how = {
    seed,
    chain: chainOf(),
    network,
    challengeDurationSec: 0,
    signatures: "real",
  } as const;
  await playGoWorld({ ...how, ours, theirs }, async (go) => {
    const { left, right } = await openRoute(go, secondLeader);
    const channel = await openVirtual(go, [10n, 5n]);
    for (const name of ["alice", "irene"] as const) {
      expect(balancesOf(go, left, name)).toEqual([50n, 35n]);
    }
    await payVirtual(go, channel, 3n);
    await payVirtual(go, channel, 4n);
    await closeVirtual(go, channel, closer);
    for (const name of ["alice", "irene"] as const) {
      expect(balancesOf(go, left, name)).toEqual([53n, 47n]);
    }
    await closeLedger(go, left, "alice", "irene");
    await closeLedger(go, right, "bob", "irene");
    codes.push(...go.faults.map(({ code }) => code));
  });
  return codes;
}

describe("a virtual channel with nodes of go-nitro", () => {
  integration(
    "is opened, paid in and closed by nodes of go-nitro alone, as the model has them",
    async () => {
      expect(await tellAll([], { closer: "alice", secondLeader: "irene" })).toEqual([]);
    },
  );

  for (const mine of THREE) {
    for (const closer of THREE) {
      integration(`${mine} is ours, and ${closer} closes it`, async () => {
        const secondLeader = closer === "irene" ? "bob" : "irene";
        expect(await tellAll([mine], { closer, secondLeader })).toEqual([]);
      });
    }
  }
});
