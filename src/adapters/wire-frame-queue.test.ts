/** A queue takes what it has room for, and gives back the memory of what was written. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { CHUNK_BYTES, ChunkPool } from "./wire-chunks.ts";
import { FrameQueue } from "./wire-frame-queue.ts";

/** Writes everything that waits. */
function drain(queue: FrameQueue): number {
  let writes = 0;
  for (let bytes = queue.next(); bytes !== undefined; bytes = queue.next()) {
    queue.written(bytes.length);
    writes += 1;
  }
  return writes;
}

describe("FrameQueue", () => {
  unit("refuses a frame that would make it larger than it may be, and takes a smaller one", () => {
    const queue = new FrameQueue(new ChunkPool(1_000_000));

    const taken = [90, 20, 2].map((size) => queue.add(new Uint8Array(size), 100));

    expect(taken).toEqual([true, false, true]);
    expect(queue.sizeBytes).toBe(100);
  });

  unit("refuses a frame for which the memory of all queues has no room", () => {
    const pool = new ChunkPool(3 * CHUNK_BYTES);
    const [one, other] = [new FrameQueue(pool), new FrameQueue(pool)];

    const taken = [
      one.add(new Uint8Array(2 * CHUNK_BYTES - 4), 1_000_000),
      other.add(new Uint8Array(CHUNK_BYTES), 1_000_000),
      other.add(new Uint8Array(CHUNK_BYTES - 4), 1_000_000),
      one.add(new Uint8Array(), 1_000_000),
    ];

    expect(taken).toEqual([true, false, true, false]);
  });

  unit("gives all memory back when it is written, or cleared", () => {
    const pool = new ChunkPool(10 * CHUNK_BYTES);
    const queue = new FrameQueue(pool);
    queue.add(new Uint8Array(3 * CHUNK_BYTES), 1_000_000);
    drain(queue);
    const afterWriting = pool.left;
    queue.add(new Uint8Array(3 * CHUNK_BYTES), 1_000_000);
    queue.written(100);
    queue.clear();

    expect([afterWriting, pool.left, queue.sizeBytes]).toEqual([10, 10, 0]);
    expect(queue.next()).toBeUndefined();
  });

  unit("writes a hundred small frames at once", () => {
    const queue = new FrameQueue(new ChunkPool(1_000_000));
    for (let n = 0; n < 100; n++) queue.add(new Uint8Array(250), 1_000_000);

    expect(drain(queue)).toBe(1);
  });
});
