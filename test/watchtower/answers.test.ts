/** A watchtower answers what others show while its client is away, and takes her money off the chain. */
import { describe, expect } from "bun:test";
import { supportedStates } from "../../sim/hostile-calls.ts";
import { concludeCall } from "../../src/chain/adjudicator.ts";
import { prospectOf } from "../../src/chain/pointless.ts";
import { reconstructChannel } from "../../src/engine/reconstruction.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { isActive } from "../../src/protocols/objective.ts";
import { allSignatures } from "../../src/protocols/signing.ts";
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
const TWO = { cast: ["alice", "bob"], watched: ["bob"] } as const;
// Redemptions hold vouchers, whose signatures the contract checks in the very bytes that were signed.
const THREE = { cast: ["alice", "irene", "bob"], watched: ["bob"], signatures: "real" } as const;
const TIME_MAX_MS = 120_000;

describe("an older state of a channel that goes on", () => {
  integration(
    "is answered by a checkpoint, and the channel goes on when its owner comes back",
    async () => {
      await tellWatched(chainOf(), TWO, async (told) => {
        const { adjudicator, alice, bob, chain, eth, pause, sent, tower, world } = told;
        const channelId = await paidChannel(alice, bob);
        bob.crash();
        alice.crash();
        await alice.challengeWith(channelId, 1);
        await pause(AFTER_WINDOW_MS);
        expect(sent()).toEqual(["Checkpoint Succeeded"]);
        // Whoever comes second finds out before it costs her anything.
        const [answer] = tower.tower.view().calls.values();
        const look = { rpc: world.door.rpcOf("bob"), adjudicator, headSec: chain.newestSec() };
        expect(await prospectOf(look, assertDefined(answer, "the answer").call)).toEqual({
          type: "Pointless",
          reason: "a state of turn 2 is on record",
        });

        await bob.restart();
        await alice.restart();
        await pause(SOON_MS);
        const engine = world.node("bob").engine;
        expect(bob.adjudication(channelId)).toEqual({ type: "Open", turnNumRecord: 2 });
        expect(engine.objectives().filter(isActive)).toEqual([]);
        expect(engine.objectives().some(({ goal }) => goal.type === "Dispute")).toBe(false);

        await bob.pay(channelId, alice, eth, 5n);
        const gains = await gainsOf(world, ["alice", "bob"], () => alice.closeChannel(channelId));
        expect(gains).toEqual([35n, 65n]);
      });
    },
    TIME_MAX_MS,
  );

  integration(
    "is answered by tower and owner alike when she comes back in the middle of it, and nothing is lost",
    async () => {
      await tellWatched(chainOf(), TWO, async ({ alice, bob, chain, pause, sent, world }) => {
        const channelId = await paidChannel(alice, bob);
        bob.crash();
        alice.crash();
        const gains = await gainsOf(world, ["alice", "bob"], async () => {
          await alice.challengeWith(channelId, 1);
          await chain.mineUntil(chain.newestSec() + 24);
          await bob.restart();
          await alice.restart();
          await bob.sawEnd(channelId);
          await pause(SOON_MS);
        });

        expect(sent().join()).toContain("Checkpoint");
        expect(gains).toEqual([30n, 70n]);
      });
    },
    TIME_MAX_MS,
  );
});

describe("the newest state", () => {
  integration(
    "is not answered, and paid out once nobody has",
    async () => {
      await tellWatched(chainOf(), TWO, async ({ alice, bob, pause, sent, world }) => {
        const channelId = await paidChannel(alice, bob);
        bob.crash();
        alice.crash();
        const gains = await gainsOf(world, ["alice", "bob"], async () => {
          await alice.challengeWith(channelId, 2);
          await pause(AFTER_WINDOW_MS);
        });

        expect(sent()).toEqual(["TransferAllAssets Succeeded"]);
        expect(gains).toEqual([30n, 70n]);
        await bob.restart();
        await alice.restart();
        await bob.sawEnd(channelId);
        await alice.sawEnd(channelId);
      });
    },
    TIME_MAX_MS,
  );
});

