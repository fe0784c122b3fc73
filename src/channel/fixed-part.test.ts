/** Which fixed parts make a channel that the contracts can judge. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import {
  CHALLENGE_DURATION_ENCODABLE_MAX_SEC,
  checkFixedPart,
  type FixedPart,
} from "./fixed-part.ts";

const addressOfNumber = (number: number): Address =>
  `0x${number.toString(16).padStart(40, "0")}` as Address;

const participants = (count: number): readonly Address[] =>
  Array.from({ length: count }, (_, index) => addressOfNumber(index + 1));

const good: FixedPart = {
  participants: participants(2),
  channelNonce: 7n,
  appDefinition: addressOfNumber(99),
  challengeDurationSec: 86_400,
};

const codeOf = (changes: Partial<FixedPart>): string => {
  const checked = checkFixedPart({ ...good, ...changes });
  return checked.ok ? "accepted" : checked.reason.code;
};

describe("checkFixedPart", () => {
  unit("accepts a fixed part as it is, up to every limit", () => {
    expect(checkFixedPart(good)).toEqual({ ok: true, value: good });
    expect(codeOf({ participants: participants(255) })).toBe("accepted");
    expect(codeOf({ channelNonce: 0n })).toBe("accepted");
    expect(codeOf({ channelNonce: 2n ** 64n - 1n })).toBe("accepted");
    expect(codeOf({ challengeDurationSec: 0 })).toBe("accepted");
    expect(codeOf({ challengeDurationSec: CHALLENGE_DURATION_ENCODABLE_MAX_SEC })).toBe("accepted");
  });

  adversarial("refuses fewer than two participants and more than 255", () => {
    for (const count of [0, 1, 256, 1_000]) {
      expect(checkFixedPart({ ...good, participants: participants(count) })).toEqual({
        ok: false,
        reason: { code: "ParticipantCountOutOfRange", count },
      });
    }
  });

  adversarial("refuses a participant who is nobody, or stands there twice", () => {
    const [first = ZERO_ADDRESS, second = ZERO_ADDRESS] = good.participants;

    expect(codeOf({ participants: [first, ZERO_ADDRESS] })).toBe("ZeroParticipant");
    expect(checkFixedPart({ ...good, participants: [first, second, first] })).toEqual({
      ok: false,
      reason: { code: "DuplicateParticipant", participant: first },
    });
  });

  adversarial("refuses numbers that the contract's types do not hold", () => {
    expect(codeOf({ channelNonce: -1n })).toBe("NonceOutOfRange");
    expect(codeOf({ channelNonce: 2n ** 64n })).toBe("NonceOutOfRange");
    for (const challengeDurationSec of [-1, 0.5, Number.NaN, 2 ** 48]) {
      expect(codeOf({ challengeDurationSec })).toBe("ChallengeDurationOutOfRange");
    }
  });
});
