/** How long to wait before a place is dialed again. */
import type { Random } from "../ports/random.ts";

/** 0.5 s: a process that restarts is back by then. */
const FIRST_MS = 500;

/** 60 s: a place that has been away for a day is found within a minute of its return. */
const LONGEST_MS = 60_000;

/** More doublings change nothing. */
const DOUBLINGS_MAX = 7;

/** The numbers that two bytes can hold. */
const CHANCES = 0x1_00_00;

/**
 * Milliseconds to wait after so many failures in a row: half a second, doubled with each up to a minute, of which chance
 * takes up to a half away, so that those who lost the same place do not all come back at once.
 */
export function backOffMs(failures: number, random: Random): number {
  const most = Math.min(FIRST_MS * 2 ** Math.min(failures, DOUBLINGS_MAX), LONGEST_MS);
  const [high = 0, low = 0] = random.bytes(2);
  return Math.round(most / 2 + (most / 2) * ((high * 0x1_00 + low) / CHANCES));
}
