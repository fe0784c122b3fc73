/** Many virtual channels at once, refusals, and nodes of ours that speak go-nitro's lines with each other. */
import { describe, expect } from "bun:test";
import { channelIdOf } from "../../src/channel/channel-id.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, concurrency, integration } from "../kind.ts";
import {
  balancesOf,
  closeLedger,
  closeVirtual,
  openLedger,
  openRoute,
  openVirtual,
  promise,
  THREE,
  until,
} from "./go-stories.ts";
import { playGoWorld } from "./go-world.ts";

const chainOf = chainOfFile("model");

/** Channels that are open at once. */
const COUNT = 8;

/** Lines overtake each other. */
const LATE = { latencyMs: [5, 900] } as const;

describe("a hub", () => {
  for (const mine of THREE) {
    for (const secondLeader of ["irene", "bob"] as const) {
      concurrency(
        `carries ${COUNT} channels at once, with ${mine} ours and ${secondLeader} leading`,
        async () => {
          const theirs = THREE.filter((name) => name !== mine);
          const how = { seed: 5, chain: chainOf(), network: LATE };
          await playGoWorld({ ...how, ours: [mine], theirs }, async (go) => {
            const { left, right } = await openRoute(go, secondLeader);
            const nonces = Array.from({ length: COUNT }, (_, index) => BigInt(index + 10));
            const open = await Promise.all(nonces.map((nonce) => openVirtual(go, [5n, 3n], nonce)));
            for (const channel of open) await promise(go, channel, 2n);
            await Promise.all(
              open.map((channel, index) => closeVirtual(go, channel, THREE[index % 3] ?? mine)),
            );
            expect(balancesOf(go, left, "irene")).toEqual([44n, 56n]);
            await closeLedger(go, left, "irene", "alice");
            await closeLedger(go, right, "irene", "bob");
          });
        },
      );
    }
  }
});

describe("a refusal", () => {
  integration("of a node of go-nitro ends the opening for a node of ours", async () => {
    let isWilling = true;
    const how = { seed: 2, chain: chainOf(), ours: ["alice"], theirs: ["irene", "bob"] } as const;
    const approves = (name: string): boolean => isWilling || name !== "bob";
    await playGoWorld({ ...how, approves }, async (go) => {
      await openRoute(go);
      isWilling = false;
      const { engine } = go.world.node("alice");
      const answer = await engine.submit({
        type: "FundVirtually",
        payee: go.address("bob"),
        route: { intermediaries: [go.address("irene")], fees: [0n] },
        ledgerId: undefined,
        shares: [{ asset: ZERO_ADDRESS, left: 5n, right: 0n }],
        appDefinition: ZERO_ADDRESS,
        challengeDurationSec: 86_400,
      });
      if (!answer.ok) throw new Error(answer.reason.code);
      const statusOf = (): string | undefined => engine.objective(answer.value)?.status;
      await until(go, "the refusal", () => statusOf() === "Rejected");
      expect(engine.objective(answer.value)?.rejectionCode).toBe("RejectedByPeer");
    });
  });

  adversarial("of a node of ours is told to those alone who know of the opening", async () => {
    const how = { seed: 2, chain: chainOf(), ours: ["irene"], theirs: ["alice", "bob"] } as const;
    await playGoWorld(how, async (go) => {
      const { left, right } = await openRoute(go);
      const fixedPart = go.fixedPart(THREE, 9n, ZERO_ADDRESS);
      // More than irene can lock up for bob: a node of go-nitro would stop at it.
      go.go("alice").engine.createVirtual(
        fixedPart,
        go.outcome([
          ["alice", 55n],
          ["bob", 0n],
        ]),
      );
      const id = virtualFundId(channelIdOf(fixedPart));
      const statusAt = (name: "alice" | "bob"): string | undefined =>
        go.go(name).engine.objectives.get(id)?.status;
      await until(go, "the refusal", () => statusAt("alice") === "Rejected");
      expect(go.world.node("irene").engine.objective(id)).toBeUndefined();
      await closeLedger(go, left, "irene", "alice");
      await closeLedger(go, right, "irene", "bob");
    });
  });

  integration("of an app is told to the node of go-nitro that asked for it", async () => {
    const how = { seed: 2, chain: chainOf(), ours: ["alice"], theirs: ["irene"] } as const;
    await playGoWorld(how, async (go) => {
      const app = go.world.options.chain.deployment.paymentApp;
      const fixedPart = go.fixedPart(["irene", "alice"], 9n, app);
      const outcome = go.outcome([
        ["irene", 5n],
        ["alice", 5n],
      ]);
      const id = go.go("irene").engine.createLedger(fixedPart, outcome);
      const statusOf = (): string | undefined => go.go("irene").engine.objectives.get(id)?.status;
      await until(go, "the refusal", () => statusOf() === "Rejected");
      expect(go.faults.map(({ code }) => code)).toContain("AppNotAllowed");
      await openLedger(go, "alice", "irene", [1n, 1n]);
    });
  });
});

describe("nodes of ours", () => {
  for (const seed of [1, 2, 3]) {
    integration(
      `understand each other's lines of go-nitro, lost and late ones too; seed ${seed}`,
      async () => {
        const network = { ...LATE, dropFraction: 0.2, duplicateFraction: 0.2 };
        const how = { seed, chain: chainOf(), network, ours: THREE, theirs: [], isOverLines: true };
        await playGoWorld(how, async (go) => {
          const { left, right } = await openRoute(go, "bob");
          const channel = await openVirtual(go, [10n, 5n]);
          await promise(go, channel, 3n);
          await closeVirtual(go, channel, "bob");
          expect(balancesOf(go, left, "irene")).toEqual([57n, 43n]);
          await closeLedger(go, left, "irene", "alice");
          await closeLedger(go, right, "irene", "bob");
        });
      },
    );
  }
});
