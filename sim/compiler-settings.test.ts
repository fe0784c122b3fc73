/** The environment of processes that play many runs. */
import { afterEach, expect } from "bun:test";
import { unit } from "../test/kind.ts";
import { playingEnvironment } from "./compiler-settings.ts";

const SETTING = "BUN_JSC_thresholdForFTLOptimizeAfterWarmUp";

afterEach(() => {
  delete process.env[SETTING];
});

unit("this Bun takes the setting, and the rest of the environment stays", () => {
  const environment = playingEnvironment();
  expect(environment[SETTING]).toBe("1000000");
  expect(environment["PATH"]).toBe(process.env["PATH"]);
});

unit("the user's own setting stays", () => {
  process.env[SETTING] = "70000";
  expect(playingEnvironment()[SETTING]).toBe("70000");
});
