/** A watchtower over a chain that takes back more than counts as confirmed. */
import { describe, expect } from "bun:test";
import { ScenarioFailure } from "../../sim/scenario.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { integration } from "../kind.ts";
import { AFTER_WINDOW_MS, gainsOf, paidChannel, SOON_MS, tellWatched } from "./watched-story.ts";

const chainOf = chainOfFile();
const TWO = { cast: ["alice", "bob"], watched: ["bob"] } as const;
const TIME_MAX_MS = 120_000;

/** Virtual milliseconds after which the tower has answered a challenge, and the answer is mined. */
const ANSWERED_MS = 48_000;

describe("a reorganisation", () => {
  integration(
    "that takes a challenge and its answer back leaves the answer, which keeps the challenge away",
    async () => {
      await tellWatched(chainOf(), TWO, async ({ alice, bob, chain, pause, sent, tower }) => {
        const channelId = await paidChannel(alice, bob);
        bob.crash();
        alice.crash();
        await alice.challengeWith(channelId, 1);
        await pause(ANSWERED_MS + SOON_MS);
        expect(sent()).toEqual(["Checkpoint Succeeded"]);
        await chain.reorg({ depth: 16, droppedFraction: 1 });
        await pause(24_000);
        expect(tower.tower.view().channels.get(channelId)?.adjudication.type).toBe("Open");
        await pause(SOON_MS);

        expect(sent()).toEqual(["Checkpoint Succeeded"]);
        const again = alice.challengeWith(channelId, 1);
        expect(await again.catch((error: unknown) => error)).toBeInstanceOf(ScenarioFailure);
        await alice.restart();
        await bob.restart();
        await pause(SOON_MS);
        expect(bob.adjudication(channelId)).toEqual({ type: "Open", turnNumRecord: 2 });
      });
    },
    TIME_MAX_MS,
  );

  integration(
    "that takes the answer back alone has it sent again in time",
    async () => {
      await tellWatched(chainOf(), TWO, async ({ alice, bob, chain, pause, sent, tower }) => {
        const channelId = await paidChannel(alice, bob);
        bob.crash();
        alice.crash();
        await alice.challengeWith(channelId, 1);
        const challengedSec = chain.newestSec();
        await chain.mineUntil(challengedSec + 96);
        expect(sent()).toEqual(["Checkpoint Succeeded"]);
        await chain.reorg({ depth: 7, droppedFraction: 1 });
        await pause(30_000);
        const { calls, channels } = tower.tower.view();
        expect([...calls.values()].map(({ status }) => status)).toEqual(["Signed"]);
        expect(channels.get(channelId)?.adjudication.type).toBe("Challenged");
        await pause(AFTER_WINDOW_MS);

        expect(sent()).toEqual(["Checkpoint Succeeded"]);
        await alice.restart();
        await bob.restart();
        await pause(SOON_MS);
        expect(bob.adjudication(channelId)).toEqual({ type: "Open", turnNumRecord: 2 });
      });
    },
    TIME_MAX_MS,
  );

  integration(
    "that takes a payout back while the tower is down has it made again once it is there",
    async () => {
      await tellWatched(chainOf(), TWO, async (told) => {
        const { alice, bob, chain, eth, pause, sent, tower, world } = told;
        const channelId = await paidChannel(alice, bob);
        bob.crash();
        alice.crash();
        const without = await bob.wallet(eth);
        const gains = await gainsOf(world, ["alice", "bob"], async () => {
          await alice.challengeWith(channelId, 2);
          await pause(AFTER_WINDOW_MS);
          expect(sent()).toEqual(["TransferAllAssets Succeeded"]);
          tower.crash();
          await chain.reorg({ depth: 30, droppedFraction: 1 });
          await pause(SOON_MS);
          expect(await bob.wallet(eth)).toBe(without);
          await tower.start();
          await pause(AFTER_WINDOW_MS);
        });

        expect(gains).toEqual([30n, 70n]);
        await alice.restart();
        await bob.restart();
        await pause(SOON_MS);
      });
    },
    TIME_MAX_MS,
  );
});
