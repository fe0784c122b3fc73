/** What a change makes of a state, and which changes do not fit. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { applyChange, type PlainChange } from "./change.ts";
import { externalDestination } from "./destination.ts";
import { type Outcome, type SingleAssetExit, totalPerAsset } from "./outcome.ts";
import type { VariablePart } from "./state.ts";

const TOKEN = repeated("70", 20) as Address;
const NEXT_TURN = 8;

const exitOf = (asset: Address, amounts: readonly bigint[]): SingleAssetExit => ({
  asset,
  assetMetadata: { assetType: 0, metadata: "0x" },
  allocations: amounts.map((amount, index) => ({
    destination: externalDestination(repeated(`a${index}`, 20) as Address),
    amount,
    allocationType: 0,
    metadata: "0x",
  })),
});

const outcome: Outcome = [exitOf(ZERO_ADDRESS, [6n, 4n, 0n]), exitOf(TOKEN, [1n, 2n, 3n])];
const from: VariablePart = { outcome, appData: "0xda7a", turnNum: 7, isFinal: false };

const pay = (change: Partial<PlainChange & { type: "Pay" }>): PlainChange => ({
  type: "Pay",
  asset: ZERO_ADDRESS,
  to: 1,
  amount: 1n,
  ...change,
});

const amountsOf = (result: ReturnType<typeof applyChange>): readonly (readonly bigint[])[] =>
  result.ok
    ? result.value.outcome.map(({ allocations }) => allocations.map(({ amount }) => amount))
    : [];

describe("Pay", () => {
  unit("moves the amount from the one who asks to the payee, at the next turn", () => {
    const changed = applyChange(from, 0, pay({ amount: 5n }), NEXT_TURN);

    expect(changed).toEqual({
      ok: true,
      value: {
        outcome: [exitOf(ZERO_ADDRESS, [1n, 9n, 0n]), exitOf(TOKEN, [1n, 2n, 3n])],
        appData: "0xda7a",
        turnNum: NEXT_TURN,
        isFinal: false,
      },
    });
  });

  unit("moves one asset and leaves the others", () => {
    const changed = applyChange(from, 2, pay({ asset: TOKEN, to: 0, amount: 3n }), NEXT_TURN);

    expect(amountsOf(changed)).toEqual([
      [6n, 4n, 0n],
      [4n, 2n, 0n],
    ]);
  });

  unit("takes the last unit that the payer has", () => {
    expect(amountsOf(applyChange(from, 0, pay({ amount: 6n }), NEXT_TURN))[0]).toEqual([
      0n,
      10n,
      0n,
    ]);
  });

  unit("makes a state that is not final of one that is", () => {
    const changed = applyChange({ ...from, isFinal: true }, 0, pay({}), NEXT_TURN);

    expect(changed.ok && changed.value.isFinal).toBe(false);
  });

  adversarial("is refused when it takes more than there is, nothing, or from others", () => {
    const refusals: readonly [by: number, PlainChange, reason: unknown][] = [
      [0, pay({ amount: 7n }), { code: "InsufficientFunds", available: 6n, asked: 7n }],
      [2, pay({}), { code: "InsufficientFunds", available: 0n, asked: 1n }],
      [0, pay({ amount: 0n }), { code: "AmountNotPositive" }],
      [0, pay({ amount: -1n }), { code: "AmountNotPositive" }],
      [0, pay({ to: 0 }), { code: "UnknownParticipant", index: 0 }],
      [0, pay({ to: 3 }), { code: "UnknownParticipant", index: 3 }],
      [3, pay({}), { code: "UnknownParticipant", index: 3 }],
      [
        0,
        pay({ asset: repeated("71", 20) as Address }),
        { code: "AssetMismatch", asset: repeated("71", 20) },
      ],
    ];

    for (const [by, change, reason] of refusals) {
      expect(applyChange(from, by, change, NEXT_TURN)).toEqual({ ok: false, reason } as never);
    }
  });

  property("every payment keeps the sum of every asset, and nobody is below zero", () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 9n }), { minLength: 2, maxLength: 5 });
    const payments = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.bigInt({ min: -2n, max: 9n })));
    fc.assert(
      fc.property(amounts, amounts, payments, (coins, tokens, asked) => {
        const start = { ...from, outcome: [exitOf(ZERO_ADDRESS, coins), exitOf(TOKEN, tokens)] };
        const end = asked.reduce((state, [by, to, amount]) => {
          const asset = amount % 2n === 0n ? ZERO_ADDRESS : TOKEN;
          const changed = applyChange(state, by, pay({ asset, to, amount }), NEXT_TURN);
          return changed.ok ? changed.value : state;
        }, start as VariablePart);
        const claims = end.outcome.flatMap(({ allocations }) => allocations);

        expect(totalPerAsset(end.outcome)).toEqual(totalPerAsset(start.outcome));
        expect(claims.filter(({ amount }) => amount < 0n)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("Replace", () => {
  const replacement: Outcome = [exitOf(TOKEN, [3n, 2n, 1n])];
  const replace: PlainChange = {
    type: "Replace",
    baseTurnNum: 7,
    outcome: replacement,
    appData: "0x01",
  };

  unit("puts another outcome and other app data in place", () => {
    expect(applyChange({ ...from, isFinal: true }, 0, replace, NEXT_TURN)).toEqual({
      ok: true,
      value: { outcome: replacement, appData: "0x01", turnNum: NEXT_TURN, isFinal: false },
    });
  });

  adversarial("is refused on any other state than that which it was computed from", () => {
    for (const baseTurnNum of [0, 6, 8]) {
      expect(applyChange(from, 0, { ...replace, baseTurnNum }, NEXT_TURN)).toEqual({
        ok: false,
        reason: { code: "StaleChange", baseTurnNum, supportedTurnNum: 7 },
      });
    }
  });
});
