/** When what looks pointless is pointless. */
import { expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { EffectId } from "../protocols/effects.ts";
import { Doomed } from "./doomed.ts";

const PAYOUT = "payout" as EffectId;

unit("a transaction is doomed once the block that first said so is confirmed", () => {
  const doomed = new Doomed();

  expect(doomed.isSure(PAYOUT, { head: 9, confirmed: undefined })).toBe(false);
  expect(doomed.isSure(PAYOUT, { head: 10, confirmed: 8 })).toBe(false);
  expect(doomed.isSure(PAYOUT, { head: 11, confirmed: 9 })).toBe(true);
});

unit("it is looked at anew where it seemed right in between, or blocks were replaced", () => {
  const doomed = new Doomed();
  doomed.isSure(PAYOUT, { head: 9, confirmed: 7 });
  doomed.forget(PAYOUT);
  expect(doomed.isSure(PAYOUT, { head: 11, confirmed: 9 })).toBe(false);

  doomed.reset();
  expect(doomed.isSure(PAYOUT, { head: 13, confirmed: 11 })).toBe(false);
  expect(doomed.isSure(PAYOUT, { head: 15, confirmed: 13 })).toBe(true);
});
