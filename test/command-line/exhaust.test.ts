/** Tests of `exhaust`: one case, and names of which there are none. */
import { describe, expect } from "bun:test";
import { integration } from "../kind.ts";
import { runHere } from "./here.ts";
import { inPlace } from "./program.ts";

const CASE = "direct fund of two/alice to bob/frame 3/Data/until later";

/** Nothing is read or written there. */
const PLACE = { cwd: import.meta.dir, env: {} };

/** What is asked for though there is no such thing, and what is said about it. */
const WRONG: readonly (readonly [args: readonly string[], says: string])[] = [
  [["floods"], "Use crashes, cuts or orders."],
  [["crashes", "--script", "direct fund of tow"], 'did you mean "direct fund of two"?'],
  [["cuts", "--only", `${CASE}, perhaps`], "no case of that story is called"],
  [["orders", "--only", CASE], "orders have no cases of their own; use --script"],
];

describe("channels exhaust", () => {
  integration("tells the one case that it is asked for, and says how many held", async () => {
    await inPlace(async ({ run }) => {
      const { exitCode, stdout } = await run("exhaust", "cuts", "--only", CASE, "--json");
      expect(exitCode).toBe(0);
      const { held, mode, scripts } = JSON.parse(stdout);
      const [{ failures, held: count, script, tried }] = scripts;
      expect([mode, held, script]).toEqual(["cuts", true, "direct fund of two"]);
      expect([tried, count, failures]).toEqual([1, 1, []]);
    });
  });

  for (const [args, says] of WRONG) {
    integration(`ends with 2, and says why, when asked for ${args.join(" ")}`, async () => {
      const { exitCode, stderr, stdout } = await runHere(["exhaust", ...args], PLACE);
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(says);
    });
  }
});
