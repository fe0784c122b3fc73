/** What every wire with connections must do alike, and bear from strangers. */
import { describe, expect } from "bun:test";
import type { WireLimits } from "../src/adapters/wire-limits.ts";
import type { RawTransport } from "../src/ports/raw-transport.ts";
import type { Endpoint } from "../src/ports/transport.ts";
import { unit } from "./kind.ts";
import type { ManualClock } from "./manual-clock.ts";
import {
  numbered,
  numberOf,
  patternOf,
  type UseWires,
  type WireEnd,
  type WireWorld,
} from "./ports-transport.ts";
import { testStrangers } from "./ports-transport-strangers.ts";

/** An end whose transport is at hand. */
export type RawEnd = WireEnd & { readonly raw: RawTransport };

/** A connection that speaks bytes instead of frames: what a stranger may do. */
export type Stranger = {
  readonly write: (bytes: Uint8Array) => void;
  readonly isClosed: () => boolean;
  /** Ends the connection without a word. */
  readonly cut: () => void;
  /** All bytes that came. */
  readonly heard: () => Uint8Array;
};

/** A world of wires with connections. Time passes on its clock alone, a little with each look at a condition. */
export type RawWorld = Omit<WireWorld, "open"> & {
  readonly clock: ManualClock;
  readonly open: (limits?: Partial<WireLimits>) => Promise<RawEnd>;
  /** Connects to a place as a stranger. */
  readonly stranger: (place: Endpoint) => Promise<Stranger>;
  /** A place where connections are accepted and nothing is ever read. */
  readonly mute: () => Promise<Endpoint>;
};

/** Gives a test a world of wires with connections. */
export type UseRawWires = UseWires<RawWorld>;

/** Declares the tests, each with a world of its own. */
export function testRawTransport(use: UseRawWires): void {
  describe("connections", () => {
    testConnections(use);
    testLoss(use);
    testBackOff(use);
    testClosing(use);
  });
  describe("strangers", () => testStrangers(use));
}

function testConnections(use: UseRawWires): void {
  unit("keeps one connection for each place, and the order of frames on it", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];

      for (let n = 0; n < 500; n++) alice.transport.send(bob.place, numbered(n));
      await settle(() => bob.heard.length === 500);

      expect(bob.heard.map(({ frame }) => numberOf(frame))).toEqual(
        Array.from({ length: 500 }, (_, n) => n),
      );
      expect([alice.raw.connectionCount(), bob.raw.connectionCount()]).toEqual([1, 1]);
      expect(alice.raw.counters()["Dialed"]).toBe(1);
      expect(alice.raw.queuedBytes()).toBe(0);
    }),
  );

  unit("carries more than any queue holds, in order, as fast as it is taken", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      let right = 0;
      bob.transport.listen((_, frame) => {
        if (Buffer.compare(frame, numbered(right, 65_536)) === 0) right += 1;
      });

      for (let n = 0; n < 100; n++) {
        await settle(() => alice.raw.queuedBytes() < 131_072);
        alice.transport.send(bob.place, numbered(n, 65_536));
      }
      await settle(() => right === 100);

      expect(alice.raw.counters()["FrameDropped"]).toBe(0);
    }),
  );

  unit("sends no frame above the limit, and goes on", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];

      alice.transport.send(bob.place, patternOf(131_073));
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);

      expect(alice.raw.counters()["FrameRefused"]).toBe(1);
      expect([...(bob.heard[0]?.frame ?? [])]).toEqual([1]);
    }),
  );

  unit("queues no more than the limit for one that reads nothing, and then gives it up", () =>
    use(async ({ clock, mute, open, settle }) => {
      const place = await mute();
      const alice = await open();
      alice.transport.send(place, Uint8Array.of(1));
      await settle(() => alice.raw.connectionCount() === 1);

      for (let n = 0; n < 400; n++) alice.transport.send(place, patternOf(131_072));

      expect(alice.raw.queuedBytes()).toBeLessThanOrEqual(4 * 1_048_576);
      expect(alice.raw.counters()["FrameDropped"]).toBeGreaterThan(100);
      await settle(() => {
        clock.pass(1_000);
        return alice.lost.length > 0;
      });
      expect(alice.lost).toEqual([place]);
      expect(alice.raw.counters()["ReaderStalled"]).toBe(1);
      expect([alice.raw.queuedBytes(), alice.raw.connectionCount()]).toEqual([0, 0]);
    }),
  );
}

