/**
 * At every moment at which a party has signed, or paid in, what can cost her money, all others stop for good, or
 * turn on her with every call that the contracts take; and she gets what she is due from the contracts, alone.
 * A sample of it, with each rung of each protocol; everything in half an hour: `bun run enforceable`. With
 * CHANNELS_WRITE=1 the document of all cases is written.
 */
import { describe, expect } from "bun:test";
import { join } from "node:path";
import { STORIES } from "../../sim/exhaustive/stories.ts";
import { allRungs } from "../../sim/rungs.ts";
import type { ChainTier } from "../../sim/simulated-chain.ts";
import { chainOfFile } from "../chain-of-file.ts";
import { adversarial, crash, invariant } from "../kind.ts";
import {
  drawnAttacks,
  type Found,
  foundAttacks,
  onePerRung,
  pairedAttacks,
  playCases,
  showTally,
  silentCases,
  singleAttacks,
  someCases,
  type Tally,
} from "./campaign.ts";
import { DOCUMENT, enforceabilityDocument } from "./document.ts";
import { type Point, pointsOf } from "./points.ts";

const isAll = process.env["CHANNELS_ENFORCEABLE"] === "all";

/** The contracts themselves for everything; for a sample, our model of them, which takes half the time. */
const tier = (process.env["CHANNELS_CHAIN"] ?? (isAll ? "evm" : "model")) as ChainTier;
const chainOf = chainOfFile(tier);

/** The reference tier is some ten times slower, and shows the same: there it is one case for each rung. */
const isWhole = isAll && tier !== "anvil";

/** Of a sample, one attack in so many is made. */
const ATTACK_STEP = isWhole ? 1 : 397;

/**
 * Of the orders of two calls in the last blocks, one in so many is made: all 55,000 take three hours. With
 * CHANNELS_PAIRS=3/40 the third of forty parts of them is made, and 1/1 makes all.
 */
const [PAIR_PART = 1, PAIR_STEP = isWhole ? 97 : 20_011] = (process.env["CHANNELS_PAIRS"] ?? "")
  .split("/")
  .filter(Boolean)
  .map(Number);

/** Orders of two and three calls, drawn for each deed on each rung. */
const SEEDS = isWhole ? [1, 2, 3, 4, 5, 6] : [];

/** Two hours for all or a part of the pairs, several times what they take: others may keep the machine busy. */
const TIME_MAX_MS = isAll || process.env["CHANNELS_PAIRS"] !== undefined ? 7_200_000 : 600_000;

/** What these attacks found is repaired: states that were withheld, and what is not told of a next ledger. */
const FOUND: readonly Found[] = [
  {
    story: "update and direct defund",
    honest: "bob",
    rung: "UpdateComplete",
    deed: "StateSigned update",
    call: "Checkpoint",
    moment: "at the end",
    way: "asks",
  },
  {
    story: "payments both ways",
    honest: "alice",
    rung: "Voucher",
    deed: "VoucherIssued",
    call: "CheckpointVoucher",
    moment: "at the end",
    way: "asks",
  },
  {
    story: "withdrawal beside a virtual channel",
    honest: "alice",
    rung: "FinalStateComplete",
    deed: "StateSigned final",
    call: "Challenge",
    moment: "at the end",
    way: "restarts",
  },
  {
    story: "withdrawal beside a virtual channel",
    honest: "alice",
    rung: "FinalStateComplete",
    deed: "StateSigned final",
    call: "ConcludeAndPay",
    moment: "first",
    way: "asks",
  },
  {
    story: "withdrawal beside a virtual channel",
    honest: "irene",
    rung: "Withdrawn",
    deed: "SupportedStateAdvanced",
    call: "Challenge",
    moment: "first",
    way: "restarts",
  },
];

let known: Promise<readonly Point[]> | undefined;

/** The points of all stories, found once. */
function allPoints(): Promise<readonly Point[]> {
  known ??= (async () => {
    const points: Point[] = [];
    for (const story of STORIES) points.push(...(await pointsOf(chainOf(), story)));
    return points;
  })();
  return known;
}

describe("whoever is left alone", () => {
  invariant(
    "is left alone on every rung of every protocol, in some story",
    async () => {
      const reached = new Set(
        (await allPoints()).map(({ protocol, rung }) => `${protocol}/${rung}`),
      );
      expect(allRungs().filter((rung) => !reached.has(rung))).toEqual([]);
    },
    TIME_MAX_MS,
  );

  invariant(
    "is named with all her moments in the document",
    async () => {
      const text = enforceabilityDocument(await allPoints());
      const file = Bun.file(join(import.meta.dir, "../..", DOCUMENT));
      if (process.env["CHANNELS_WRITE"] === "1") await Bun.write(file, text);
      expect(await file.text()).toBe(text);
    },
    TIME_MAX_MS,
  );

  crash(
    "gets what she is due, by her user's wish, by her node's own, and after a restart",
    async () => {
      const points = await allPoints();
      const cases = isWhole ? silentCases(points) : someCases(onePerRung(points, false));
      const tally: Tally = new Map();
      const failures = await playCases(chainOf(), cases, tally);
      process.stdout.write(showTally(tally, "enforceable"));
      expect(failures).toEqual([]);
    },
    TIME_MAX_MS,
  );

  adversarial(
    "gets no less when the others show old states, take guarantees apart, or checkpoint what she lacks",
    async () => {
      const points = await allPoints();
      const single = onePerRung(points, false).flatMap(singleAttacks);
      const drawn = onePerRung(points, true).flatMap((point) => drawnAttacks(point, SEEDS));
      const some = single.filter((_, index) => index % ATTACK_STEP === 0);
      const paired = onePerRung(points, false).flatMap(pairedAttacks);
      const pairs = paired.filter((_, index) => index % PAIR_STEP === PAIR_PART - 1);
      const cases = [...foundAttacks(points, FOUND), ...some, ...pairs, ...drawn];
      const tally: Tally = new Map();
      const failures = await playCases(chainOf(), cases, tally);
      process.stdout.write(showTally(tally, "enforceable (hostile)"));
      expect(failures).toEqual([]);
    },
    TIME_MAX_MS,
  );
});
