/** Laws of ledger and virtual channels, whatever the order of messages, restarts, and changes of mind. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property } from "../../test/kind.ts";
import { LedgerLaws } from "../../test/ledger-laws.ts";
import { checkFreed, checkRest } from "../../test/ledger-rest.ts";
import { LINE, type Story, TOWNS, type Wish, type WishedPayment } from "../../test/ledger-story.ts";
import { Telling } from "../../test/ledger-telling.ts";
import type { Profile } from "../channel/channel-use.ts";
import { GUARANTEES_MAX } from "../channel/ledger-limits.ts";
import { virtualFundId } from "../channel/objective-id.ts";

/** The first node of every town; others pay her, too. */
const ALICE = 0;

/** Stories of each kind: 15, so that `check` stays short. CHANNELS_LAWS=10000 tells more. */
const STORIES = Number(process.env["CHANNELS_LAWS"] ?? 8);

/** A story takes a tenth of a second, on a busy machine several times as long; milliseconds. */
const TIME_MAX_MS = 60_000 + 2_000 * STORIES;

/** Channels over one hub in a long story, each of which is opened, paid in, and closed. */
const OBJECTIVES = Number(process.env["CHANNELS_OBJECTIVES"] ?? 30);

/** How many long stories are told. CHANNELS_OBJECTIVES=1000 CHANNELS_LAW_SEEDS=20 tells long ones. */
const LONG_STORIES = Number(process.env["CHANNELS_LAW_SEEDS"] ?? 1);

/** Channels that are wanted in one story. */
const WISHES = 20;

/** Why an honest node may say no to an honest one, or leave what it had agreed to. */
const HONEST_CODES: readonly (string | undefined)[] = [
  "LedgerTooSmall",
  "InsufficientFunds",
  "GuaranteesFull",
  // Somebody closed the channel before the last one had heard that it was open.
  "Overtaken",
];

/** Some payments are more than what their payer has at first; some of those can be made later. */
const ANY_PAYMENT: fc.Arbitrary<WishedPayment> = fc.record({
  isBack: fc.boolean(),
  asset: fc.nat(1),
  amount: fc.bigInt({ min: 1n, max: 14n }),
});

/** What somebody wants; `mayLeave` says whether people change their minds on the way. */
function anyWish(mayLeave: boolean): fc.Arbitrary<Wish> {
  const place = fc.nat(4);
  return fc.record({
    route: fc.nat(8),
    left: fc.bigInt({ min: 1n, max: 12n }),
    right: fc.bigInt({ min: 0n, max: 12n }),
    isOfAllAssets: fc.boolean(),
    closer: place,
    isShort: fc.boolean(),
    gaveUpBy: mayLeave ? fc.option(place, { nil: undefined, freq: 2 }) : fc.constant(undefined),
    payments: fc.array(ANY_PAYMENT, { maxLength: 6 }),
    isHasty: fc.boolean(),
  });
}

function stories(profile: Profile, mayLeave: boolean): fc.Arbitrary<Story> {
  return fc.record({
    town: fc.constantFrom(...TOWNS),
    profile: fc.constant(profile),
    assets: profile === "enforceable" ? fc.integer({ min: 1, max: 2 }) : fc.constant(1),
    deposit: fc.constantFrom(20n, 60n, 1_000n),
    fee: profile === "enforceable" ? fc.bigInt({ min: 0n, max: 2n }) : fc.constant(0n),
    wishes: fc.array(anyWish(mayLeave), { minLength: 1, maxLength: WISHES, size: "max" }),
    refusedOf16: mayLeave ? fc.nat(8) : fc.constant(0),
    restartsOf64: fc.nat(2),
    seed: fc.nat(),
    openMax: fc.constant(WISHES),
  });
}

/** Tells a story and holds it against the laws, all the way and at its two rests. */
function tell(told: Story): Telling {
  const laws = new LedgerLaws();
  let steps = 0;
  const telling = new Telling(told, (network) => {
    laws.look(network);
    steps += 1;
    // Looked at now and then, one node after the other, so that a story stays short.
    if (steps % 7 > 0) return;
    expect(network.eventsOfSecondCrank(steps % told.town.size)).toEqual([]);
  });
  telling.tell();
  checkRest(telling);
  telling.closeAll();
  checkRest(telling);
  checkFreed(telling);
  return telling;
}

function check(arbitrary: fc.Arbitrary<Story>, look: (telling: Telling) => void): void {
  fc.assert(
    fc.property(arbitrary, (told) => look(tell(told))),
    { numRuns: STORIES, includeErrorInReport: true },
  );
}

