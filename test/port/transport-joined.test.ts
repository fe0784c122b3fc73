/** Wires joined are one: frames go by the one that their endpoints belong to. */
import { describe, expect } from "bun:test";
import {
  joinTransports,
  LIBP2P_PREFIXES,
  TCP_PREFIXES,
} from "../../src/adapters/joined-transport.ts";
import { openLibp2pTransport } from "../../src/adapters/libp2p-transport.ts";
import { openTcpTransport } from "../../src/adapters/tcp-transport.ts";
import type { RawTransport } from "../../src/ports/raw-transport.ts";
import { unit } from "../kind.ts";
import { testIdentity } from "../libp2p-identities.ts";
import { manualClock } from "../manual-clock.ts";
import { listenAt, waitUntil } from "../ports-transport.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 } as const;
const clock = manualClock();
const random = { bytes: (sizeBytes: number) => new Uint8Array(sizeBytes).fill(255) };

const tcp = (): Promise<RawTransport> => openTcpTransport({ clock, random, listen: LOOPBACK });
const libp2p = (key: number): Promise<RawTransport> =>
  openLibp2pTransport({ clock, random, listen: LOOPBACK, identity: testIdentity(key) });

const settle = (condition: () => boolean): Promise<void> => waitUntil(condition, () => undefined);
const endOf = (raw: RawTransport) => listenAt(raw.transport, raw.places[0] ?? "", raw.close);

describe("joinTransports", () => {
  unit("sends, answers, drops and counts by the wire that an endpoint belongs to", async () => {
    const [bob, irene] = [endOf(await tcp()), endOf(await libp2p(22))];
    const joined = joinTransports([
      { name: "tcp", prefixes: TCP_PREFIXES, raw: await tcp() },
      { name: "libp2p", prefixes: LIBP2P_PREFIXES, raw: await libp2p(21) },
    ]);
    const alice = endOf(joined);
    try {
      for (const { place } of [bob, irene]) alice.transport.send(place, Uint8Array.of(1));
      alice.transport.send("elsewhere", Uint8Array.of(1));
      await settle(() => bob.heard.length === 1 && irene.heard.length === 1);
      for (const { heard, transport } of [bob, irene]) {
        transport.send(heard[0]?.from ?? "", Uint8Array.of(2));
      }
      await settle(() => alice.heard.length === 2);

      expect(alice.heard.map(({ from }) => from).sort()).toEqual([irene.place, bob.place].sort());
      expect(joined.places.map((place) => place.split(":")[0]?.split("/")[0])).toEqual(["tcp", ""]);
      expect(joined.connectionCount()).toBe(2);
      expect(joined.counters()).toMatchObject({
        "tcp.Dialed": 1,
        "libp2p.Dialed": 1,
        NowhereToSend: 1,
      });
      for (const { place } of [bob, irene]) alice.transport.drop?.(place);
      await settle(() => bob.lost.length === 1 && irene.lost.length === 1);
      expect(joined.connectionCount()).toBe(0);
    } finally {
      for (const { close } of [alice, bob, irene]) await close();
    }
    expect(clock.isStill()).toBe(true);
  });
});
