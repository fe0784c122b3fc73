/** The search for a route against a trial of every path. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property } from "../../test/kind.ts";
import {
  COIN,
  ledger,
  ledgerId,
  line,
  ME,
  PAYEE,
  person,
  TOKEN,
  wants,
} from "../../test/sample-ledgers.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { INTERMEDIARIES_MAX, type Profile } from "../channel/channel-use.ts";
import type { Address } from "../crypto/address.ts";
import { checkRoute, findRoute, type Route } from "./route.ts";
import type { KnownLedger, RouteRequest } from "./route-ledgers.ts";

const NO_ROUTE = { ok: false, reason: { code: "NoRoute" } } as const;

/** One of few amounts, so that ties and shortages are frequent. */
const amounts = fc.bigInt({ min: 0n, max: 12n });
const pairs = fc.tuple(amounts, amounts);

const ledgersAmong = (people: number, maxLength: number): fc.Arbitrary<readonly KnownLedger[]> =>
  fc
    .array(
      fc.record({
        ends: fc
          .tuple(fc.nat(people - 1), fc.nat(people - 1))
          .filter(([one, other]) => one !== other),
        free: fc.tuple(pairs, pairs),
        fees: fc.tuple(fc.bigInt({ min: 0n, max: 2n }), fc.bigInt({ min: 0n, max: 2n })),
        profile: fc.constantFrom<Profile>("enforceable", "enforceable", "enforceable", "go-nitro"),
      }),
      { minLength: 6, maxLength },
    )
    .map((drawn) =>
      drawn.map(({ ends, fees, free, profile }, number) => ({
        ledgerId: ledgerId(number),
        participants: [person(ends[0]), person(ends[1])],
        profile,
        capacities: [
          { asset: COIN, free: free[0], fees },
          { asset: TOKEN, free: free[1], fees: [5n, 5n] },
        ],
      })),
    );

const requests: fc.Arbitrary<RouteRequest> = fc
  .tuple(amounts, amounts, fc.boolean())
  .map(([left, right, hasToken]) => ({
    ...wants(left / 4n, right / 6n),
    shares: [
      { asset: COIN, left: left / 4n, right: right / 6n },
      ...(hasToken ? [{ asset: TOKEN, left: 1n, right: 1n }] : []),
    ],
  }));

type Walk = { readonly route: Route; readonly ids: readonly ChannelId[]; readonly sum: bigint };

/** Every path without a repetition, judged from the front by the words of the decision. */
function bestByTrial(ledgers: readonly KnownLedger[], request: RouteRequest): Route | undefined {
  const found: Walk[] = [];
  const explore = (people: readonly Address[], path: readonly KnownLedger[]): void => {
    const here = people.at(-1) as Address;
    if (here === request.payee) {
      const walk = judged(people, path, request);
      if (walk !== undefined) found.push(walk);
      return;
    }
    for (const each of ledgers) {
      const next = otherEnd(each, here);
      if (next !== undefined && !people.includes(next)) explore([...people, next], [...path, each]);
    }
  };
  explore([request.me], []);
  found.sort(
    (one, other) =>
      Number(one.sum - other.sum) ||
      one.ids.length - other.ids.length ||
      (one.ids.join() < other.ids.join() ? -1 : 1),
  );
  return found[0]?.route;
}

function otherEnd({ participants: [one, other] }: KnownLedger, here: Address): Address | undefined {
  if (here === one) return other;
  return here === other ? one : undefined;
}

function judged(
  people: readonly Address[],
  path: readonly KnownLedger[],
  { profile, shares }: RouteRequest,
): Walk | undefined {
  const intermediaries = people.slice(1, -1);
  if (intermediaries.length < 1 || intermediaries.length > INTERMEDIARIES_MAX) return undefined;
  const side = (each: KnownLedger, who: Address): 0 | 1 => (each.participants[0] === who ? 0 : 1);
  const capacity = (each: KnownLedger, asset: Address) =>
    each.capacities.find((one) => one.asset === asset);
  const fees = intermediaries.map((who, at) => {
    const out = path[at + 1] as KnownLedger;
    return capacity(out, shares[0]?.asset as Address)?.fees[side(out, who)] ?? 0n;
  });
  const fits = path.every((each, hop) => {
    const passedOn = fees.slice(hop).reduce((rest, fee) => rest + fee, 0n);
    const left = side(each, people[hop] as Address);
    return (
      each.profile === profile &&
      shares.every((share, at) => {
        const free = capacity(each, share.asset)?.free;
        if (free === undefined) return false;
        const needed = share.left + (at === 0 ? passedOn : 0n);
        return free[left] >= needed && free[(1 - left) as 0 | 1] >= share.right;
      })
    );
  });
  if (!fits) return undefined;
  const ids = path.map((each) => each.ledgerId);
  const sum = fees.reduce((total, fee) => total + fee, 0n);
  return { route: { ledgerId: ids[0] as ChannelId, intermediaries, fees }, ids, sum };
}

function agreesWithTrial(ledgers: readonly KnownLedger[], request: RouteRequest): void {
  const best = bestByTrial(ledgers, request);
  const expected = best === undefined ? NO_ROUTE : { ok: true, value: best };
  expect(findRoute(ledgers, request)).toEqual(expected as ReturnType<typeof findRoute>);
}

describe("findRoute, against every path", () => {
  property("finds the best one among few participants", () => {
    fc.assert(fc.property(ledgersAmong(6, 16), requests, agreesWithTrial), { numRuns: 2_000 });
  });

  property("finds the best one where the longest allowed ones are near", () => {
    // A line one hop too long, and few ledgers that cut it short.
    const chain = line(INTERMEDIARIES_MAX + 1, 100);
    const cuts = fc.array(
      fc.tuple(fc.nat(12), fc.nat(12), fc.bigInt({ min: 0n, max: 3n }), pairs),
      { minLength: 1, maxLength: 4 },
    );
    const people = [
      ME,
      ...Array.from({ length: INTERMEDIARIES_MAX + 1 }, (_, at) => person(10 + at)),
      PAYEE,
    ];
    fc.assert(
      fc.property(cuts, requests, (drawn, request) => {
        const shortcuts = drawn
          .filter(([one, other]) => one !== other)
          .map(([one, other, fee, free], number) =>
            ledger(number, [people[one] as Address, people[other] as Address], free, [fee, fee]),
          );
        agreesWithTrial([...chain, ...shortcuts], request);
      }),
      { numRuns: 500 },
    );
  });

  property("does not depend on the order in which the ledgers are named", () => {
    fc.assert(
      fc.property(ledgersAmong(6, 16), requests, (ledgers, request) => {
        const turned = ledgers.toReversed();

        expect(findRoute(turned, request)).toEqual(findRoute(ledgers, request));
      }),
      { numRuns: 300 },
    );
  });

  property("finds what a check of the same route accepts", () => {
    fc.assert(
      fc.property(ledgersAmong(6, 16), requests, (ledgers, request) => {
        const found = findRoute(ledgers, request);
        if (!found.ok) return;

        const { fees, intermediaries } = found.value;
        expect(checkRoute(ledgers, request, { intermediaries, fees }).ok).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
