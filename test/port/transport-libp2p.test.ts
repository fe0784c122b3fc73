/** libp2p is a wire, and bears what strangers do to it. */
import { describe, expect } from "bun:test";
import type { Stream } from "@libp2p/interface";
import type { Libp2p } from "libp2p";
import { createLibp2pNode } from "../../src/adapters/libp2p-node.ts";
import { parseLibp2pPlace, placesOfPeer } from "../../src/adapters/libp2p-place.ts";
import {
  FRAME_PROTOCOL,
  type Libp2pOptions,
  openLibp2pTransport,
} from "../../src/adapters/libp2p-transport.ts";
import type { TcpPlace } from "../../src/adapters/tcp-place.ts";
import { wireLimits } from "../../src/adapters/wire-limits.ts";
import type { Endpoint } from "../../src/ports/transport.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { adversarial, unit } from "../kind.ts";
import { testIdentity } from "../libp2p-identities.ts";
import { manualClock } from "../manual-clock.ts";
import { listenAt, testTransport, type UseWires, waitUntil } from "../ports-transport.ts";
import {
  type RawEnd,
  type RawWorld,
  type Stranger,
  testRawTransport,
} from "../ports-transport-raw.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 } as const;

/** Time that passes with each look at a condition. */
const STEP_MS = 5;

/** Chance that always gives the longest wait. */
const random = { bytes: (sizeBytes: number) => new Uint8Array(sizeBytes).fill(255) };

/** Keys of ends begin here, those of strangers there. */
const FIRST_END = 1;
const FIRST_STRANGER = 101;

/** The world of one test: every end has a key of its own, and keeps it when it is opened again. */
const useLibp2p: UseWires<RawWorld> = async (run) => {
  const clock = manualClock();
  const ends: RawEnd[] = [];
  const strangers: Libp2p[] = [];
  const openWith = async (key: number, options: Partial<Libp2pOptions>): Promise<RawEnd> => {
    const identity = testIdentity(key);
    const raw = await openLibp2pTransport({
      clock,
      random,
      identity,
      listen: LOOPBACK,
      ...options,
    });
    const end = { ...listenAt(raw.transport, raw.places[0] ?? "", raw.close), raw };
    ends.push(end);
    return end;
  };
  const startStranger = async (listen?: TcpPlace): Promise<Libp2p> => {
    const libp2p = await bareNode(FIRST_STRANGER + strangers.length, listen);
    strangers.push(libp2p);
    return libp2p;
  };
  try {
    await run({
      clock,
      open: (limits) => openWith(FIRST_END + ends.length, limits === undefined ? {} : { limits }),
      reopen: (closed) => {
        const index = ends.findIndex(({ place }) => place === closed.place);
        return openWith(FIRST_END + index, { listen: listenPlaceOf(closed.place) });
      },
      settle: (condition) => waitUntil(condition, () => clock.pass(STEP_MS)),
      stranger: async (place) => connectStranger(await startStranger(), place),
      mute: async () => mutePlaceOf(await startStranger(LOOPBACK)),
    });
  } finally {
    // Whoever has dialed closes at once; whoever waits for a closed one to close its socket takes half a second.
    for (const libp2p of strangers) await libp2p.stop();
    for (const { raw } of ends) await raw.close();
  }
};

async function bareNode(key: number, listen: TcpPlace | undefined): Promise<Libp2p> {
  const { libp2p } = await createLibp2pNode({
    identity: testIdentity(key),
    listen,
    announced: [],
    limits: wireLimits(),
    bootstrap: [],
    usesLocalNetwork: false,
    records: undefined,
  });
  await libp2p.start();
  return libp2p;
}

function listenPlaceOf(place: Endpoint): TcpPlace {
  const [, host, port] = assertDefined(
    /^\/ip4\/([^/]+)\/tcp\/(\d+)\//.exec(place) ?? undefined,
    "an address of IPv4",
  );
  return { host: host ?? "", port: Number(port) };
}

