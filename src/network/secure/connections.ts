/** The sessions of this node: at most one per peer to send by, and those before it that can still be read. */
import type { Address } from "../../crypto/address.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { FADING_MAX, FADING_PINGS, SIMULTANEOUS_MS } from "./secure-limits.ts";
import type { PeerStatus } from "./secure-options.ts";
import type { SecureSession } from "./secure-session.ts";

/** A peer that is there. */
export type Connection = {
  readonly peer: Address;
  readonly connectedSinceMs: number;
  /** What is sent goes by this one. */
  current: SecureSession;
  /** Replaced, and still to be read for a while; the oldest first. */
  readonly fading: SecureSession[];
  /** Pings in a row that nothing followed. */
  silentPings: number;
  /** Pings since the keys changed. */
  pings: number;
  pingedAtMs: number;
  roundTripMs: number | undefined;
  /** When a hint last led to a handshake. */
  hintedAtMs: number;
  readonly traffic: Traffic;
};

/** What went through a connection. */
export type Traffic = {
  bytesIn: number;
  bytesOut: number;
  messagesIn: number;
  messagesOut: number;
  refused: number;
};

/**
 * What a new session came to.
 *
 * - `New`: the peer was away.
 * - `Restarted`: the peer runs anew, and knows nothing of the session before.
 * - `Replaced`: keys changed.
 * - `Second`: both dialed at once, and both keep to the other session.
 */
export type Establishment = "New" | "Restarted" | "Replaced" | "Second";

/** All connections of one node. */
export class Connections {
  readonly #me: Address;
  readonly #byPeer = new Map<Address, Connection>();
  readonly #byIndex = new Map<number, SecureSession>();

  constructor(me: Address) {
    this.#me = me;
  }

  /** Peers that are there. */
  get size(): number {
    return this.#byPeer.size;
  }

  /** Sessions that can be read. */
  get sessionCount(): number {
    return this.#byIndex.size;
  }

  all(): readonly Connection[] {
    return [...this.#byPeer.values()];
  }

  of(peer: Address): Connection | undefined {
    return this.#byPeer.get(peer);
  }

  /** The session that a frame names; undefined when it is none of this node's. */
  at(index: number): SecureSession | undefined {
    return this.#byIndex.get(index);
  }

  /** True while a session goes by an endpoint. */
  uses(endpoint: Endpoint): boolean {
    return [...this.#byIndex.values()].some(({ facts }) => facts.endpoint === endpoint);
  }

  /** Where a peer is, by all of its sessions. */
  endpointsOf(peer: Address): readonly Endpoint[] {
    const connection = this.#byPeer.get(peer);
    if (connection === undefined) return [];
    return [connection.current, ...connection.fading].map(({ facts }) => facts.endpoint);
  }

  /** Takes a new session in. */
  establish(session: SecureSession): Establishment {
    const { myIndex, peer, startedMs } = session.facts;
    const connection = this.#byPeer.get(peer);
    this.#byIndex.set(myIndex, session);
    if (connection === undefined) {
      this.#byPeer.set(peer, newConnection(session, startedMs));
      return "New";
    }
    const { current } = connection;
    if (current.facts.peerStatic !== session.facts.peerStatic) {
      this.remove(connection);
      this.#byIndex.set(myIndex, session);
      this.#byPeer.set(peer, newConnection(session, startedMs));
      return "Restarted";
    }
    if (this.#isSecond(session, current)) {
      this.#fade(connection, session);
      return "Second";
    }
    connection.current = session;
    connection.pings = 0;
    this.#fade(connection, current);
    return "Replaced";
  }

  /** Forgets a session that was replaced. */
  forget(session: SecureSession): void {
    const connection = this.#byPeer.get(session.facts.peer);
    const place = connection?.fading.indexOf(session) ?? -1;
    if (place < 0) return;
    connection?.fading.splice(place, 1);
    this.#byIndex.delete(session.facts.myIndex);
  }

  /** A ping's time has passed. Gives the sessions that are forgotten now. */
  age({ fading }: Connection): readonly SecureSession[] {
    for (const session of fading) session.fadedPings += 1;
    const over = fading.filter(({ fadedPings }) => fadedPings > FADING_PINGS);
    for (const session of over) this.forget(session);
    return over;
  }

  /** An endpoint is gone, and the sessions with it. Gives the peers that are away because of that. */
  lose(endpoint: Endpoint): readonly Connection[] {
    const isHere = ({ facts }: SecureSession): boolean => facts.endpoint === endpoint;
    for (const { fading } of this.all()) for (const one of fading.filter(isHere)) this.forget(one);
    return this.all().filter((connection) => isHere(connection.current) && !this.#goOn(connection));
  }

  /** Forgets a peer and all of its sessions. */
  remove({ current, fading, peer }: Connection): void {
    for (const { facts } of [current, ...fading]) this.#byIndex.delete(facts.myIndex);
    this.#byPeer.delete(peer);
  }

  /** Goes on by the other session of two who dialed each other at once, if it is there. */
  #goOn(connection: Connection): boolean {
    const { current, fading } = connection;
    const next = fading.findLast(({ facts }) => facts.endpoint !== current.facts.endpoint);
    if (next === undefined) return false;
    fading.splice(fading.indexOf(next), 1);
    this.#byIndex.delete(current.facts.myIndex);
    connection.current = next;
    return true;
  }

  #fade(connection: Connection, session: SecureSession): void {
    connection.fading.push(session);
    const [oldest] = connection.fading;
    if (connection.fading.length > FADING_MAX && oldest !== undefined) this.forget(oldest);
  }

  /** Of two sessions that both sides began at once, both keep to that of the lower address. */
  #isSecond({ facts }: SecureSession, { facts: before, isDoubted }: SecureSession): boolean {
    const areAtOnce = Math.abs(facts.startedMs - before.startedMs) < SIMULTANEOUS_MS;
    const isMineBest = this.#me < facts.peer;
    return areAtOnce && !isDoubted && facts.isInitiator !== before.isInitiator
      ? before.isInitiator === isMineBest
      : false;
  }
}

/** How it stands with a peer. */
export function statusOf(connection: Connection): PeerStatus {
  const { connectedSinceMs, current, peer, roundTripMs, traffic } = connection;
  const { agreement, endpoint } = current.facts;
  const { profiles } = agreement;
  return { address: peer, place: endpoint, connectedSinceMs, profiles, roundTripMs, ...traffic };
}

function newConnection(current: SecureSession, connectedSinceMs: number): Connection {
  return {
    peer: current.facts.peer,
    connectedSinceMs,
    current,
    fading: [],
    silentPings: 0,
    pings: 0,
    pingedAtMs: connectedSinceMs,
    roundTripMs: undefined,
    hintedAtMs: Number.NEGATIVE_INFINITY,
    traffic: { bytesIn: 0, bytesOut: 0, messagesIn: 0, messagesOut: 0, refused: 0 },
  };
}
