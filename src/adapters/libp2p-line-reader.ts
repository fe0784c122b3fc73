/** The first line of a stream of bytes. */

/** The byte that ends a line. */
const NEWLINE = 10;

/** Before anything has come. */
const NOTHING = new Uint8Array();

/** Where the buffer begins. */
const FIRST_BUFFER_BYTES = 1_024;

/** Gathers bytes up to the first end of a line. Memory grows with the bytes that came, at most twofold. */
export class LineReader {
  readonly #sizeMax: number;
  #buffer: Uint8Array = NOTHING;
  #filled = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** Takes bytes: gives the line once its end has come, `TooLong` when it has grown too long, undefined otherwise. */
  feed(bytes: Uint8Array): Uint8Array | "TooLong" | undefined {
    const end = bytes.indexOf(NEWLINE);
    const piece = end < 0 ? bytes : bytes.subarray(0, end);
    if (this.#filled + piece.length > this.#sizeMax) return "TooLong";
    this.#reserve(this.#filled + piece.length);
    this.#buffer.set(piece, this.#filled);
    this.#filled += piece.length;
    return end < 0 ? undefined : this.#buffer.subarray(0, this.#filled);
  }

  #reserve(needed: number): void {
    if (needed <= this.#buffer.length) return;
    const doubled = Math.max(needed, 2 * this.#buffer.length, FIRST_BUFFER_BYTES);
    const larger = new Uint8Array(Math.min(doubled, this.#sizeMax));
    larger.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = larger;
  }
}
