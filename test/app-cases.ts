/** How often apps are compared with the rules off chain: hundreds of times in `check`, thousands by `bun run apps`. */

/** Cases to draw: as many as said, or as CHANNELS_APP_CASES says. */
export function appCases(inCheck: number): number {
  return Number(process.env["CHANNELS_APP_CASES"] ?? inCheck);
}

/** Milliseconds in which so many cases are done on a slow machine, and the compiler, where one is needed. */
export function appCasesTimeoutMs(cases: number): number {
  return 60_000 + 40 * cases;
}
