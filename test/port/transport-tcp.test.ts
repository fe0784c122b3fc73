/** TCP is a wire, and bears what strangers do to it. */
import { describe, expect } from "bun:test";
import type { Socket, TCPSocketListener } from "bun";
import { formatTcpPlace, parseTcpPlace } from "../../src/adapters/tcp-place.ts";
import { openTcpTransport, type TcpOptions } from "../../src/adapters/tcp-transport.ts";
import type { Endpoint } from "../../src/ports/transport.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { adversarial, unit } from "../kind.ts";
import { manualClock } from "../manual-clock.ts";
import { listenAt, testTransport, type UseWires, waitUntil } from "../ports-transport.ts";
import {
  type RawEnd,
  type RawWorld,
  type Stranger,
  testRawTransport,
} from "../ports-transport-raw.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 } as const;

/** Time that passes with each look at a condition: a second of waiting takes a fifth of one. */
const STEP_MS = 5;

/** Chance that always gives the longest wait. */
const random = { bytes: (sizeBytes: number) => new Uint8Array(sizeBytes).fill(255) };

/** Connections that strangers try: as many as `CHANNELS_CONNECTIONS` says, or what a short test can open. */
const TRIED = Number(Bun.env["CHANNELS_CONNECTIONS"] ?? 2_000);

const useTcp: UseWires<RawWorld> = async (run) => {
  const clock = manualClock();
  const ends: RawEnd[] = [];
  const sockets: Socket[] = [];
  const listeners: TCPSocketListener[] = [];
  const openWith = async (options: Partial<TcpOptions>): Promise<RawEnd> => {
    const raw = await openTcpTransport({ clock, random, listen: LOOPBACK, ...options });
    const end = { ...listenAt(raw.transport, raw.places[0] ?? "", raw.close), raw };
    ends.push(end);
    return end;
  };
  try {
    await run({
      clock,
      open: (limits) => openWith(limits === undefined ? {} : { limits }),
      reopen: ({ place }) =>
        openWith({ listen: assertDefined(parseTcpPlace(place), "the place that it had") }),
      settle: (condition) => waitUntil(condition, () => clock.pass(STEP_MS)),
      stranger: async (place) => {
        const { socket, stranger } = await connectStranger(place);
        sockets.push(socket);
        return stranger;
      },
      mute: async () => {
        const listener = listenMutely();
        listeners.push(listener);
        return formatTcpPlace({ host: "127.0.0.1", port: listener.port });
      },
    });
  } finally {
    for (const socket of sockets) socket.terminate();
    for (const listener of listeners) listener.stop(true);
    await Promise.all(ends.map(({ raw }) => raw.close()));
  }
};

function listenMutely(): TCPSocketListener {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (socket) => void socket.pause(), data: () => undefined },
  });
}

async function connectStranger(
  place: Endpoint,
): Promise<{ readonly socket: Socket; readonly stranger: Stranger }> {
  const { host, port } = assertDefined(parseTcpPlace(place), "a place of TCP");
  let heard: Uint8Array = new Uint8Array();
  let isClosed = false;
  const socket = await Bun.connect({
    hostname: host,
    port,
    socket: {
      data: (_, bytes) => {
        heard = Buffer.concat([heard, bytes]);
      },
      close: () => {
        isClosed = true;
      },
      error: () => undefined,
    },
  });
  const stranger: Stranger = {
    write: (bytes) => void socket.write(bytes),
    isClosed: () => isClosed,
    cut: () => socket.terminate(),
    heard: () => heard,
  };
  return { socket, stranger };
}

describe("TCP", () => {
  testTransport(useTcp);
  testRawTransport(useTcp);
  testNumbers();
  testPlaces();
});

