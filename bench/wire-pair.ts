/** Two ends of a wire in one process, one sending to the other. */
import { realWorld } from "../sim/real-world.ts";
import type { Libp2pIdentity } from "../src/adapters/libp2p-identity.ts";
import { openLibp2pTransport } from "../src/adapters/libp2p-transport.ts";
import { systemClock } from "../src/adapters/system-clock.ts";
import { systemRandom } from "../src/adapters/system-random.ts";
import { openTcpTransport } from "../src/adapters/tcp-transport.ts";
import type { PrivateKey } from "../src/crypto/signature.ts";
import { libp2pIdentity } from "../src/node/daemon/open-wires.ts";
import type { RawTransport } from "../src/ports/raw-transport.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";

/** Two ends that are connected. */
export type WirePair = {
  /** Sends a frame so many times over, and resolves when the other end has heard all of them. */
  readonly send: (frame: Uint8Array, times: number) => Promise<void>;
  /** Sends a frame so many times over, each after the other end has answered the one before. */
  readonly exchange: (frame: Uint8Array, times: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Bytes that wait at most: enough to keep the wire busy, less than would be dropped. */
const WAITING_MAX = 1_000_000;

const LOOPBACK = { host: "127.0.0.1", port: 0 } as const;
const DOORS = { clock: systemClock, random: systemRandom } as const;

/** Two ends of TCP. */
export async function openTcpPair(): Promise<WirePair> {
  return pairOf(
    await openTcpTransport(DOORS),
    await openTcpTransport({ ...DOORS, listen: LOOPBACK }),
  );
}

/** Two ends of libp2p. */
export async function openLibp2pPair(): Promise<WirePair> {
  return pairOf(
    await openLibp2pTransport({ ...DOORS, identity: identityOf(1) }),
    await openLibp2pTransport({ ...DOORS, identity: identityOf(2), listen: LOOPBACK }),
  );
}

function identityOf(number: number): Libp2pIdentity {
  return libp2pIdentity(`0x${number.toString(16).padStart(64, "0")}` as PrivateKey);
}

async function pairOf(near: RawTransport, far: RawTransport): Promise<WirePair> {
  const place = assertDefined(far.places[0], "where the far end listens");
  const ears = { near: (): void => undefined, far: (_: string): void => undefined };
  near.transport.listen(() => ears.near());
  far.transport.listen((from) => ears.far(from));
  const pair: WirePair = {
    send: async (frame, times) => {
      const heard = Promise.withResolvers<void>();
      let left = times;
      ears.far = () => {
        left -= 1;
        if (left === 0) heard.resolve();
      };
      for (let sent = 0; sent < times; sent++) {
        while (near.queuedBytes() + frame.length > WAITING_MAX) await turn();
        near.transport.send(place, frame);
      }
      await heard.promise;
      assert(near.counters()["FrameDropped"] === 0, "nothing was dropped on the way");
    },
    exchange: async (frame, times) => {
      const answered = Promise.withResolvers<void>();
      let left = times;
      ears.far = (from) => far.transport.send(from, frame);
      ears.near = () => {
        left -= 1;
        if (left === 0) answered.resolve();
        else near.transport.send(place, frame);
      };
      near.transport.send(place, frame);
      await answered.promise;
    },
    close: async () => {
      await near.close();
      await far.close();
    },
  };
  await pair.exchange(Uint8Array.of(1), 1);
  return pair;
}

/** Lets the sockets do their work. */
function turn(): Promise<void> {
  return new Promise((resolve) => void realWorld.setImmediate(resolve));
}
