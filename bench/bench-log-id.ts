/** What every log that is measured has in common: its id. */

/** The id of every log that is measured. */
export const BENCH_LOG_ID: Uint8Array = new Uint8Array(16);
