/**
 * Payments in both directions, the end of the channel, and a node that stops: in every order what was paid is
 * paid out, and no voucher is lost. A sample; for every append of every node and 20 seeds, in some minutes:
 * `CHANNELS_PAYMENTS=all bun test test/crash/virtual-payments.test.ts`.
 */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../chain-of-file.ts";
import { concurrency, crash } from "../kind.ts";
import { PAYING_CAST, playPayments, type Stop } from "./virtual-payments.ts";

const chainOf = chainOfFile();
const isAll = process.env["CHANNELS_PAYMENTS"] === "all";

/** Seeds, each other payments, another moment of the end, and another order of messages. */
const SEEDS = isAll ? 20 : 1;
/** Of a sample, one stop in so many is tried. */
const STEP = isAll ? 1 : 37;
/** Orders without a stop. */
const ORDERS = isAll ? 500 : 10;
/** An hour for all, ten times what they take alone. */
const TIME_MAX_MS = isAll ? 3_600_000 : 240_000;

const seeds = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

describe("payments while a virtual channel is closed", () => {
  concurrency(
    "are all paid out, in every order of messages, also those that arrive behind the final state",
    async () => {
      let takenLate = 0;
      for (const seed of seeds(ORDERS)) {
        const told = await playPayments(chainOf(), seed, undefined);
        expect({ seed, faults: told.faults }).toEqual({ seed, faults: [] });
        takenLate += told.takenLate;
      }
      expect(takenLate).toBeGreaterThan(0);
    },
    TIME_MAX_MS,
  );

  crash(
    "are all paid out, whoever stops at whichever append",
    async () => {
      let tried = 0;
      for (const seed of seeds(SEEDS)) {
        const calm = await playPayments(chainOf(), seed, undefined);
        const stops = stopsOf(calm.appends).filter((_, index) => index % STEP === 0);
        for (const stop of stops) {
          const { faults } = await playPayments(chainOf(), seed, stop);
          expect({ seed, stop, faults }).toEqual({ seed, stop, faults: [] });
          tried += 1;
        }
      }
      process.stdout.write(`${tried} of ${tried} stops held\n`);
      expect(tried).toBeGreaterThan(5);
    },
    TIME_MAX_MS,
  );
});

function stopsOf(appends: Readonly<Record<string, number>>): readonly Stop[] {
  return PAYING_CAST.flatMap((victim) =>
    Array.from({ length: appends[victim] ?? 0 }, (_, index) => index + 1).flatMap((append) =>
      (["before", "behind"] as const).flatMap((moment) =>
        [20, 3_000].map((absenceMs) => ({ victim, append, moment, absenceMs })),
      ),
    ),
  );
}
