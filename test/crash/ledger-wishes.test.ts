/**
 * Both ends of a ledger channel stop at every append while it is topped up or partly withdrawn, and come back:
 * the wish is fulfilled all the same, nothing is paid twice, and everybody has what is hers. A sample of all such
 * stops; for all of them, in a quarter of a minute: `CHANNELS_WISHES=all bun test test/crash/ledger-wishes.test.ts`.
 */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { plansOf, playWish } from "./ledger-wishes.ts";

const chainOf = chainOfFile();
const isAll = process.env["CHANNELS_WISHES"] === "all";

/** Of a sample, one stop in so many is tried: an odd number, so that both moments come up. */
const STEP = isAll ? 1 : 7;

/** Ten times what all of them take alone: others may keep the machine busy. */
const TIME_MAX_MS = isAll ? 3_600_000 : 240_000;

describe("an end of a ledger channel that stops", () => {
  for (const wished of ["TopUp", "Withdraw"] as const) {
    crash(
      `in the middle of a ${wished} changes nothing of what everybody gets`,
      async () => {
        const calm = await playWish(chainOf(), wished, undefined);
        expect(calm.won).toEqual([0n, 0n, 0n]);
        const plans = plansOf(calm.appends);
        const tried = plans.filter((_, index) => index % STEP === 0);

        let held = 0;
        for (const plan of tried) {
          const told = await playWish(chainOf(), wished, plan).catch((cause: unknown) => {
            throw new Error(JSON.stringify({ wished, plan }), { cause });
          });
          expect({ plan, won: told.won }).toEqual({ plan, won: calm.won });
          held += 1;
        }

        process.stdout.write(
          `${held} of ${tried.length} stops held, of ${plans.length} there are\n`,
        );
        expect(tried.length).toBeGreaterThan(3);
      },
      TIME_MAX_MS,
    );
  }
});