async function connectStranger(libp2p: Libp2p, place: Endpoint): Promise<Stranger> {
  const target = assertDefined(parseLibp2pPlace(place), "a place of libp2p");
  const stream = await libp2p.dialProtocol(target, FRAME_PROTOCOL);
  const heard: Uint8Array[] = [];
  stream.addEventListener("message", ({ data }) => heard.push(data.subarray()));
  return {
    write: (bytes) => void stream.send(bytes),
    isClosed: () => stream.status !== "open",
    cut: () => stream.abort(new Error("gone")),
    heard: () => Buffer.concat(heard),
  };
}

async function mutePlaceOf(libp2p: Libp2p): Promise<Endpoint> {
  await libp2p.handle(FRAME_PROTOCOL, (stream: Stream) => stream.pause());
  const [place] = placesOfPeer(libp2p.peerId, libp2p.getMultiaddrs());
  return assertDefined(place, "where it listens");
}

describe("libp2p", () => {
  testTransport(useLibp2p);
  testRawTransport(useLibp2p);
  testSockets();
  testIdle();
  testPlaces();
});

function testSockets(): void {
  adversarial("sockets that say nothing, or garbage, keep nobody out who was there before", () =>
    useLibp2p(async ({ open, settle, stranger }) => {
      const [alice, bob] = [await open(), await open({ inboundPerHostMax: 8, halfOpenMs: 1_000 })];
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1);
      const { host, port } = listenPlaceOf(bob.place);

      let closed = 0;
      const countClosed = (): void => {
        closed += 1;
      };
      const sockets = await Promise.all(
        Array.from({ length: 50 }, () =>
          Bun.connect({
            hostname: host,
            port,
            socket: { data: () => undefined, close: countClosed },
          }),
        ),
      );
      await settle(() => closed >= 43);
      for (const socket of sockets) socket.write(new Uint8Array(5_000).fill(255));
      alice.transport.send(bob.place, Uint8Array.of(2));
      await settle(() => bob.heard.length === 2 && closed === 50);

      expect(bob.raw.counters()["HostRefused"]).toBe(43);
      // Once they are gone there is room again for others of their host.
      const irene = await stranger(bob.place);
      irene.write(Uint8Array.of(0, 0, 0, 0));
      await settle(() => bob.heard.length === 3);
    }),
  );
}

function testIdle(): void {
  adversarial("a connection that was used for nothing is closed after half a minute", () =>
    useLibp2p(async ({ clock, open, settle }) => {
      const [alice, bob] = [await open(), await open()];
      const eve = await bareNode(FIRST_STRANGER, undefined);
      const target = assertDefined(parseLibp2pPlace(bob.place), "a place of libp2p");
      const connection = await eve.dial(target);
      alice.transport.send(bob.place, Uint8Array.of(1));
      await settle(() => bob.heard.length === 1 && connection.streams.length === 0);

      clock.pass(20_000);
      expect(bob.raw.counters()["IdleClosed"]).toBe(0);
      clock.pass(20_000);
      await settle(() => connection.status !== "open");
      await eve.stop();

      expect(bob.raw.counters()["IdleClosed"]).toBe(1);
      expect(bob.raw.connectionCount()).toBe(1);
    }),
  );
}

function testPlaces(): void {
  unit("reaches nobody by a place that names another peer", () =>
    useLibp2p(async ({ open, settle }) => {
      const [alice, bob, irene] = [await open(), await open(), await open()];
      const id = irene.place.split("/").at(-1) ?? "";
      const wrong = bob.place.replace(/[^/]+$/, id);

      alice.transport.send(wrong, Uint8Array.of(1));
      await settle(() => alice.lost.length === 1);

      expect(alice.raw.counters()["DialFailed"]).toBe(1);
      expect([bob.heard, irene.heard]).toEqual([[], []]);
    }),
  );

  unit("says that it cannot listen where somebody else does", () =>
    useLibp2p(async ({ clock, open }) => {
      const { place } = await open();
      const listen = listenPlaceOf(place);
      const identity = testIdentity(9);

      const error = await openLibp2pTransport({ clock, random, identity, listen }).catch(
        (thrown: unknown) => thrown,
      );

      expect(error).toBeInstanceOf(NodeError);
      expect(error).toMatchObject({ code: "ListenFailed" });
    }),
  );
}
