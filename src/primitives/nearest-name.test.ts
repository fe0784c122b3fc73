/** Tests of guessing which name was meant. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { nearestName } from "./nearest-name.ts";

const NAMES = ["demo", "direct-fund", "direct-defund", "update"];

describe("nearestName", () => {
  unit("finds a name with a slip or two, or a part of it", () => {
    expect(nearestName("dmo", NAMES)).toBe("demo");
    expect(nearestName("derect-fnud", NAMES)).toBe("direct-fund");
    expect(nearestName("defund", NAMES)).toBe("direct-defund");
  });

  unit("guesses nothing where no name is near", () => {
    expect(nearestName("withdraw", NAMES)).toBeUndefined();
    expect(nearestName("", NAMES)).toBeUndefined();
    expect(nearestName("demo", [])).toBeUndefined();
  });
});