function testLoss(use: UseRawWires): void {
  unit("says that a connection is lost at both ends, when one of them drops it", () =>
    use(async ({ open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);
      const from = bob.heard[0]?.from ?? "";

      bob.transport.send(from, Uint8Array.of(2));
      bob.transport.drop?.(from);
      await settle(() => alice.lost.length === 1);

      // What was sent before the end arrives before the end; who drops need not be told.
      expect(alice.heard.map(({ frame }) => [...frame])).toEqual([[2]]);
      expect(alice.lost).toEqual([bob.place]);
      expect(bob.lost).toEqual([]);
      expect([alice.raw.connectionCount(), bob.raw.connectionCount()]).toEqual([0, 0]);
    }),
  );

  unit("dials a place again after the connection was lost, and not before its time", () =>
    use(async ({ clock, open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);
      bob.transport.drop?.(bob.heard[0]?.from ?? "");
      await settle(() => alice.lost.length === 1);

      alice.transport.send(bob.place, Uint8Array.of(2));
      alice.transport.send(bob.place, Uint8Array.of(3));

      let looks = 0;
      await settle(() => ++looks > 20);
      expect(alice.raw.counters()["Dialed"]).toBe(1);
      expect(alice.raw.queuedBytes()).toBe(10);
      clock.pass(500);
      await settle(() => bob.heard.length === 3);
      expect(alice.raw.counters()["Dialed"]).toBe(2);
      expect(bob.heard.slice(1).map(({ frame }) => [...frame])).toEqual([[2], [3]]);
    }),
  );
}

function testBackOff(use: UseRawWires): void {
  unit("waits longer after each failure, and says each time that what waited is lost", () =>
    use(async ({ clock, open, settle }) => {
      const [alice, gone] = [await open(), await open()];
      await gone.close();
      const failures = (): number => alice.raw.counters()["DialFailed"] ?? 0;

      for (const waitMs of [0, 500, 1_000, 2_000]) {
        clock.pass(waitMs);
        const before = failures();
        alice.transport.send(gone.place, Uint8Array.of(1));
        await settle(() => failures() === before + 1);
      }
      // After four failures at least two seconds pass before the fifth attempt.
      alice.transport.send(gone.place, Uint8Array.of(1));
      clock.pass(1_900);

      expect(failures()).toBe(4);
      expect(alice.lost).toEqual([gone.place, gone.place, gone.place, gone.place]);
      expect(alice.raw.queuedBytes()).toBe(5);
    }),
  );

  unit("keeps no more than 256 KiB for a place that is not connected", () =>
    use(async ({ open }) => {
      const [alice, gone] = [await open(), await open()];
      await gone.close();

      for (let n = 0; n < 100; n++) alice.transport.send(gone.place, patternOf(65_536));

      expect(alice.raw.queuedBytes()).toBe(3 * 65_540);
      expect(alice.raw.counters()["FrameDropped"]).toBe(97);
    }),
  );
}

function testClosing(use: UseRawWires): void {
  unit("ends all connections when it is closed, leaves no timer, and sends nothing more", () =>
    use(async ({ clock, open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);

      await alice.raw.close();
      await alice.raw.close();
      await settle(() => bob.lost.length === 1);
      alice.transport.send(bob.place, Uint8Array.of(2));
      await bob.raw.close();

      expect(clock.isStill()).toBe(true);
      expect(alice.raw.connectionCount()).toBe(0);
      expect(bob.heard.length).toBe(1);
    }),
  );
}
