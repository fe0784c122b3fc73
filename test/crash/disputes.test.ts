/**
 * An honest node stops at each of its appends while the chain decides for it, and is paid all the same. A sample
 * of all stops; for all of them, in some minutes: `CHANNELS_DISPUTES=all bun test test/crash/disputes.test.ts`.
 */
import { describe, expect } from "bun:test";
import { chainOfFile } from "../chain-of-file.ts";
import { crash } from "../kind.ts";
import { type DisputeEnding, playDisputes, type Stop, type Story } from "./disputes.ts";

const chainOf = chainOfFile();
const isAll = process.env["CHANNELS_DISPUTES"] === "all";

/** Of a sample, one stop in so many is tried: no multiple of the four kinds of stops at each append. */
const STEP = isAll ? 1 : 37;

/** Virtual milliseconds away: not at all, or five blocks. */
const ABSENCES_MS = [1, 60_000];

/** Half an hour for all, ten times what they take alone: others may keep the machine busy. */
const TIME_MAX_MS = isAll ? 1_800_000 : 120_000;

/** What everybody has won in the end, whoever stops when. */
const DUES: Readonly<Record<Story, DisputeEnding["won"]>> = {
  direct: { alice: 10n },
  ledger: { alice: -6n, bob: 6n },
};

function stopsUpTo(appends: number): readonly Stop[] {
  return Array.from({ length: appends }, (_, index) => index + 1).flatMap((append) =>
    (["before", "behind"] as const).flatMap((moment) =>
      ABSENCES_MS.map((awayMs) => ({ append, moment, awayMs })),
    ),
  );
}

/** Before that nothing waits for the peer; and what is asked of a peer that never answers again, is not begun. */
const hasBegun = ({ append, moment }: Stop): boolean => append > 1 || moment === "behind";

describe("a node that stops while the chain decides", () => {
  for (const story of ["direct", "ledger"] as const) {
    for (const start of ["user", "policy"] as const) {
      crash(
        `${story === "direct" ? "a channel of two" : "a ledger and its virtual channels"} is paid, whatever it was doing, where the ${start} began it`,
        async () => {
          const place = { chain: chainOf(), story, start };
          const calm = await playDisputes(place);
          expect(calm.won).toEqual(DUES[story]);
          const stops = stopsUpTo(calm.appends)
            .filter((_, index) => index % STEP === 0)
            .filter((stop) => start === "user" || hasBegun(stop));
          let held = 0;
          for (const stop of stops) {
            const { won } = await playDisputes(place, stop).catch((cause: unknown) => {
              throw new Error(JSON.stringify({ story, start, stop }), { cause });
            });
            expect({ stop, won }).toEqual({ stop, won: DUES[story] });
            held += 1;
          }
          process.stdout.write(
            `${held} of ${stops.length} stops held, of ${calm.appends} appends\n`,
          );
        },
        TIME_MAX_MS,
      );
    }
  }
});
