/** What somebody can do at worst with all that a watchtower was given, and what not. */
import { describe, expect } from "bun:test";
import { challengeCall, checkpointCall } from "../../src/chain/adjudicator.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Appointment } from "../../src/watchtower/appointment.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial } from "../kind.ts";
import { AFTER_WINDOW_MS, gainsOf, paidVirtually, SOON_MS, tellWatched } from "./watched-story.ts";

const chainOf = chainOfFile();
const THREE = { cast: ["alice", "irene", "bob"], watched: ["bob"], signatures: "real" } as const;
const TIME_MAX_MS = 120_000;

describe("a tower that cheats its client", () => {
  adversarial(
    "can end a virtual channel by what it pays now, and everybody is paid just that",
    async () => {
      await tellWatched(chainOf(), THREE, async (told) => {
        const { adjudicator, alice, bob, chain, irene, pause, tower, world } = told;
        const { channelId, left, right } = await paidVirtually(told, [20n, 30n]);
        await pause(SOON_MS);
        const stolen = held(told.tower.tower.view().appointments.get(channelId));
        tower.crash();
        bob.crash();
        const signature = assertDefined(stolen.challengerSignature, "made in advance");
        const begun = challengeCall(adjudicator, stolen, signature);
        expect(await chain.mined(await chain.asStranger(begun, { label: "challenge" }))).toBe(true);
        await pause(AFTER_WINDOW_MS);
        await bob.restart();
        for (const actor of [alice, irene, bob]) await actor.sawEnd(channelId);

        const gains = await gainsOf(world, ["alice", "irene", "bob"], async () => {
          await alice.closeChannel(left);
          await irene.closeChannel(right);
        });
        expect(gains).toEqual([450n, 1_000n, 550n]);
      });
    },
    TIME_MAX_MS,
  );

  adversarial(
    "cannot begin a challenge with any other state, nor with one in another channel",
    async () => {
      await tellWatched(chainOf(), THREE, async (told) => {
        const { adjudicator, bob, chain, irene, alice, pause, tower } = told;
        const { channelId, left, right } = await paidVirtually(told, [20n]);
        await pause(SOON_MS);
        const { appointments } = tower.tower.view();
        const stolen = held(appointments.get(channelId));
        const ledger = held(appointments.get(right));
        const signature = assertDefined(stolen.challengerSignature, "made in advance");
        const [postfund] = stolen.proof;
        const candidate = assertDefined(postfund, "the postfund");
        const tries = [
          challengeCall(adjudicator, { ...stolen, candidate, proof: [] }, signature),
          challengeCall(adjudicator, ledger, signature),
        ];
        for (const call of tries) {
          expect(await chain.mined(await chain.asStranger(call))).toBe(false);
        }
        // What all have signed anybody may put on record: the channel goes on from it.
        const record = checkpointCall(adjudicator, ledger);
        expect(await chain.mined(await chain.asStranger(record))).toBe(true);
        await pause(SOON_MS);
        await bob.closeChannel(channelId);
        await irene.closeChannel(right);
        await alice.closeChannel(left);
      });
    },
    TIME_MAX_MS,
  );
});

/** The one appointment of a channel. */
function held(kept: ReadonlyMap<unknown, Appointment> | undefined): Appointment {
  const [one] = kept?.values() ?? [];
  return assertDefined(one, "an appointment");
}
