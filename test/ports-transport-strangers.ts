/** What every wire with connections must bear from strangers. */
import { expect } from "bun:test";
import { adversarial } from "./kind.ts";
import { patternOf } from "./ports-transport.ts";
import type { UseRawWires } from "./ports-transport-raw.ts";

/** Declares the tests, each with a world of its own. */
export function testStrangers(use: UseRawWires): void {
  testClaims(use);
  testPieces(use);
  testPatience(use);
  testTrust(use);
  testFrames(use);
}

/** Bytes of a length that somebody claims. */
function claim(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, sizeBytes);
  return bytes;
}

function testClaims(use: UseRawWires): void {
  for (const sizeBytes of [131_073, 2 ** 24, 2 ** 32 - 1]) {
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

function testPieces(use: UseRawWires): void {
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

  adversarial("who goes without a word is lost like one who says goodbye", () =>
    use(async ({ open, settle, stranger }) => {
      const bob = await open();
      const eve = await stranger(bob.place);
      eve.write(Uint8Array.of(0, 0, 0, 0));
      await settle(() => bob.heard.length === 1);

      eve.cut();
      await settle(() => bob.lost.length === 1);

      expect(bob.lost).toEqual([bob.heard[0]?.from ?? ""]);
      expect(bob.raw.connectionCount()).toBe(0);
    }),
  );

  adversarial("nothing more is heard of one who was dropped for what he sent", () =>
    use(async ({ open, settle, stranger }) => {
      const bob = await open();
      const heard: Uint8Array[] = [];
      bob.transport.listen((from, frame) => {
        heard.push(frame);
        bob.transport.drop?.(from);
      });
      const eve = await stranger(bob.place);

      eve.write(Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0, 1, 2, 0, 0, 0, 1, 3));
      await settle(() => eve.isClosed());

      expect(heard.map((frame) => [...frame])).toEqual([[1]]);
      expect(bob.raw.connectionCount()).toBe(0);
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

function testPatience(use: UseRawWires): void {
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

const STRANGERS = {
  frameSizeMax: 1_024,
  queuedBytesMax: 16_384,
  framesMax: 64,
  closedAfterMs: 10_000,
} as const;

function testTrust(use: UseRawWires): void {
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

function testFrames(use: UseRawWires): void {
  adversarial("a stranger brings some frames only, though they come as one piece", () =>
    use(async ({ open, settle, stranger }) => {
      const bob = await open({ strangers: STRANGERS });
      const [alice, eve] = [await stranger(bob.place), await stranger(bob.place)];
      alice.write(Uint8Array.of(0, 0, 0, 0));
      await settle(() => bob.heard.length === 1);
      bob.raw.trust(bob.heard[0]?.from ?? "");

      alice.write(new Uint8Array(4 * 1_000));
      await settle(() => bob.heard.length === 1_001);
      eve.write(new Uint8Array(4 * 1_000));
      await settle(() => eve.isClosed());

      expect(bob.heard.length).toBe(1_001 + STRANGERS.framesMax);
      expect(alice.isClosed()).toBe(false);
      expect(bob.raw.counters()["StrangerTooMuch"]).toBe(1);
    }),
  );
}
