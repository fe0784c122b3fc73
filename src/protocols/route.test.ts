/** Tests of finding and checking routes, rule by rule. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import {
  COIN,
  IRENE,
  ISAAC,
  IVAN,
  ledger,
  ledgerId,
  line,
  ME,
  PAYEE,
  person,
  TOKEN,
  wants,
} from "../../test/sample-ledgers.ts";
import { INTERMEDIARIES_MAX } from "../channel/channel-use.ts";
import type { Address } from "../crypto/address.ts";
import { checkRoute, findRoute, type Intermediaries, type Route } from "./route.ts";
import type { KnownLedger } from "./route-ledgers.ts";

const NO_ROUTE = { ok: false, reason: { code: "NoRoute" } } as const;

describe("findRoute", () => {
  unit("takes the only way there is, whichever participant a ledger names first", () => {
    const ledgers = [
      ledger(1, [IRENE, ME], [0n, 8n], [9n, 9n]),
      ledger(2, [PAYEE, IRENE], [2n, 5n], [9n, 3n]),
    ];

    const route: Route = { ledgerId: ledgerId(1), intermediaries: [IRENE], fees: [3n] };
    expect(findRoute(ledgers, wants(5n))).toEqual({ ok: true, value: route });
  });

  unit("asks of each left side its share and the fees that it passes on, and no more", () => {
    const through = (mine: bigint, irenes: bigint, ivans: bigint): readonly KnownLedger[] => [
      ledger(1, [ME, IRENE], [mine, 0n], [50n, 50n]),
      ledger(2, [IRENE, IVAN], [irenes, 0n], [3n, 50n]),
      ledger(3, [IVAN, PAYEE], [ivans, 0n], [4n, 50n]),
    ];

    const value = { ledgerId: ledgerId(1), intermediaries: [IRENE, IVAN], fees: [3n, 4n] };
    expect(findRoute(through(17n, 14n, 10n), wants(10n))).toEqual({ ok: true, value });
    expect(findRoute(through(16n, 14n, 10n), wants(10n))).toEqual(NO_ROUTE);
    expect(findRoute(through(17n, 13n, 10n), wants(10n))).toEqual(NO_ROUTE);
    expect(findRoute(through(17n, 14n, 9n), wants(10n))).toEqual(NO_ROUTE);
  });

  unit("asks of each right side its share", () => {
    const through = (irenes: bigint, payees: bigint): readonly KnownLedger[] => [
      ledger(1, [ME, IRENE], [9n, irenes]),
      ledger(2, [IRENE, PAYEE], [9n, payees]),
    ];

    expect(findRoute(through(6n, 6n), wants(1n, 6n)).ok).toBe(true);
    expect(findRoute(through(5n, 6n), wants(1n, 6n))).toEqual(NO_ROUTE);
    expect(findRoute(through(6n, 5n), wants(1n, 6n))).toEqual(NO_ROUTE);
  });

  unit("prefers least fees, then fewest intermediaries, then the lowest ledger ids", () => {
    const over = (hub: Address, numbers: readonly [number, number], fee: bigint) => [
      ledger(numbers[0], [ME, hub], [99n, 99n]),
      ledger(numbers[1], [hub, PAYEE], [99n, 99n], [fee, 0n]),
    ];
    const detour = [
      ledger(1, [ME, ISAAC], [99n, 99n]),
      ledger(2, [ISAAC, IVAN], [99n, 99n], [0n, 0n]),
    ];
    const hubsOf = (ledgers: readonly KnownLedger[]): unknown => {
      const found = findRoute(ledgers, wants(1n));
      return found.ok && [found.value.ledgerId, ...found.value.intermediaries];
    };

    const dear = over(IRENE, [3, 4], 2n);
    const cheap = over(IVAN, [5, 6], 1n);
    expect(hubsOf([...dear, ...cheap])).toEqual([ledgerId(5), IVAN]);
    expect(hubsOf([...detour, ...cheap])).toEqual([ledgerId(5), IVAN]);
    // Without its own first ledger Ivan is reached by the detour alone.
    expect(hubsOf([...detour, ...cheap.slice(1), ...dear])).toEqual([ledgerId(1), ISAAC, IVAN]);
    expect(hubsOf([...over(IRENE, [7, 8], 1n), ...cheap])).toEqual([ledgerId(5), IVAN]);
    expect(hubsOf([...over(IVAN, [9, 8], 1n), ...cheap])).toEqual([ledgerId(5), IVAN]);
  });

  unit("needs an intermediary, though the payee be my neighbour", () => {
    expect(findRoute([ledger(1, [ME, PAYEE], [99n, 99n])], wants(1n))).toEqual(NO_ROUTE);
  });

  unit(`goes over ${INTERMEDIARIES_MAX} intermediaries, and not over one more`, () => {
    const longest = findRoute(line(INTERMEDIARIES_MAX), wants(1n));

    expect(longest.ok && longest.value.intermediaries).toHaveLength(INTERMEDIARIES_MAX);
    expect(findRoute(line(INTERMEDIARIES_MAX + 1), wants(1n))).toEqual(NO_ROUTE);
  });

  unit("takes a dearer way where the cheaper one is too long", () => {
    const short = [
      ledger(90, [ME, IRENE], [99n, 99n]),
      ledger(91, [IRENE, person(20)], [99n, 99n], [7n, 0n]),
    ];
    const found = findRoute([...line(INTERMEDIARIES_MAX + 1), ...short], wants(1n));

    expect(found).toEqual({
      ok: true,
      value: { ledgerId: ledgerId(90), intermediaries: [IRENE, person(20)], fees: [7n, 0n] },
    });
  });

  unit("uses ledgers of the profile alone that is asked for", () => {
    expect(findRoute(line(1), wants(1n, 0n, "go-nitro"))).toEqual(NO_ROUTE);
    const theirs = line(1).map((each) => ({ ...each, profile: "go-nitro" as const }));
    expect(findRoute(theirs, wants(1n, 0n, "go-nitro")).ok).toBe(true);
  });

  unit("needs every asset in every hop, and takes fees of the first one", () => {
    const shares = [
      { asset: TOKEN, left: 5n, right: 1n },
      { asset: COIN, left: 2n, right: 0n },
    ];
    const token = { asset: TOKEN, free: [6n, 6n], fees: [1n, 0n] } as const;
    const both = line(1, 0, 50n).map((each) => ({
      ...each,
      capacities: [...each.capacities, token],
    }));

    const value = { ledgerId: ledgerId(0), intermediaries: [person(10)], fees: [1n] };
    expect(findRoute(both, { ...wants(0n), shares })).toEqual({ ok: true, value });
    expect(findRoute([...both.slice(1), ...line(1)], { ...wants(0n), shares })).toEqual(NO_ROUTE);
  });

  unit("finds none to myself, and none among no ledgers", () => {
    expect(findRoute(line(1), { ...wants(1n), payee: ME })).toEqual(NO_ROUTE);
    expect(findRoute([], wants(1n))).toEqual(NO_ROUTE);
  });
});

describe("checkRoute", () => {
  const ledgers = [
    ledger(5, [ME, IRENE], [20n, 2n]),
    ledger(4, [IRENE, ME], [2n, 20n]),
    ledger(3, [ME, IRENE], [14n, 2n]),
  ];
  const check = (
    given: Partial<Intermediaries>,
    request = wants(10n, 2n),
  ): ReturnType<typeof checkRoute> =>
    checkRoute(ledgers, request, { intermediaries: [IRENE, IVAN], fees: [3n, 2n], ...given });

  unit("takes my ledger with the lowest id that has enough, and asks nothing of the others", () => {
    const value = { intermediaries: [IRENE, IVAN], fees: [3n, 2n], ledgerId: ledgerId(4) };
    expect(check({})).toEqual({ ok: true, value });
    const smaller = { ...value, fees: [2n, 2n], ledgerId: ledgerId(3) };
    expect(check({ fees: [2n, 2n] })).toEqual({ ok: true, value: smaller });
  });

  const refused: readonly (readonly [string, Partial<Intermediaries>, unknown])[] = [
    ["no intermediary", { intermediaries: [] }, { code: "IntermediaryCountOutOfRange", count: 0 }],
    [
      "one intermediary too many",
      { intermediaries: Array.from({ length: INTERMEDIARIES_MAX + 1 }, (_, at) => person(9 + at)) },
      { code: "IntermediaryCountOutOfRange", count: INTERMEDIARIES_MAX + 1 },
    ],
    [
      "an intermediary twice",
      { intermediaries: [IRENE, IRENE] },
      { code: "RouteParticipantTwice", participant: IRENE },
    ],
    [
      "myself as an intermediary",
      { intermediaries: [IRENE, ME] },
      { code: "RouteParticipantTwice", participant: ME },
    ],
    [
      "the payee as an intermediary",
      { intermediaries: [IRENE, PAYEE] },
      { code: "RouteParticipantTwice", participant: PAYEE },
    ],
    ["a fee too few", { fees: [1n] }, { code: "FeesNotPerIntermediary", count: 1 }],
    ["a negative fee", { fees: [5n, -1n] }, { code: "FeeOutOfRange", fee: -1n }],
    [
      "a fee that no contract can hold",
      { fees: [2n ** 256n, 0n] },
      { code: "FeeOutOfRange", fee: 2n ** 256n },
    ],
    [
      "a first intermediary with whom I have no ledger",
      { intermediaries: [IVAN, IRENE] },
      { code: "NoLedgerWithPeer", peer: IVAN },
    ],
    [
      "fees above what my ledgers have",
      { fees: [8n, 3n] },
      { code: "LedgerTooSmall", peer: IRENE },
    ],
  ];
  for (const [what, given, reason] of refused) {
    adversarial(`refuses ${what}`, () => {
      expect(check(given)).toEqual({ ok: false, reason } as ReturnType<typeof checkRoute>);
    });
  }

  adversarial("refuses a share of the other side above what it has, and another profile", () => {
    const small = { ok: false, reason: { code: "LedgerTooSmall", peer: IRENE } } as const;
    const none = { ok: false, reason: { code: "NoLedgerWithPeer", peer: IRENE } } as const;
    expect(check({}, wants(1n, 3n))).toEqual(small);
    expect(check({}, wants(1n, 0n, "go-nitro"))).toEqual(none);
  });
});
