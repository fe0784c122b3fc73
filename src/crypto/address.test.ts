/** Which texts are an address, and in what form it is kept. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import { parseAddress, ZERO_ADDRESS } from "./address.ts";

const LOWER = "0x96f7123e3a80c9813ef50213aded0e4511cb820f";

describe("parseAddress", () => {
  unit("takes any capitals and gives small letters", () => {
    const checksummed = "0x96f7123E3A80C9813eF50213ADEd0e4511CB820f";

    for (const text of [LOWER, checksummed, LOWER.toUpperCase()]) {
      expect(parseAddress(text)).toEqual({ ok: true, value: LOWER } as never);
    }
  });

  unit("takes the zero address, which names the chain's coin", () => {
    expect(parseAddress(`0x${"0".repeat(40)}`)).toEqual({ ok: true, value: ZERO_ADDRESS });
  });

  adversarial("refuses another length, no hex, and what is no text", () => {
    const refused = [
      "",
      "0x",
      LOWER.slice(2),
      LOWER.slice(0, -1),
      `${LOWER}0`,
      `${LOWER}00`,
      `${LOWER.slice(0, -1)}g`,
      ` ${LOWER}`,
      `${LOWER}\n`,
      "alice.eth",
      undefined,
      null,
      42,
      [LOWER],
      { toLowerCase: () => LOWER },
    ];
    for (const text of refused) {
      expect(parseAddress(text)).toEqual({ ok: false, reason: { code: "NotAnAddress" } });
    }
  });
});
