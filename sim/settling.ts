/** Lets all that follows from one step of a world happen, before its time goes on. */
import { drainMicrotasks } from "bun:jsc";
import { realWorld } from "./real-world.ts";

/**
 * Steps between two turns of the machine's event loop: 1,000, a few hundredths of a second. Signals, and what other
 * processes send, are heard only in such a turn.
 */
const STEPS_PER_TURN = 1_000;

/** One per world. */
export class Settling {
  #steps = 0;

  /**
   * Lets every promise that can go on do so. A turn of the event loop lets them as well, and costs five times as
   * much: nothing inside a planned world ever waits for one.
   */
  async settle(): Promise<void> {
    drainMicrotasks();
    this.#steps += 1;
    if (this.#steps % STEPS_PER_TURN === 0) await turnOfTheLoop();
  }
}

/** A turn comes after all promises that can go on. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    realWorld.setImmediate(resolve);
  });
}
