/** Refusals of the engine, as whoever asked reads them. */
import { describe, expect } from "bun:test";
import { unit } from "../../../test/kind.ts";
import { refused } from "./asking.ts";

describe("refused", () => {
  unit("says a code in words, and what to wait for where nobody could guess it", () => {
    const messageOf = (code: "Resyncing" | "InboxFull"): string | undefined => {
      const answer = refused({ code });
      return answer.ok ? undefined : answer.reason.message;
    };

    expect(messageOf("InboxFull")).toBe("Refused: inbox full");
    expect(messageOf("Resyncing")).toContain("until they are connected");
  });
});
