/** Finding routes among many ledgers, which a node does once for each channel that it opens. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import { INTERMEDIARIES_MAX } from "../src/channel/channel-use.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { assert } from "../src/primitives/assert.ts";
import { checkRoute, findRoute } from "../src/protocols/route.ts";
import type { KnownLedger, RouteRequest } from "../src/protocols/route-ledgers.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { createChance } from "./chance.ts";
import { ratesPerSecond } from "./rate.ts";

/** Ledgers of the hubs that one configuration names, far above what anybody runs today. */
const LEDGERS = 10_000;
/** Hubs between whom they are: about twenty ledgers each. */
const HUBS = 1_000;
const FEE_MAX = 50;

/** Their number among the people. */
const ME = 0;
const PAYEE = 1;

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, "0");
const person = (number: number): Address => `0xa1${hex(number, 38)}` as Address;

/** Ledgers between hubs drawn at random; two of the hubs are me and the payee. */
function network(hubs: number, ledgers = LEDGERS): readonly KnownLedger[] {
  const chance = createChance(1);
  const amount = (limit: number): bigint => BigInt(chance.below(limit));
  return Array.from({ length: ledgers }, (_, number) => {
    const one = chance.below(hubs);
    const other = (one + 1 + chance.below(hubs - 1)) % hubs;
    const free = [amount(1_000), amount(1_000)] as const;
    const fees = [amount(FEE_MAX), amount(FEE_MAX)] as const;
    return {
      ledgerId: `0xc1${hex(number, 62)}` as ChannelId,
      participants: [person(one), person(other)],
      profile: "enforceable",
      capacities: [{ asset: ZERO_ADDRESS, free, fees }],
    };
  });
}

const wants = (left: bigint): RouteRequest => ({
  me: person(ME),
  payee: person(PAYEE),
  profile: "enforceable",
  shares: [{ asset: ZERO_ADDRESS, left, right: left / 2n }],
});

export const benchmark: Benchmark = {
  name: "routes",
  question: `How long does it take to find a route among ${LEDGERS} ledgers?`,
  run: async () => {
    const wide = network(HUBS);
    const dense = network(HUBS / 10);
    const small = network(HUBS / 100, LEDGERS / 100);
    const request = wants(200n);
    // Nobody has this much: only the coverage of each ledger is looked at.
    const tooMuch = wants(2_000n);
    // No ledger leads to this one, so that the search goes as far as it may.
    const nowhere: RouteRequest = { ...request, me: person(HUBS) };
    const found = findRoute(wide, request);
    assert(found.ok && found.value.intermediaries.length <= INTERMEDIARIES_MAX, "there is a route");
    assert(!findRoute(wide, nowhere).ok, "there is no route to a stranger");
    const rates = ratesPerSecond({
      wide: () => findRoute(wide, request),
      dense: () => findRoute(dense, request),
      small: () => findRoute(small, request),
      nowhere: () => findRoute(wide, nowhere),
      tooMuch: () => findRoute(wide, tooMuch),
      check: () => checkRoute(wide, request, found.value),
    });
    return {
      figures: [
        figure(`a route, ${HUBS} hubs`, rates.wide),
        figure(`a route, ${HUBS / 10} hubs`, rates.dense),
        figure(`a route, ${HUBS / 100} hubs and ${LEDGERS / 100} ledgers`, rates.small),
        figure("no route, from where no ledger leads on", rates.nowhere),
        figure("no route, as no ledger is large enough", rates.tooMuch),
        figure("a given route, checked", rates.check),
      ],
    };
  },
};

function figure(what: string, perSecond: number): Figure {
  return { what, value: 1_000 / perSecond, unit: "ms", better: "lower" };
}