describe("a state that all signed to end", () => {
  integration(
    "is shown by a conclude, and paid out, when somebody shows an older one instead",
    async () => {
      await tellWatched(chainOf(), TWO, async ({ alice, bob, pause, sent, world }) => {
        const channelId = await paidChannel(alice, bob);
        const gains = await gainsOf(world, ["alice", "bob"], async () => {
          await alice.askToClose(channelId);
          await world.node("bob").next(({ event }) => event.type === "ChannelFinalized");
          await pause(50);
          bob.crash();
          alice.crash();
          await alice.challengeWith(channelId, 1);
          await pause(AFTER_WINDOW_MS);
        });

        expect(sent().join()).toContain("Conclude Succeeded");
        expect(gains).toEqual([30n, 70n]);
        await bob.restart();
        await alice.restart();
        await bob.sawEnd(channelId);
        await alice.sawEnd(channelId);
      });
    },
    TIME_MAX_MS,
  );

  integration(
    "is paid out by what its owner has signed, when the other end alone has the whole and concludes by it",
    async () => {
      await tellWatched(chainOf(), TWO, async (told) => {
        const { adjudicator, alice, bob, chain, pause, sent, world } = told;
        const channelId = await paidChannel(alice, bob);
        const gains = await gainsOf(world, ["alice", "bob"], async () => {
          await alice.askToClose(channelId);
          await world.node("alice").next(({ event }) => event.type === "ChannelFinalized");
          // Her signature is on its way, and nobody is there for it.
          bob.crash();
          alice.crash();
          await pause(1_000);
          const states = await supportedStates(world.node("alice"), channelId);
          const final = assertDefined(states.at(-1), "the final state");
          const channel = await reconstructChannel(
            world.node("bob").store,
            channelId,
            world.node("bob").store.length,
          );
          const { fixedPart, supported } = assertDefined(channel, "Bob's channel");
          expect(supported?.variablePart.isFinal).toBe(false);
          const { variablePart } = final;
          const call = concludeCall(adjudicator, fixedPart, variablePart, allSignatures(final));
          await chain.mined(await chain.asStranger(call, { label: "conclude" }));
          await pause(AFTER_WINDOW_MS);
        });

        expect(sent()).toEqual(["TransferAllAssets Succeeded"]);
        expect(gains).toEqual([30n, 70n]);
        await bob.restart();
        await alice.restart();
        await bob.sawEnd(channelId);
        await alice.sawEnd(channelId);
      });
    },
    TIME_MAX_MS,
  );
});

describe("the vouchers of a virtual channel", () => {
  integration(
    "are redeemed against its opening, reclaimed in the ledger, and paid out",
    async () => {
      await tellWatched(chainOf(), THREE, async (told) => {
        const { alice, bob, irene, pause, sent, world } = told;
        const { channelId, left, right } = await paidVirtually(told, [20n, 30n]);
        await pause(SOON_MS);
        bob.crash();
        irene.crash();
        const gains = await gainsOf(world, ["bob", "irene"], async () => {
          await irene.challengeWith(channelId, 1);
          await irene.challengeWith(right, 2);
          await pause(AFTER_WINDOW_MS);
        });

        expect(sent()).toEqual([
          "Challenge Succeeded",
          "Reclaim Succeeded",
          "TransferAllAssets Succeeded",
        ]);
        // Bob's own 500 and the two payments; Irene keeps what Alice owes her in their ledger channel.
        expect(gains).toEqual([550n, 450n]);
        await bob.restart();
        await irene.restart();
        await bob.sawEnd(channelId);
        await irene.sawEnd(channelId);
        await alice.sawEnd(channelId);
        await alice.closeChannel(left);
      });
    },
    TIME_MAX_MS,
  );

  integration(
    "wait untouched in the ledger as long as nobody challenges the virtual channel",
    async () => {
      await tellWatched(chainOf(), THREE, async (told) => {
        const { alice, bob, irene, pause, sent, world } = told;
        const { channelId, left, right } = await paidVirtually(told, [20n]);
        await pause(SOON_MS);
        bob.crash();
        irene.crash();
        await irene.challengeWith(right, 2);
        await pause(AFTER_WINDOW_MS);
        expect(sent()).toEqual([]);

        const gains = await gainsOf(world, ["bob"], async () => {
          await bob.restart();
          await bob.sawEnd(right);
        });
        expect(gains).toEqual([520n]);
        await irene.restart();
        await irene.sawEnd(channelId);
        await alice.sawEnd(channelId);
        await alice.closeChannel(left);
      });
    },
    TIME_MAX_MS,
  );
});
