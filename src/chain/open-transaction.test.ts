/** How much transactions in line are pressed. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import type { ChainCall } from "../protocols/effects.ts";
import { morePressed, PATIENT, type Urgency, urgencyOf } from "./fees.ts";
import { type OpenTransaction, pressuresIn } from "./open-transaction.ts";

/** A transaction of the desk, of which only its place and its deadline count here. */
function inLine(nonce: number, deadlineSec?: number): OpenTransaction {
  return { nonce, ...asked(deadlineSec) } as OpenTransaction;
}

function asked(deadlineSec?: number): { readonly call: ChainCall } {
  return { call: { type: "Checkpoint", deadlineSec } as ChainCall };
}

/** The definition: by itself, by all with a higher nonce, and by all without one. */
function pressureOf(
  open: OpenTransaction,
  line: readonly OpenTransaction[],
  toSign: readonly { readonly call: ChainCall }[],
): Urgency {
  const behind = line.filter(({ nonce }) => nonce > open.nonce);
  return [...behind, ...toSign]
    .map(({ call }) => urgencyOf(call))
    .reduce(morePressed, urgencyOf(open.call));
}

describe("pressuresIn", () => {
  unit(
    "presses what is in front as much as what stands behind it, and not the other way round",
    () => {
      const [first, pressing, last] = [inLine(3), inLine(4, 900), inLine(5)];
      const pressures = pressuresIn([last, first, pressing], []);

      expect(pressures.get(first)).toEqual({ isUrgent: true, deadlineSec: 900 });
      expect(pressures.get(pressing)).toEqual({ isUrgent: true, deadlineSec: 900 });
      expect(pressures.get(last)).toEqual(PATIENT);
    },
  );

  property("is the most that anything behind it wants, whatever the order it is given in", () => {
    const deadline = fc.option(fc.nat({ max: 5 }), { nil: undefined });
    const places = fc.array(fc.tuple(fc.nat({ max: 6 }), deadline), { maxLength: 8 });
    fc.assert(
      fc.property(places, fc.array(deadline, { maxLength: 3 }), (drawn, waiting) => {
        const line = drawn.map(([nonce, deadlineSec]) => inLine(nonce, deadlineSec));
        const toSign = waiting.map(asked);
        const pressures = pressuresIn(line, toSign);

        for (const open of line) {
          expect(pressures.get(open)).toEqual(pressureOf(open, line, toSign));
        }
      }),
    );
  });
});
