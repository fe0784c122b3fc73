/** Waiting for something that nobody tells. */
import { systemClock } from "../../adapters/system-clock.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 20;

/** Resolves when it is so, or when the time is over. */
export async function waitUntil(isSo: () => boolean, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!isSo() && performance.now() < endMs) {
    await new Promise<void>((resolve) => {
      systemClock.after(LOOK_MS, resolve);
    });
  }
}
