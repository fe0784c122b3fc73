/**
 * Every node of a virtual channel stops at every one of its appends, and comes back soon, or when all others
 * have come to rest: what is locked for the channel is free in the end, and everybody has what is hers. A
 * sample of all such stops; for all of them, in four orders of messages, in some minutes:
 * `CHANNELS_HOPS=all bun test test/crash/virtual-hops.test.ts`.
 */
import { describe, expect } from "bun:test";
import { drawBetween } from "../../sim/keyed-random.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { CASTS, type Hubs, type Place, type Plan, playHops } from "./virtual-hops.ts";

const chainOf = chainOfFile();
const isAll = process.env["CHANNELS_HOPS"] === "all";

/** Seeds, each another order of messages. */
const SEEDS = isAll ? [1, 2, 3, 4] : [1];

/** Of a sample, one stop in so many is tried: no multiple of the four kinds of stops at each append. */
const STEP = isAll ? 1 : 27;

/** Stories in which several stop. */
const STORIES = isAll ? 1_000 : 5;

/** Appends of a node in a story, about: a stop behind its last one never comes. */
const APPENDS_MAX = 26;

/** An hour for all, ten times what they take alone: others may keep the machine busy. */
const TIME_MAX_MS = isAll ? 3_600_000 : 240_000;

/** Every stop of every node, as often as it appends when nobody stops. */
function plansOf(hubs: Hubs, appends: Readonly<Record<string, number>>): readonly Plan[] {
  return CASTS[hubs].flatMap((victim) =>
    Array.from({ length: appends[victim] ?? 0 }, (_, index) => index + 1).flatMap((append) =>
      (["before", "behind"] as const).flatMap((moment) =>
        (["short", "long"] as const).map((absence) => ({ victim, append, moment, absence })),
      ),
    ),
  );
}

/** What came of some stops. */
type Tally = { tried: number; held: number; givenUp: number };

/** Two or three nodes of a line stop, each once, anywhere and for any time, all drawn from the seed. */
function drawPlans(hubs: Hubs, seed: number): readonly Plan[] {
  const draw = (most: number, key: string): number =>
    drawBetween([0, most], seed, "stops", `${key} over ${hubs}`, 0);
  const start = draw(hubs + 1, "first");
  const line = [...CASTS[hubs].slice(start), ...CASTS[hubs].slice(0, start)];
  return line.slice(0, 2 + draw(1, "more")).map((victim) => ({
    victim,
    append: 1 + draw(APPENDS_MAX - 1, `append of ${victim}`),
    moment: draw(1, `moment of ${victim}`) === 0 ? "before" : "behind",
    absence: draw(2, `absence of ${victim}`) === 0 ? "short" : "long",
  }));
}

/** Plays each plan, and fails with the first that leaves something wrong. */
async function playAll(place: Place, plans: readonly Plan[], tally: Tally): Promise<void> {
  const { hubs, seed } = place;
  for (const plan of plans) {
    const told = await playHops(place, [plan]).catch((cause: unknown) => {
      throw new Error(JSON.stringify({ hubs, seed, plan }), { cause });
    });
    expect({ hubs, seed, plan, faults: told.faults }).toEqual({ hubs, seed, plan, faults: [] });
    tally.held += 1;
    if (told.isGivenUp) tally.givenUp += 1;
    // Nobody is given up who comes back soon.
    expect({ plan, isGivenUp: told.isGivenUp && plan.absence === "short" }).toEqual({
      plan,
      isGivenUp: false,
    });
  }
}

describe("a node that stops while a virtual channel is opened and closed", () => {
  for (const hubs of [1, 2] as const) {
    crash(
      `over ${hubs} hub${hubs > 1 ? "s" : ""} leaves nothing locked, whatever it was doing`,
      async () => {
        const tally: Tally = { tried: 0, held: 0, givenUp: 0 };
        for (const seed of SEEDS) {
          const place = { chain: chainOf(), hubs, seed };
          const calm = await playHops(place, []);
          expect({ ...calm, appends: {} }).toEqual({ appends: {}, isGivenUp: false, faults: [] });
          const plans = plansOf(hubs, calm.appends).filter((_, index) => index % STEP === 0);
          tally.tried += plans.length;
          await playAll(place, plans, tally);
        }
        const { givenUp, held, tried } = tally;
        process.stdout.write(`${held} of ${tried} stops held, ${givenUp} gave the opening up\n`);
        expect(givenUp).toBeGreaterThan(0);
        expect(givenUp).toBeLessThan(tried);
      },
      TIME_MAX_MS,
    );
  }

  crash(
    `and others that stop as well, in ${STORIES} stories, leave nothing locked once all are back`,
    async () => {
      let held = 0;
      for (let seed = 1; seed <= STORIES; seed++) {
        const hubs = seed % 2 === 0 ? 1 : 2;
        const plans = drawPlans(hubs, seed);
        const { faults } = await playHops({ chain: chainOf(), hubs, seed }, plans).catch(
          (cause: unknown) => {
            throw new Error(JSON.stringify({ hubs, seed, plans }), { cause });
          },
        );
        expect({ hubs, seed, plans, faults }).toEqual({ hubs, seed, plans, faults: [] });
        held += 1;
      }
      process.stdout.write(`${held} of ${STORIES} stories held\n`);
    },
    TIME_MAX_MS,
  );
});
