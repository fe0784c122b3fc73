/** What every wire with connections must do alike, and bear from strangers. */
import { describe, expect } from "bun:test";
import type { WireLimits } from "../src/adapters/wire-limits.ts";
import type { RawTransport } from "../src/ports/raw-transport.ts";
import type { Endpoint } from "../src/ports/transport.ts";
import { adversarial, unit } from "./kind.ts";
import type { ManualClock } from "./manual-clock.ts";
import {
  numbered,
  numberOf,
  patternOf,
  type UseWires,
  type WireEnd,
  type WireWorld,
} from "./ports-transport.ts";

/** An end whose transport is at hand. */
export type RawEnd = WireEnd & { readonly raw: RawTransport };

/** A connection that speaks bytes instead of frames: what a stranger may do. */
export type Stranger = {
  readonly write: (bytes: Uint8Array) => void;
  readonly isClosed: () => boolean;
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

type Use = UseWires<RawWorld>;

/** Declares the tests, each with a world of its own. */
export function testRawTransport(use: Use): void {
  describe("connections", () => {
    testConnections(use);
    testLoss(use);
    testBackOff(use);
    testClosing(use);
  });
  describe("strangers", () => {
    testClaims(use);
    testPieces(use);
    testPatience(use);
    testTrust(use);
  });
}

function testConnections(use: Use): void {
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

function testLoss(use: Use): void {
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

      expect(alice.raw.counters()["Dialed"]).toBe(1);
      expect(alice.raw.queuedBytes()).toBe(10);
      clock.pass(500);
      await settle(() => bob.heard.length === 3);
      expect(alice.raw.counters()["Dialed"]).toBe(2);
      expect(bob.heard.slice(1).map(({ frame }) => [...frame])).toEqual([[2], [3]]);
    }),
  );
}

function testBackOff(use: Use): void {
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

function testClosing(use: Use): void {
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

/** Bytes of a length that somebody claims. */
function claim(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, sizeBytes);
  return bytes;
}

function testClaims(use: Use): void {
  for (const sizeBytes of [131_073, 2 ** 31, 2 ** 32 - 1]) {
    adversarial(`who claims a frame of ${sizeBytes} bytes is gone at once, and nobody else`, () =>
      use(async ({ open, settle, stranger }) => {
        const [alice, bob] = [await open(), await open()];
        alice.transport.send(bob.place, Uint8Array.of(1));
        const eve = await stranger(bob.place);

        eve.write(claim(sizeBytes));
        await settle(() => eve.isClosed());
        alice.transport.send(bob.place, Uint8Array.of(2));
        await settle(() => bob.heard.length === 2);

        expect(bob.raw.counters()["FrameTooLarge"]).toBe(1);
        expect(bob.raw.connectionCount()).toBe(1);
        expect(bob.heard.map(({ frame }) => [...frame])).toEqual([[1], [2]]);
      }),
    );
  }

  adversarial("garbage ends the connection that it came by, and no other", () =>
    use(async ({ open, settle, stranger }) => {
      const [alice, bob] = [await open(), await open()];
      alice.transport.send(bob.place, Uint8Array.of(1));
      const eve = await stranger(bob.place);

      eve.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: bob\r\n\r\n".repeat(100)));
      await settle(() => eve.isClosed());
      alice.transport.send(bob.place, Uint8Array.of(2));
      await settle(() => bob.heard.length === 2);

      expect(bob.raw.connectionCount()).toBe(1);
    }),
  );
}

function testPieces(use: Use): void {
  adversarial("a frame that comes byte by byte is heard once, when it is whole", () =>
    use(async ({ open, settle, stranger }) => {
      const bob = await open();
      const eve = await stranger(bob.place);

      for (const byte of [0, 0, 0, 3, 7, 8]) {
        eve.write(Uint8Array.of(byte));
        await settle(() => true);
      }
      await settle(() => bob.raw.connectionCount() === 1);
      expect(bob.heard).toEqual([]);
      eve.write(Uint8Array.of(9, 0));
      await settle(() => bob.heard.length === 1);

      expect([...(bob.heard[0]?.frame ?? [])]).toEqual([7, 8, 9]);
    }),
  );

  adversarial("the answer to a stranger is a frame, byte for byte", () =>
    use(async ({ open, settle, stranger }) => {
      const bob = await open();
      const eve = await stranger(bob.place);
      eve.write(Uint8Array.of(0, 0, 0, 0));
      await settle(() => bob.heard.length === 1);

      bob.transport.send(bob.heard[0]?.from ?? "", Uint8Array.of(5, 6));
      await settle(() => eve.heard().length === 6);

      expect([...eve.heard()]).toEqual([0, 0, 0, 2, 5, 6]);
    }),
  );
}

function testPatience(use: Use): void {
  adversarial(
    "a connection without a frame is closed after ten seconds, one with a frame is not",
    () =>
      use(async ({ clock, open, settle, stranger }) => {
        const bob = await open();
        const [eve, alice] = [await stranger(bob.place), await stranger(bob.place)];
        // A stream of libp2p is there once something was written to it.
        eve.write(Uint8Array.of(0));
        alice.write(Uint8Array.of(0, 0, 0, 1, 1));
        await settle(() => bob.raw.connectionCount() === 2 && bob.heard.length === 1);

        clock.pass(9_000);
        expect(bob.raw.connectionCount()).toBe(2);
        clock.pass(2_000);
        await settle(() => eve.isClosed());

        expect(bob.raw.counters()["HalfOpen"]).toBe(1);
        expect(alice.isClosed()).toBe(false);
      }),
  );

  adversarial(
    "a frame that begins and does not end closes its connection after half a minute",
    () =>
      use(async ({ clock, open, settle, stranger }) => {
        const bob = await open();
        const eve = await stranger(bob.place);
        eve.write(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9, 1));
        await settle(() => bob.heard.length === 1);

        clock.pass(29_000);
        expect(bob.raw.connectionCount()).toBe(1);
        clock.pass(3_000);
        await settle(() => eve.isClosed());

        expect(bob.raw.counters()["FrameStalled"]).toBe(1);
        expect(bob.lost).toEqual([bob.heard[0]?.from ?? ""]);
      }),
  );
}

