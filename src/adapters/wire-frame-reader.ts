/** Frames out of a stream of bytes: each is its length in four bytes, most significant first, and then itself. */
import { assert } from "../primitives/assert.ts";

/** Bytes of a length. */
export const FRAME_HEADER_BYTES = 4;

/** The first buffer of a frame that comes in pieces. */
const FIRST_BUFFER_BYTES = 1_024;

/** Bytes that have come already: nothing. */
const NOTHING = new Uint8Array();

/**
 * Cuts what arrives into frames. Memory grows with the bytes that came, at most twofold, never with the length that
 * somebody claims.
 *
 * A frame may share memory with the frames next to it: who keeps it for long copies it.
 */
export class FrameReader {
  #sizeMax: number;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  /** Length of the frame that is being read; undefined while its four bytes are not all there. */
  #size: number | undefined;
  #partial: Uint8Array = NOTHING;
  #filled = 0;
  #tooLarge = false;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** True once a length above the limit was claimed. Nothing more is read. */
  get claimsTooMuch(): boolean {
    return this.#tooLarge;
  }

  /** True while a frame has begun and is not whole. */
  get isMidFrame(): boolean {
    return this.#size !== undefined || this.#filled > 0;
  }

  /** Bytes that this reader has set aside. */
  get heldBytes(): number {
    return this.#partial.length;
  }

  /** Changes the limit, from the next frame on. */
  set sizeMax(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** Takes the next bytes of the stream. All frames of the bytes before have been read. */
  feed(bytes: Uint8Array): void {
    assert(this.#at === this.#chunk.length, "the bytes before are read");
    this.#chunk = bytes;
    this.#at = 0;
  }

  /** The next frame that is whole; undefined when there is none, or none will ever be. */
  next(): Uint8Array | undefined {
    if (this.#tooLarge) return undefined;
    this.#size ??= this.#readSize();
    if (this.#size === undefined) return undefined;
    if (this.#size > this.#sizeMax) {
      this.#tooLarge = true;
      this.#partial = NOTHING;
      return undefined;
    }
    return this.#readFrame(this.#size);
  }

  #readSize(): number | undefined {
    if (this.#filled === 0 && this.#chunk.length - this.#at >= FRAME_HEADER_BYTES) {
      const size = sizeAt(this.#chunk, this.#at);
      this.#at += FRAME_HEADER_BYTES;
      return size;
    }
    const header = this.#gather(FRAME_HEADER_BYTES);
    return header === undefined ? undefined : sizeAt(header, 0);
  }

  #readFrame(size: number): Uint8Array | undefined {
    const isHere = this.#filled === 0 && this.#chunk.length - this.#at >= size;
    const frame = isHere ? this.#chunk.subarray(this.#at, this.#at + size) : this.#gather(size);
    if (frame === undefined) return undefined;
    if (isHere) this.#at += size;
    this.#size = undefined;
    return frame;
  }

  /** Collects bytes over several chunks; gives them, and lets go of them, once all have come. */
  #gather(size: number): Uint8Array | undefined {
    const piece = this.#chunk.subarray(this.#at, this.#at + size - this.#filled);
    this.#reserve(this.#filled + piece.length, size);
    this.#partial.set(piece, this.#filled);
    this.#filled += piece.length;
    this.#at += piece.length;
    if (this.#filled < size) return undefined;
    const whole = this.#partial.subarray(0, size);
    this.#partial = NOTHING;
    this.#filled = 0;
    return whole;
  }

  #reserve(needed: number, size: number): void {
    if (needed <= this.#partial.length) return;
    const doubled = Math.max(2 * this.#partial.length, FIRST_BUFFER_BYTES, needed);
    const larger = new Uint8Array(Math.min(doubled, size));
    larger.set(this.#partial.subarray(0, this.#filled));
    this.#partial = larger;
  }
}

function sizeAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return a * 0x1_00_00_00 + b * 0x1_00_00 + c * 0x1_00 + d;
}