/** Why each wish came to nothing; undefined for those that were granted. */
function codesOf({ asked, network }: Telling): readonly (string | undefined)[] {
  return asked.map(({ channelId, code, route: [first = 0] }) => {
    if (channelId === undefined) return code;
    const objective = network.node(first).state.objectives.get(virtualFundId(channelId));
    return objective?.status === "Completed" ? undefined : objective?.rejectionCode;
  });
}

/** With more than anybody wants in every ledger, nothing is refused. */
function expectGranted(telling: Telling): void {
  const allowed = telling.told.deposit < 1_000n ? HONEST_CODES : ["Overtaken"];
  for (const code of codesOf(telling)) expect([undefined, ...allowed]).toContain(code);
}

/** Two ledger channels with more money than anybody wants; at most as many channels as they have room for. */
const LONG_STORY: Omit<Story, "wishes"> = {
  town: LINE,
  profile: "enforceable",
  assets: 1,
  deposit: 10_000n,
  fee: 0n,
  refusedOf16: 0,
  restartsOf64: 0,
  seed: 1,
  openMax: GUARANTEES_MAX,
};

/** One pays all she has, is paid, and pays with what she got. */
const ROUND: readonly WishedPayment[] = [
  { isBack: false, asset: 0, amount: 2n },
  { isBack: true, asset: 0, amount: 2n },
  { isBack: false, asset: 0, amount: 1n },
];

/** Many small channels from one end to the other, in both directions, closed by everybody in turn. */
function sameWishes(
  count: number,
  kind: Pick<Wish, "isOfAllAssets" | "isShort" | "payments">,
): readonly Wish[] {
  return Array.from({ length: count }, (_, route) => ({
    ...kind,
    route,
    left: 2n,
    right: 1n,
    closer: route,
    gaveUpBy: undefined,
    isHasty: false,
  }));
}

describe("ledger and virtual channels", () => {
  property(
    "all open, pay and close where nobody leaves, in any order, with restarts",
    () => {
      const seen = { made: 0, back: 0, refused: new Set<string>() };
      check(stories("enforceable", false), (telling) => {
        expectGranted(telling);
        const { made, refused } = telling.payments;
        seen.made += made.length;
        seen.back += made.filter(({ payer }) => payer !== ALICE).length;
        for (const code of refused) seen.refused.add(code);
      });

      expect(seen.made).toBeGreaterThan(STORIES);
      expect(seen.back).toBeGreaterThan(STORIES / 4);
      expect([...seen.refused].sort()).toEqual(["InsufficientFunds", "NotOpen", "PaymentsOver"]);
    },
    TIME_MAX_MS,
  );

  property(
    "come to rest with all money free where some refuse and some give up",
    () => check(stories("enforceable", true), () => {}),
    TIME_MAX_MS,
  );

  property(
    "all open, pay and close in the go-nitro profile, where no proposal is refused",
    () => {
      check(stories("go-nitro", false), (telling) => {
        expectGranted(telling);
        for (const { log } of telling.network.nodes) {
          expect(log.map(({ type }) => type)).not.toContain("ProposalRefused");
        }
      });
    },
    TIME_MAX_MS,
  );

  property(
    "are refused with a code where a ledger is full",
    () => {
      const telling = tell({
        ...LONG_STORY,
        assets: 2,
        wishes: sameWishes(GUARANTEES_MAX / 2 + 10, {
          isOfAllAssets: true,
          isShort: false,
          payments: [],
        }),
      });
      const codes = codesOf(telling);

      // Two who ask for the last places at once, from two sides, may both have to do without.
      const opened = codes.filter((code) => code === undefined);
      expect(opened.length).toBeLessThanOrEqual(GUARANTEES_MAX / 2);
      expect(opened.length).toBeGreaterThanOrEqual(GUARANTEES_MAX / 2 - 10);
      const full = ["LedgerTooSmall", "GuaranteesFull"];
      for (const code of codes) expect([undefined, ...full]).toContain(code);
    },
    TIME_MAX_MS,
  );

  for (let seed = 0; seed < LONG_STORIES; seed++) {
    property(
      `${OBJECTIVES} channels over one hub are opened, paid in and closed, in the order of seed ${seed}`,
      () => {
        const kind = { isOfAllAssets: false, isShort: true, payments: ROUND };
        const telling = tell({ ...LONG_STORY, wishes: sameWishes(OBJECTIVES, kind), seed });
        const codes = codesOf(telling);

        for (const code of codes) expect([undefined, ...HONEST_CODES]).toContain(code);
        const opened = codes.filter((code) => code === undefined).length;
        expect(opened).toBeGreaterThan(OBJECTIVES / 2);
        expect(telling.payments.made.length).toBe(ROUND.length * opened);
      },
      60_000 + 1_000 * OBJECTIVES,
    );
  }
});
