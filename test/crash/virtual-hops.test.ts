/**
 * Every node of a virtual channel stops at every one of its appends, and comes back soon, or when all others
 * have come to rest: what is locked for the channel is free in the end, and everybody has what is hers. A
 * sample of all such stops; for all of them, in four orders of messages, in some minutes:
 * `CHANNELS_HOPS=all bun test test/crash/virtual-hops.test.ts`.
 */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { CASTS, type Hubs, type Place, type Plan, playHops } from "./virtual-hops.ts";

const evm = chainOfFile("evm");
const isAll = process.env["CHANNELS_HOPS"] === "all";

/** Seeds, each another order of messages. */
const SEEDS = isAll ? [1, 2, 3, 4] : [1];

/** Of a sample, one stop in so many is tried: no multiple of the four kinds of stops at each append. */
const STEP = isAll ? 1 : 7;

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

/** Plays each plan, and fails with the first that leaves something wrong. */
async function playAll(place: Place, plans: readonly Plan[], tally: Tally): Promise<void> {
  const { hubs, seed } = place;
  for (const plan of plans) {
    const told = await playHops(place, plan).catch((cause: unknown) => {
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
          const place = { chain: evm(), hubs, seed };
          const calm = await playHops(place, undefined);
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
});
