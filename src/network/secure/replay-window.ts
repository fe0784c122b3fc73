/** Which counters of a session were seen: each is taken once, in whatever order they come. Source: RFC 6479. */

/** Counters behind the highest that are still told apart: more than frames overtake each other. */
export const REPLAY_WINDOW = 2_016;

const WORD_BITS = 32;
const WORDS = REPLAY_WINDOW / WORD_BITS + 1;

/** The window of one session. */
export class ReplayWindow {
  readonly #words = new Uint32Array(WORDS);
  #highest = -1;

  /** True for a counter that was not seen and is not too old. Looks without noting. */
  isNew(counter: number): boolean {
    if (counter > this.#highest) return true;
    if (this.#highest - counter >= REPLAY_WINDOW) return false;
    return ((this.#words[wordOf(counter)] ?? 0) & bitOf(counter)) === 0;
  }

  /** Notes a counter, of a frame that proved to be genuine. */
  note(counter: number): void {
    const from = Math.floor(this.#highest / WORD_BITS);
    const steps = Math.min(Math.floor(counter / WORD_BITS) - from, WORDS);
    for (let step = 1; step <= steps; step += 1) this.#words[(from + step + WORDS) % WORDS] = 0;
    this.#highest = Math.max(this.#highest, counter);
    const word = wordOf(counter);
    this.#words[word] = (this.#words[word] ?? 0) | bitOf(counter);
  }
}

function wordOf(counter: number): number {
  return Math.floor(counter / WORD_BITS) % WORDS;
}

function bitOf(counter: number): number {
  return 1 << (counter % WORD_BITS);
}
