/** A watchtower with several clients, and with one who comes late. */
import { describe, expect } from "bun:test";
import { TOWER_KEEPER } from "../../sim/watchtower.ts";
import { createMemoryDisk } from "../../src/adapters/memory-disk.ts";
import { appointmentsOfAll } from "../../src/engine/appointments.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { LogDisk } from "../../src/store/log-disk.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { integration } from "../kind.ts";
import {
  AFTER_WINDOW_MS,
  gainsOf,
  paidChannel,
  paidVirtually,
  SOON_MS,
  tellWatched,
} from "./watched-story.ts";

const chainOf = chainOfFile();
const TIME_MAX_MS = 120_000;

describe("two clients", () => {
  integration(
    "of one virtual channel are both paid out of their ledgers by one tower",
    async () => {
      const both = { cast: ["alice", "irene", "bob"], watched: ["alice", "bob"] } as const;
      await tellWatched(chainOf(), { ...both, signatures: "real" }, async (told) => {
        const { alice, bob, irene, pause, sent, tower, world } = told;
        const { channelId, left, right } = await paidVirtually(told, [20n, 30n]);
        await pause(SOON_MS);
        const { appointments } = tower.tower.view();
        expect(appointments.get(channelId)?.size).toBe(2);
        expect(appointments.get(left)?.size).toBe(1);
        for (const actor of [alice, bob, irene]) actor.crash();
        const gains = await gainsOf(world, ["alice", "irene", "bob"], async () => {
          await irene.challengeWith(left, 1);
          await irene.challengeWith(channelId, 1);
          await irene.challengeWith(right, 2);
          await pause(SOON_MS);
          await irene.challengeWith(left, 2);
          await pause(AFTER_WINDOW_MS);
        });

        expect(gains).toEqual([450n, 1_000n, 550n]);
        expect(sent().toSorted()).toEqual([
          "Challenge Succeeded",
          "Checkpoint Succeeded",
          "Reclaim Succeeded",
          "Reclaim Succeeded",
          "TransferAllAssets Succeeded",
          "TransferAllAssets Succeeded",
        ]);
        for (const actor of [alice, bob, irene]) await actor.restart();
        for (const actor of [alice, bob, irene]) await actor.sawEnd(channelId);
      });
    },
    TIME_MAX_MS,
  );
});

describe("a client who comes late", () => {
  integration(
    "is helped against a challenge that was there before her first appointment",
    async () => {
      const other = { cast: ["alice", "irene", "bob"], watched: ["irene"] } as const;
      await tellWatched(chainOf(), other, async (told) => {
        const { alice, bob, chain, pause, sent, tower, world } = told;
        const channelId = await paidChannel(alice, bob);
        const node = world.node("bob");
        const [notice] = appointmentsOfAll(node.engine.view(), node.rules().context);
        bob.crash();
        alice.crash();
        await alice.challengeWith(channelId, 1);
        await pause(SOON_MS);
        expect(sent()).toEqual([]);
        // The tower cannot ask the chain at once, and does so later.
        chain.pauseRpc(TOWER_KEEPER, 30);
        const given = assertDefined(notice, "what Bob's node would give");
        if (given.type === "Give") void tower.tower.give(node.address, given.appointment);
        await pause(2 * SOON_MS);

        expect(sent()).toEqual(["Checkpoint Succeeded"]);
        await bob.restart();
        await alice.restart();
        await pause(SOON_MS);
        expect(bob.adjudication(channelId)).toEqual({ type: "Open", turnNumRecord: 2 });
      });
    },
    TIME_MAX_MS,
  );

  integration(
    "is told to the tower again when her node starts, and forgotten when her channel is over",
    async () => {
      const own = { cast: ["alice", "bob"], watched: ["bob"] } as const;
      await tellWatched(chainOf(), own, async ({ alice, bob, pause, tower }) => {
        const channelId = await paidChannel(alice, bob);
        await pause(1_000);
        const before = tower.tower.view().appointments.get(channelId);
        bob.crash();
        await bob.restart();
        await pause(1_000);
        expect(tower.tower.view().appointments.get(channelId)).toBe(assertDefined(before, "one"));

        await alice.closeChannel(channelId);
        await pause(1_000);
        expect(tower.tower.view().appointments.size).toBe(0);
      });
    },
    TIME_MAX_MS,
  );

  integration(
    "has everything told again by her node's next start, to a tower that has lost its log",
    async () => {
      const own = { cast: ["alice", "bob"], watched: ["bob"] } as const;
      await tellWatched(chainOf(), own, async ({ alice, bob, pause, tower }) => {
        const channelId = await paidChannel(alice, bob);
        await pause(1_000);
        tower.crash();
        (tower.parts as { disk: LogDisk }).disk = createMemoryDisk();
        await tower.start();
        await pause(1_000);
        expect(tower.tower.view().appointments.size).toBe(0);

        bob.crash();
        await bob.restart();
        await pause(1_000);
        const [given] = tower.tower.view().appointments.get(channelId)?.values() ?? [];
        expect(given?.candidate.variablePart.turnNum).toBe(2);
      });
    },
    TIME_MAX_MS,
  );
});