function testNumbers(): void {
  adversarial("one host has no more connections than it may, and the rest are closed at once", () =>
    useTcp(async ({ open, settle, stranger }) => {
      const [alice, bob] = [await open(), await open({ inboundPerHostMax: 8 })];
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);

      const strangers: Stranger[] = [];
      for (let n = 0; n < 20; n++) strangers.push(await stranger(bob.place));
      const closed = (): number => strangers.filter(({ isClosed }) => isClosed()).length;
      await settle(() => closed() === 13);

      expect(bob.raw.connectionCount()).toBe(8);
      expect(bob.raw.counters()["RefusedHostFull"]).toBe(13);
    }),
  );

  adversarial("there is room again once those who filled it are gone", () =>
    useTcp(async ({ clock, open, settle, stranger }) => {
      const bob = await open({ inboundMax: 4, inboundPerHostMax: 4 });
      for (let n = 0; n < 5; n++) await stranger(bob.place);
      await settle(() => bob.raw.counters()["RefusedFull"] === 1);

      clock.pass(12_000);
      await settle(() => bob.raw.connectionCount() === 0);
      for (let n = 0; n < 4; n++) await stranger(bob.place);
      await settle(() => bob.raw.connectionCount() === 4);

      expect(bob.raw.counters()["Accepted"]).toBe(8);
    }),
  );

  adversarial("thousands of connections are tried, and who was there before does not notice", () =>
    useTcp(async ({ open, settle, stranger }) => {
      const alice = await open();
      const bob = await open({ inboundMax: 128, inboundPerHostMax: 100_000 });
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);

      let refused = 0;
      for (let tried = 0; tried < TRIED; tried += 200) {
        const strangers = await Promise.all(
          Array.from({ length: 200 }, () => stranger(bob.place).catch(() => undefined)),
        );
        refused += strangers.filter((one) => one === undefined).length;
        alice.transport.send(bob.place, Uint8Array.of(2));
      }
      await settle(() => bob.heard.length === 1 + TRIED / 200);

      const { Accepted = 0, RefusedFull = 0 } = bob.raw.counters();
      expect(bob.raw.connectionCount()).toBe(128);
      expect(Accepted).toBe(128);
      // Some are refused before their own side knows that they were connected.
      expect(RefusedFull).toBeGreaterThanOrEqual(TRIED - 128 - refused);
      expect(bob.raw.queuedBytes()).toBe(0);
    }),
  );
}

function testPlaces(): void {
  unit("carries frames over IPv6, as far as this machine has it", () =>
    useTcp(async ({ clock, open, settle }) => {
      const alice = await open();
      const listen = { host: "::1", port: 0 };
      const raw = await openTcpTransport({ clock, random, listen }).catch(() => undefined);
      // A machine without IPv6 cannot listen there, and says so.
      if (raw === undefined) return;
      const place = assertDefined(raw.places[0], "where it listens");
      const bob = listenAt(raw.transport, place, raw.close);

      alice.transport.send(place, Uint8Array.of(6));
      await settle(() => bob.heard.length === 1);
      await raw.close();

      expect(place).toStartWith("tcp://[::1]:");
    }),
  );

  unit("says where it listens when it cannot listen there", () =>
    useTcp(async ({ clock, open }) => {
      const { place } = await open();
      const listen = assertDefined(parseTcpPlace(place), "where it listens");

      const error = await openTcpTransport({ clock, random, listen }).catch(
        (thrown: unknown) => thrown,
      );

      expect(error).toBeInstanceOf(NodeError);
      expect(error).toMatchObject({ code: "ListenFailed", data: { place } });
    }),
  );

  unit("one that only dials has no places, and is answered", () =>
    useTcp(async ({ clock, open, settle }) => {
      const bob = await open();
      const raw = await openTcpTransport({ clock, random });
      const alice = listenAt(raw.transport, "", raw.close);

      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);
      bob.transport.send(bob.heard[0]?.from ?? "", Uint8Array.of(2));
      await settle(() => alice.heard.length === 1);
      await raw.close();

      expect(raw.places).toEqual([]);
    }),
  );
}
