/** Laws of ledger and virtual channels, whatever the order of messages, restarts, and changes of mind. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property } from "../../test/kind.ts";
import { LedgerLaws } from "../../test/ledger-laws.ts";
import { checkFreed, checkRest } from "../../test/ledger-rest.ts";
import { LINE, type Story, TOWNS, type Wish } from "../../test/ledger-story.ts";
import { Telling } from "../../test/ledger-telling.ts";
import type { Profile } from "../channel/channel-use.ts";
import { GUARANTEES_MAX } from "../channel/ledger-limits.ts";
import { virtualFundId } from "../channel/objective-id.ts";

/** Stories of each kind: 50, so that `check` stays short. CHANNELS_LAWS=10000 tells more. */
const STORIES = Number(process.env["CHANNELS_LAWS"] ?? 50);

/** A story takes a tenth of a second, on a busy machine several times as long; milliseconds. */
const TIME_MAX_MS = 60_000 + 2_000 * STORIES;

/** Objectives over one hub in a long story, half of which open a channel and half close it. */
const OBJECTIVES = Number(process.env["CHANNELS_OBJECTIVES"] ?? 120);

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
    { numRuns: STORIES },
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

/** Many small channels from one end to the other, in both directions, closed by everybody in turn. */
function sameWishes(count: number, kind: Pick<Wish, "isOfAllAssets" | "isShort">): readonly Wish[] {
  return Array.from({ length: count }, (_, route) => ({
    ...kind,
    route,
    left: 1n,
    right: 1n,
    closer: route,
    gaveUpBy: undefined,
  }));
}

describe("ledger and virtual channels", () => {
  property(
    "all open and close where nobody leaves, in any order, with restarts",
    () => check(stories("enforceable", false), expectGranted),
    TIME_MAX_MS,
  );

  property(
    "come to rest with all money free where some refuse and some give up",
    () => check(stories("enforceable", true), () => {}),
    TIME_MAX_MS,
  );

  property(
    "all open and close in the go-nitro profile, where nothing is refused",
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
        wishes: sameWishes(GUARANTEES_MAX / 2 + 10, { isOfAllAssets: true, isShort: false }),
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
      `${OBJECTIVES} objectives over one hub all end, in the order of seed ${seed}`,
      () => {
        const wishes = sameWishes(OBJECTIVES / 2, { isOfAllAssets: false, isShort: true });
        const codes = codesOf(tell({ ...LONG_STORY, wishes, seed }));

        for (const code of codes) expect([undefined, ...HONEST_CODES]).toContain(code);
        expect(codes.filter((code) => code === undefined).length).toBeGreaterThan(OBJECTIVES / 4);
      },
      60_000 + 1_000 * OBJECTIVES,
    );
  }
});
