/** Frames that wait to be written, as the bytes that will be written. */
import { assertDefined } from "../primitives/assert.ts";
import { CHUNK_BYTES, type ChunkPool } from "./wire-chunks.ts";
import { FRAME_HEADER_BYTES } from "./wire-frame-reader.ts";

const header = new Uint8Array(FRAME_HEADER_BYTES);
const headerView = new DataView(header.buffer);

/**
 * A queue of bytes in chunks. Small frames stand next to each other, so that one write takes many. Frames are copied:
 * whoever sent one may use its memory again.
 */
export class FrameQueue {
  readonly #pool: ChunkPool;
  #chunks: Uint8Array[] = [];
  /** Where the bytes that are not written begin in the first chunk. */
  #start = 0;
  /** Where the last chunk has room. */
  #end: number = CHUNK_BYTES;
  #sizeBytes = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  /** Bytes that wait, lengths of frames included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Adds a frame at the end; false when it would make the queue larger than `sizeBytesMax`, or memory is used up. */
  add(frame: Uint8Array, sizeBytesMax: number): boolean {
    const added = FRAME_HEADER_BYTES + frame.length;
    if (this.#sizeBytes + added > sizeBytesMax) return false;
    const chunksNeeded = Math.ceil((added - (CHUNK_BYTES - this.#end)) / CHUNK_BYTES);
    if (chunksNeeded > this.#pool.left) return false;
    headerView.setUint32(0, frame.length);
    this.#append(header);
    this.#append(frame);
    this.#sizeBytes += added;
    return true;
  }

  /** The bytes to write next, as many as lie together; undefined when nothing waits. */
  next(): Uint8Array | undefined {
    const first = this.#chunks[0];
    if (first === undefined) return undefined;
    return first.subarray(this.#start, this.#chunks.length === 1 ? this.#end : CHUNK_BYTES);
  }

  /** Takes bytes that were written off the front: at most as many as `next` gave. */
  written(sizeBytes: number): void {
    this.#sizeBytes -= sizeBytes;
    this.#start += sizeBytes;
    const isLast = this.#chunks.length === 1;
    if (this.#start < (isLast ? this.#end : CHUNK_BYTES)) return;
    this.#pool.takeBack(assertDefined(this.#chunks.shift(), "the chunk that was written"));
    this.#start = 0;
    if (isLast) this.#end = CHUNK_BYTES;
  }

  /** Forgets everything that waits. */
  clear(): void {
    for (const chunk of this.#chunks) this.#pool.takeBack(chunk);
    this.#chunks = [];
    this.#start = 0;
    this.#end = CHUNK_BYTES;
    this.#sizeBytes = 0;
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#end === CHUNK_BYTES) {
        this.#chunks.push(this.#pool.lend());
        this.#end = 0;
      }
      const last = assertDefined(this.#chunks.at(-1), "a chunk with room");
      const piece = bytes.subarray(at, at + CHUNK_BYTES - this.#end);
      last.set(piece, this.#end);
      this.#end += piece.length;
      at += piece.length;
    }
  }
}
