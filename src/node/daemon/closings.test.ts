/** Tests of closing what was opened. */
import { describe, expect } from "bun:test";
import { unit } from "../../../test/kind.ts";
import { Closings } from "./closings.ts";

describe("Closings", () => {
  unit("closes the newest first, all of them, once, and throws the first error", async () => {
    const closed: string[] = [];
    const closings = new Closings();
    const close = (name: string, error?: string) => async () => {
      closed.push(name);
      if (error !== undefined) throw new Error(error);
    };
    closings.add(close("a"));
    closings.add(close("b", "late"));
    closings.add(close("c", "first"));

    const failure = await closings.closeAll().catch((error: unknown) => String(error));
    await closings.closeAll();

    expect(closed).toEqual(["c", "b", "a"]);
    expect(failure).toBe("Error: first");
  });
});
