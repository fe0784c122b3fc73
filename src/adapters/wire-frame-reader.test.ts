/** Frames come out of a stream of bytes as they went in, however the bytes are cut. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../test/kind.ts";
import { ChunkPool } from "./wire-chunks.ts";
import { FrameQueue } from "./wire-frame-queue.ts";
import { FrameReader } from "./wire-frame-reader.ts";

/** All frames that come of some chunks. */
function framesOf(reader: FrameReader, chunks: readonly Uint8Array[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (const chunk of chunks) {
    reader.feed(chunk);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  }
  return frames;
}

/** The bytes that a queue writes for some frames, in pieces of at most so many bytes. */
function writtenOf(frames: readonly Uint8Array[], pieces: readonly number[]): Uint8Array[] {
  const queue = new FrameQueue(new ChunkPool(1_000_000));
  for (const frame of frames) queue.add(frame, 1_000_000);
  const written: Uint8Array[] = [];
  for (let n = 0; queue.sizeBytes > 0; n++) {
    const next = queue.next() ?? new Uint8Array();
    const piece = next.slice(0, pieces[n % pieces.length] ?? 1);
    written.push(piece);
    queue.written(piece.length);
  }
  return written;
}

const someFrames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 });
const somePieces = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 });

describe("FrameReader", () => {
  property("gives what a queue was given, however the bytes are cut", () => {
    fc.assert(
      fc.property(someFrames, somePieces, (frames, pieces) => {
        const read = framesOf(new FrameReader(300), writtenOf(frames, pieces));

        expect(read.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
      }),
    );
  });

  unit("is in the middle of a frame from its first byte to its last but one", () => {
    const reader = new FrameReader(10);
    const states: boolean[] = [];

    for (const byte of [0, 0, 0, 2, 7, 7]) {
      framesOf(reader, [Uint8Array.of(byte)]);
      states.push(reader.isMidFrame);
    }

    expect(states).toEqual([true, true, true, true, true, false]);
  });

  adversarial("sets aside as much as came, and not as much as was claimed", () => {
    const reader = new FrameReader(131_072);
    framesOf(reader, [Uint8Array.of(0, 2, 0, 0, 1)]);
    const before = reader.heldBytes;
    framesOf(reader, [new Uint8Array(5_000)]);

    expect(before).toBeLessThanOrEqual(1_024);
    expect(reader.heldBytes).toBeLessThanOrEqual(10_002);
  });

  adversarial("reads nothing more once too much was claimed", () => {
    const reader = new FrameReader(10);

    const frames = framesOf(reader, [Uint8Array.of(0, 0, 0, 1, 5, 0, 0, 0, 11, 0, 0, 0, 1, 6)]);

    expect(frames.map((frame) => [...frame])).toEqual([[5]]);
    expect(reader.claimsTooMuch).toBe(true);
    expect(reader.heldBytes).toBe(0);
  });

  unit("takes larger frames once its limit is raised", () => {
    const reader = new FrameReader(1);
    framesOf(reader, [Uint8Array.of(0, 0, 0, 1, 5)]);
    reader.sizeMax = 2;

    expect(framesOf(reader, [Uint8Array.of(0, 0, 0, 2, 6, 7)])).toEqual([Uint8Array.of(6, 7)]);
  });
});
