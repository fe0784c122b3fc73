/** Nodes find each other by their addresses, and whoever lies about an address is not believed. */
import { describe, expect } from "bun:test";
import { createSocket } from "node:dgram";
import { adversarial, unit } from "../../test/kind.ts";
import { type TestIdentity, testIdentity } from "../../test/libp2p-identities.ts";
import { waitUntil } from "../../test/ports-transport.ts";
import type { Endpoint } from "../ports/transport.ts";
import { makeAddressRecord, recordKeyOf } from "./libp2p-address-record.ts";
import { createLibp2pNode, type Libp2pNode } from "./libp2p-node.ts";
import { placesOfPeer } from "./libp2p-place.ts";
import {
  type Libp2pOptions,
  type Libp2pTransport,
  openLibp2pTransport,
} from "./libp2p-transport.ts";
import { systemClock } from "./system-clock.ts";
import { wireLimits } from "./wire-limits.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 } as const;
const [ALICE, BOB, IRENE, EVE] = [11, 12, 13, 14].map(testIdentity) as [
  TestIdentity,
  TestIdentity,
  TestIdentity,
  TestIdentity,
];

const random = { bytes: (sizeBytes: number) => new Uint8Array(sizeBytes).fill(255) };

type Closing = { readonly close: () => Promise<unknown> };

/** Closes what a test has opened, the last first. */
async function closeAll(opened: Closing[]): Promise<void> {
  for (const one of opened.splice(0).reverse()) await one.close();
}

async function open(
  opened: Closing[],
  identity: TestIdentity,
  discovery: Partial<Libp2pOptions["discovery"]> = {},
): Promise<Libp2pTransport> {
  const transport = await openLibp2pTransport({
    clock: systemClock,
    random,
    identity,
    listen: LOOPBACK,
    discovery: { bootstrap: [], usesLocalNetwork: false, ...discovery },
  });
  opened.push(transport);
  return transport;
}

/** The group that nodes of a network speak to. Source: RFC 6762. */
const MULTICAST = "224.0.0.251";

/** True where a message to a group comes back to the machine that sent it: not in every container. */
async function hasMulticast(): Promise<boolean> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  let hasCome = false;
  socket.on("message", () => {
    hasCome = true;
  });
  // Without a network there is no way to the group, which is the answer.
  socket.on("error", () => undefined);
  try {
    await new Promise<void>((resolve) => socket.bind(0, resolve));
    socket.addMembership(MULTICAST);
    socket.send("?", socket.address().port, MULTICAST);
    await waitUntil(
      () => hasCome,
      () => undefined,
    );
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** A node whose table takes any record, and which answers with whatever was put there. */
async function openForger(opened: Closing[], bootstrap: readonly Endpoint[]): Promise<Libp2pNode> {
  const node = await createLibp2pNode({
    identity: EVE,
    listen: LOOPBACK,
    announced: [],
    limits: wireLimits(),
    bootstrap,
    usesLocalNetwork: false,
    records: { namespace: "scaddr", validate: () => undefined, select: () => 0 },
  });
  await node.libp2p.start();
  opened.push({ close: async () => node.libp2p.stop() });
  return node;
}

async function putForged(eve: Libp2pNode, address: TestIdentity["address"]): Promise<string[]> {
  const timestampSec = Math.floor(systemClock.nowMs() / 1_000) + 60;
  const { peerId } = eve.libp2p;
  const record = await makeAddressRecord(EVE, { address, peerId, timestampSec });
  const takers: string[] = [];
  for await (const event of eve.dht?.put(recordKeyOf(EVE, address), record) ?? []) {
    if (event.name === "PEER_RESPONSE" && event.record !== undefined) {
      takers.push(event.from.toString());
    }
  }
  return takers;
}

describe("Discovery", () => {
  unit("finds the node of an address through a third one, and frames reach it there", async () => {
    const opened: Closing[] = [];
    try {
      const irene = await open(opened, IRENE);
      const bob = await open(opened, BOB, { bootstrap: irene.places });
      await waitUntil(
        () => (bob.counters()["RecordPublished"] ?? 0) > 0,
        () => undefined,
      );
      const alice = await open(opened, ALICE, { bootstrap: irene.places });
      let places: readonly Endpoint[] = [];
      for (let tries = 0; tries < 20 && places.length === 0; tries++) {
        places = await alice.findPlaces(BOB.address);
      }
      let heard = 0;
      bob.transport.listen(() => {
        heard += 1;
      });

      alice.transport.send(places[0] ?? "", Uint8Array.of(1));
      await waitUntil(
        () => heard === 1,
        () => undefined,
      );

      expect(places).toContain(bob.places[0] ?? "");
      expect(alice.knownPlaces(BOB.address)).toEqual(places);
      expect(await alice.findPlaces(EVE.address)).toEqual([]);
    } finally {
      await closeAll(opened);
    }
  });

  unit("finds the nodes of the local network, where that carries messages to all", async () => {
    if (!(await hasMulticast())) return;
    const opened: Closing[] = [];
    try {
      const alice = await open(opened, ALICE, { usesLocalNetwork: true });
      const bob = await open(opened, BOB, { usesLocalNetwork: true });

      const isKnown = (): boolean => alice.knownPlaces(BOB.address).length > 0;
      await waitUntil(isKnown, () => undefined);

      expect(alice.knownPlaces(BOB.address)).toContain(bob.places[0] ?? "");
    } finally {
      await closeAll(opened);
    }
  });

  adversarial("believes no record that another has signed, and keeps none", async () => {
    const opened: Closing[] = [];
    try {
      const irene = await open(opened, IRENE);
      const eve = await openForger(opened, irene.places);
      await waitUntil(
        () => eve.libp2p.getConnections().length > 0,
        () => undefined,
      );
      const evePlaces = placesOfPeer(eve.libp2p.peerId, eve.libp2p.getMultiaddrs());
      const alice = await open(opened, ALICE, {
        bootstrap: [...irene.places, ...evePlaces],
      });
      await waitUntil(
        () => (alice.counters()["PeerSeen"] ?? 0) >= 2,
        () => undefined,
      );

      // The table of the forger herself holds it; nobody else takes it, and nobody believes it.
      const takers = await putForged(eve, BOB.address);
      const found = await alice.findPlaces(BOB.address);

      expect(takers).toEqual([]);
      expect(found).toEqual([]);
      expect(alice.counters()["RecordNotFound"]).toBe(1);
      // What she says of herself is believed: the way to her was open.
      await putForged(eve, EVE.address);
      expect((await alice.findPlaces(EVE.address)).length).toBeGreaterThan(0);
    } finally {
      await closeAll(opened);
    }
  });
});
