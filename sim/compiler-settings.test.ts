import { afterEach, expect, test } from "bun:test";
import { playingEnvironment } from "./compiler-settings.ts";

const SETTING = "BUN_JSC_thresholdForFTLOptimizeAfterWarmUp";

afterEach(() => {
  delete process.env[SETTING];
});

test("this Bun takes the setting, and the rest of the environment stays", () => {
  const environment = playingEnvironment();
  expect(environment[SETTING]).toBe("1000000");
  expect(environment["PATH"]).toBe(process.env["PATH"]);
});

test("the user's own setting stays", () => {
  process.env[SETTING] = "70000";
  expect(playingEnvironment()[SETTING]).toBe("70000");
});