const STRANGERS = { frameSizeMax: 1_024, queuedBytesMax: 16_384, closedAfterMs: 10_000 } as const;

function testTrust(use: Use): void {
  adversarial("a stranger sends small frames only, until he is trusted", () =>
    use(async ({ clock, open, settle, stranger }) => {
      const bob = await open({ strangers: STRANGERS });
      const [alice, eve] = [await stranger(bob.place), await stranger(bob.place)];
      alice.write(Uint8Array.of(0, 0, 0, 1, 1));
      await settle(() => bob.heard.length === 1);

      bob.raw.trust(bob.heard[0]?.from ?? "");
      alice.write(Uint8Array.of(0, 0, 8, 0, ...patternOf(2_048)));
      await settle(() => bob.heard.length === 2);
      eve.write(claim(1_025));
      await settle(() => eve.isClosed());
      clock.pass(20_000);

      expect(bob.heard[1]?.frame.length).toBe(2_048);
      expect(alice.isClosed()).toBe(false);
      expect(bob.raw.connectionCount()).toBe(1);
    }),
  );

  adversarial("a stranger whom nobody trusts is gone after his time, however much he sends", () =>
    use(async ({ clock, open, settle, stranger }) => {
      const bob = await open({ strangers: STRANGERS });
      const eve = await stranger(bob.place);
      eve.write(Uint8Array.of(0, 0, 0, 1, 1));
      await settle(() => bob.heard.length === 1);

      clock.pass(11_000);
      await settle(() => eve.isClosed());

      expect(bob.raw.counters()["StrangerExpired"]).toBe(1);
    }),
  );

  adversarial("no more waits for a stranger who reads nothing than strangers may cost", () =>
    use(async ({ open, settle, stranger }) => {
      const bob = await open({ strangers: { ...STRANGERS, queuedBytesMax: 4_096 } });
      const eve = await stranger(bob.place);
      eve.write(Uint8Array.of(0, 0, 0, 0));
      await settle(() => bob.heard.length === 1);

      for (let n = 0; n < 100; n++) bob.transport.send(bob.heard[0]?.from ?? "", patternOf(1_000));

      expect(bob.raw.queuedBytes()).toBe(4 * 1_004);
      expect(bob.raw.counters()["FrameDropped"]).toBe(96);
    }),
  );
}
