/** The sessions of two nodes in one process: Session on SecureTransport on TCP, over the loopback. */
import { type ActorName, keyOf } from "../sim/actors.ts";
import { realWorld } from "../sim/real-world.ts";
import { systemClock } from "../src/adapters/system-clock.ts";
import { systemRandom } from "../src/adapters/system-random.ts";
import { openTcpTransport } from "../src/adapters/tcp-transport.ts";
import type { Address } from "../src/crypto/address.ts";
import { SecureTransport } from "../src/network/secure/secure-transport.ts";
import { Session } from "../src/network/session.ts";
import { createSigner } from "../src/node/keystore/signer.ts";
import type { RawTransport } from "../src/ports/raw-transport.ts";
import type { Endpoint } from "../src/ports/transport.ts";
import { assert } from "../src/primitives/assert.ts";

/** Two sessions that have found each other. */
export type SessionPair = {
  /** Sends so many messages, and resolves when the other end has settled all of them. */
  readonly send: (payload: Uint8Array, times: number) => Promise<void>;
  /** Sends so many messages, each after the other end has settled the one before. */
  readonly exchange: (payload: Uint8Array, times: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Virtual milliseconds between two looks at the clock: so slow that no rate of a peer is exceeded. */
const LOOK_MS = 1;

/** Longest time until the two have found each other, in milliseconds. */
const MEETING_MS_MAX = 10_000;

/** One node as far as it talks. */
type Talker = {
  readonly address: Address;
  readonly raw: RawTransport;
  readonly secure: SecureTransport;
  readonly session: Session;
  /** Called with the last sequence that the peer has settled. */
  settled: (upTo: number) => void;
};

/** Opens both, and waits until each knows the other. */
export async function openSessionPair(): Promise<SessionPair> {
  const listen = { host: "127.0.0.1", port: 0 };
  const far = talkerOn("bob", await openTcpTransport({ ...DOORS, listen }), []);
  const near = talkerOn("alice", await openTcpTransport(DOORS), far.raw.places);
  await meet(near, far);
  let sequence = 0;
  const say = (payload: Uint8Array): void => {
    sequence += 1;
    near.session.send(far.address, sequence, payload);
  };
  return {
    send: (payload, times) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const last = sequence + times;
      near.settled = (upTo) => {
        if (upTo === last) resolve();
      };
      for (let sent = 0; sent < times; sent++) say(payload);
      return promise;
    },
    exchange: (payload, times) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const last = sequence + times;
      near.settled = (upTo) => {
        if (upTo === last) resolve();
        else say(payload);
      };
      say(payload);
      return promise;
    },
    close: async () => {
      for (const { raw, secure, session } of [near, far]) {
        session.close();
        secure.close();
        await raw.close();
      }
    },
  };
}

const DOORS = { clock: systemClock, random: systemRandom } as const;

/** A node that settles whatever it hears at once, as accepted. */
function talkerOn(name: ActorName, raw: RawTransport, places: readonly Endpoint[]): Talker {
  const signer = createSigner(keyOf(name));
  let nowMs = systemClock.nowMs();
  const secure = new SecureTransport({
    transport: raw.transport,
    clock: {
      nowMs: () => {
        nowMs += LOOK_MS;
        return nowMs;
      },
      after: systemClock.after,
    },
    random: systemRandom,
    identity: signer,
    chainId: 1n,
    adjudicator: `0x${"ad".repeat(20)}` as Address,
    profiles: ["enforceable"],
    placesOf: () => places,
    isWelcome: () => true,
  });
  const session: Session = new Session(
    {
      transport: secure.transport,
      clock: systemClock,
      endpointOf: (peer) => peer,
      peerAt: (endpoint) => endpoint as Address,
    },
    {
      deliver: (from, sequence) => session.settle(from, sequence, { type: "Accepted" }),
      acknowledged: (_, upTo) => talker.settled(upTo),
      refused: (_, sequence, code) => assert(false, `message ${sequence} is not refused: ${code}`),
      welcomed: () => undefined,
      doubted: () => undefined,
      report: ({ code }) => assert(false, `nothing goes wrong: ${code}`),
    },
  );
  const talker: Talker = {
    address: signer.address,
    raw,
    secure,
    session,
    settled: () => undefined,
  };
  return talker;
}

/** Dials the far end, and begins the conversation on both sides. */
async function meet(near: Talker, far: Talker): Promise<void> {
  const fresh = { lastSent: 0, lastReceived: 0, unacknowledged: [] };
  near.session.resume(far.address, fresh);
  far.session.resume(near.address, fresh);
  near.secure.dial(far.address);
  const deadlineMs = realWorld.performanceNow() + MEETING_MS_MAX;
  while (near.secure.peers().length + far.secure.peers().length < 2) {
    assert(realWorld.performanceNow() < deadlineMs, "the two find each other");
    await new Promise((resolve) => void realWorld.setImmediate(() => resolve(undefined)));
  }
}
