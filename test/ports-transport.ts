/** What every wire must do alike. */
import { expect } from "bun:test";
import { realWorld } from "../sim/real-world.ts";
import type { Endpoint, Transport } from "../src/ports/transport.ts";
import { unit } from "./kind.ts";

/** A frame that came. */
export type Heard = { readonly from: Endpoint; readonly frame: Uint8Array };

/** One end of a wire, with what it has heard. */
export type WireEnd = {
  readonly transport: Transport;
  /** Where others send to. */
  readonly place: Endpoint;
  readonly heard: Heard[];
  readonly lost: Endpoint[];
  readonly close: () => Promise<void>;
};

/** Where a test opens ends, and lets the world go on. */
export type WireWorld = {
  readonly open: () => Promise<WireEnd>;
  /** Opens an end again that was closed, at its place. */
  readonly reopen: (closed: WireEnd) => Promise<WireEnd>;
  /** Lets the world go on until the condition holds; rejects when it does not come to that. */
  readonly settle: (condition: () => boolean) => Promise<void>;
};

/** Gives a test a world, and closes its ends after it. */
export type UseWires<World extends WireWorld = WireWorld> = (
  run: (world: World) => Promise<void>,
) => Promise<void>;

/** Bytes of the largest frame that every wire takes. */
const LARGEST = 131_072;

/** Listens at an end, and keeps what it hears. */
export function listenAt(
  transport: Transport,
  place: Endpoint,
  close: () => Promise<void>,
): WireEnd {
  const end: WireEnd = { transport, place, heard: [], lost: [], close };
  transport.listen(
    (from, frame) => end.heard.push({ from, frame }),
    (endpoint) => end.lost.push(endpoint),
  );
  return end;
}

/** Waits for real until a condition holds, and lets `step` happen meanwhile. Rejects after ten seconds. */
export async function waitUntil(condition: () => boolean, step: () => void): Promise<void> {
  const endMs = realWorld.performanceNow() + 10_000;
  while (!condition()) {
    if (realWorld.performanceNow() > endMs) throw new Error("the condition never came to hold");
    await new Promise((resolve) => realWorld.setTimeout(resolve, 1));
    step();
  }
}

/** Bytes that tell where they are, so that none can stand in for another. */
export function patternOf(sizeBytes: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; at++) bytes[at] = (at * 7 + (at >> 8) + seed) & 0xff;
  return bytes;
}

/** The number that a frame of `numbered` begins with. */
export function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint32(0);
}

/** A frame that begins with a number. */
export function numbered(number: number, sizeBytes = 250): Uint8Array {
  const frame = patternOf(sizeBytes, number);
  new DataView(frame.buffer).setUint32(0, number);
  return frame;
}

/** Declares the tests, each with a world of its own. */
export function testTransport(use: UseWires): void {
  testFrames(use);
  testManyFrames(use);
  testRestart(use);
}

function testFrames(use: UseWires): void {
  unit("carries a frame whole to the place that it was sent to", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      const frame = patternOf(1_000);

      alice.transport.send(bob.place, frame);
      await settle(() => bob.heard.length === 1);

      expect(Buffer.compare(frame, bob.heard[0]?.frame ?? new Uint8Array())).toBe(0);
      expect(alice.heard).toEqual([]);
    }),
  );

  unit("carries the answer to the endpoint that a frame came from", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);

      bob.transport.send(bob.heard[0]?.from ?? "", Uint8Array.of(2));
      await settle(() => alice.heard.length === 1);

      // What comes from a place that was dialed comes under the name that it was dialed by.
      expect(alice.heard[0]?.from).toBe(bob.place);
      expect([...(alice.heard[0]?.frame ?? [])]).toEqual([2]);
    }),
  );

  unit("carries frames of no bytes, of one, and of the largest size", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      const sizes = [0, 1, LARGEST, 0];

      for (const size of sizes) {
        alice.transport.send(bob.place, patternOf(size));
        await settle(() => bob.heard.length === sizes.indexOf(size) + 1 || bob.heard.length === 4);
      }

      expect(bob.heard.map(({ frame }) => frame.length)).toEqual(sizes);
      expect(Buffer.compare(bob.heard[2]?.frame ?? new Uint8Array(), patternOf(LARGEST))).toBe(0);
    }),
  );

  unit("carries the bytes that there were when it was sent, whatever becomes of their memory", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      const frame = Uint8Array.of(1, 2, 3);

      alice.transport.send(bob.place, frame);
      frame.fill(9);
      await settle(() => bob.heard.length === 1);

      expect([...(bob.heard[0]?.frame ?? [])]).toEqual([1, 2, 3]);
    }),
  );
}

function testManyFrames(use: UseWires): void {
  unit("carries a thousand frames of all sizes, sent at once, each whole and once", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      const frames = Array.from({ length: 1_000 }, (_, n) => numbered(n, 4 + ((n * 37) % 200)));

      for (const frame of frames) alice.transport.send(bob.place, frame);
      await settle(() => bob.heard.length === 1_000);

      const sorted = bob.heard.map(({ frame }) => frame).sort((a, b) => numberOf(a) - numberOf(b));
      expect(sorted.every((frame, n) => Buffer.compare(frame, frames[n] ?? frame) === 0)).toBe(
        true,
      );
      expect(new Set(sorted.map(numberOf)).size).toBe(1_000);
    }),
  );

  unit("carries frames both ways at once", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];

      for (let n = 0; n < 100; n++) {
        alice.transport.send(bob.place, numbered(n));
        bob.transport.send(alice.place, numbered(n));
      }
      await settle(() => alice.heard.length === 100 && bob.heard.length === 100);

      const heard = [alice, bob].map((end) => end.heard.map(({ frame }) => numberOf(frame)));
      const all = Array.from({ length: 100 }, (_, n) => n);
      expect(heard.map((numbers) => numbers.sort((a, b) => a - b))).toEqual([all, all]);
    }),
  );

  unit("keeps the frames of three ends apart", () =>
    use(async ({ open, settle }) => {
      const [alice, bob, irene] = [await open(), await open(), await open()];

      alice.transport.send(irene.place, Uint8Array.of(1));
      bob.transport.send(irene.place, Uint8Array.of(2));
      await settle(() => irene.heard.length === 2);
      for (const { from, frame } of irene.heard) irene.transport.send(from, frame);
      await settle(() => alice.heard.length === 1 && bob.heard.length === 1);

      expect([...(alice.heard[0]?.frame ?? [])]).toEqual([1]);
      expect([...(bob.heard[0]?.frame ?? [])]).toEqual([2]);
    }),
  );
}

function testRestart(use: UseWires): void {
  unit("reaches an end again that was closed and opened anew at its place", () =>
    use(async ({ open, reopen, settle }) => {
      const [alice, bob] = [await open(), await open()];
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);

      await bob.close();
      const returned = await reopen(bob);
      await settle(() => {
        // As a session does: what may be lost is sent again.
        alice.transport.send(bob.place, Uint8Array.of(2));
        return returned.heard.length > 0;
      });

      expect([...(returned.heard[0]?.frame ?? [])]).toEqual([2]);
    }),
  );

  unit("goes on when what was sent goes nowhere", () =>
    use(async ({ open, settle }) => {
      const [alice, bob, gone] = [await open(), await open(), await open()];
      await gone.close();

      for (const to of [gone.place, "nowhere", ""]) alice.transport.send(to, Uint8Array.of(1));
      alice.transport.send(bob.place, Uint8Array.of(2));
      await settle(() => bob.heard.length === 1);

      expect(bob.heard.length).toBe(1);
    }),
  );
}
