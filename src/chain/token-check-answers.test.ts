/** Tests of how a token's answers are read, hostile ones among them. */
import { describe, expect } from "bun:test";
import { encodeAbiParameters } from "viem";
import { adversarial, unit } from "../../test/kind.ts";
import type { Hex } from "../primitives/hex.ts";
import { amountOf, answerOf, reasonOf } from "./token-check-answers.ts";
import type { StepOutcome } from "./token-check-probe.ts";

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

const took = (data: Hex): StepOutcome => ({ succeeded: true, data, callsBack: 0 });
const reverted = (data: Hex): StepOutcome => ({ succeeded: false, data, callsBack: 0 });

const because = (text: string): StepOutcome =>
  reverted(`0x08c379a0${encodeAbiParameters([{ type: "string" }], [text]).slice(2)}`);

describe("answerOf", () => {
  unit("tells true from false, from nothing, and from a revert", () => {
    expect(answerOf(took(word(1n)))).toBe("true");
    expect(answerOf(took(word(0n)))).toBe("false");
    expect(answerOf(took("0x"))).toBe("nothing");
    expect(answerOf(reverted(word(1n)))).toBe("a revert");
  });

  adversarial("takes no other bytes for true", () => {
    for (const data of [word(2n), word(2n ** 255n), "0x01", `${word(1n)}00`] as const) {
      expect(answerOf(took(data))).toBe("something else");
    }
  });
});

describe("amountOf", () => {
  unit("reads one word, of a step that succeeded", () => {
    expect(amountOf(took(word(7n)))).toBe(7n);
    expect(amountOf(reverted(word(7n)))).toBeUndefined();
    expect(amountOf(took("0x"))).toBeUndefined();
  });
});

describe("reasonOf", () => {
  unit("gives the contract's own words, a panic's number, or an error's selector", () => {
    expect(reasonOf(because("no"))).toBe('"no"');
    expect(reasonOf(reverted(`0x4e487b71${word(17n).slice(2)}`))).toBe("panic 17");
    expect(reasonOf(reverted("0xdeadbeef"))).toBe("error 0xdeadbeef");
    expect(reasonOf(reverted("0x"))).toBe("without a reason");
  });

  adversarial("shows a terminal nothing but plain letters, and not too many", () => {
    expect(reasonOf(because("\u001b[2Jgone\n"))).toBe('"?[2Jgone?"');
    expect(reasonOf(because("a".repeat(5_000)))).toHaveLength(102);
    expect(reasonOf(reverted("0x08c379a0ff"))).toBe("with an unreadable reason");
  });
});
