/** Support is unanimous. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { Signature } from "../crypto/signature.ts";
import { isSupported, type SignedState, withSignature } from "./signed-state.ts";

const signature = `0x${"01".repeat(64)}1b` as Signature;

const unsigned: SignedState = {
  variablePart: { outcome: [], appData: "0x", turnNum: 0, isFinal: false },
  signatures: [undefined, undefined, undefined],
};

describe("a signed state", () => {
  unit("is supported once all have signed, in any order", () => {
    const byTwo = withSignature(withSignature(unsigned, 2, signature), 0, signature);

    expect(isSupported(unsigned)).toBe(false);
    expect(isSupported(byTwo)).toBe(false);
    expect(isSupported(withSignature(byTwo, 1, signature))).toBe(true);
  });

  unit("keeps the state that it came from as it was", () => {
    const byOne = withSignature(unsigned, 1, signature);

    expect(byOne.signatures).toEqual([undefined, signature, undefined]);
    expect(unsigned.signatures).toEqual([undefined, undefined, undefined]);
  });

  unit("has no place for somebody who does not take part", () => {
    expect(() => withSignature(unsigned, 3, signature)).toThrow("a participant");
    expect(() => withSignature(unsigned, -1, signature)).toThrow("a participant");
  });
});
