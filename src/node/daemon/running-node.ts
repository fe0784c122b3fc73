/** A node that runs: what the program around it, its API and its commands may use of it. */
import type { Deployment } from "../../chain/deployment.ts";
import type { Address } from "../../crypto/address.ts";
import type { Engine } from "../../engine/engine.ts";
import type { NodeSnapshots } from "../../engine/reconstruction.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { EventStore } from "../../store/event-store.ts";

/**
 * Why a node is alive, but cannot be asked for work.
 *
 * - `ChainAway`: no endpoint of the chain has answered so far, or none does now. `why` is its error.
 * - `ChainNotTrusted`: what the endpoints say does not fit together, or is too old. Nothing is signed until it does.
 * - `InboxFull`: more requests wait than are taken. Ask again later.
 * - `Stopping`: somebody has asked the node to end.
 */
export type NotReady =
  | { readonly code: "ChainAway"; readonly why: string }
  | { readonly code: "ChainNotTrusted" | "InboxFull" | "Stopping" };

/** What a supervisor asks for. A node that is not live must be started again; one that is not ready, waited for. */
export type Health = {
  /** False once the engine has stopped by itself: a failed disk, or a fault of this program. */
  readonly live: boolean;
  readonly ready: boolean;
  /** Empty exactly when `ready`, or when the node is not live. */
  readonly notReady: readonly NotReady[];
  /** Why the node is not live; undefined while it is. */
  readonly crash: string | undefined;
};

/** A connection with a peer whose key is proven. */
export type PeerConnection = {
  /** Where the connection goes to, or `tcp-in:<n>` and the like where the peer came by itself. */
  readonly place: string;
  /** Milliseconds since 1970. */
  readonly connectedSinceMs: number;
  /** Round trip of the last keep-alive, milliseconds; undefined before the first. */
  readonly roundTripMs: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
};

/** Somebody in the address book of a node, connected or not. */
export type KnownPeer = {
  readonly address: Address;
  /** What the configuration calls it. */
  readonly name: string | undefined;
  /** Where it is dialed; empty for a peer that comes by itself. */
  readonly places: readonly string[];
  /**
   * Who wrote it into the address book: the configuration, a request to the API, the log of an earlier life, or
   * the peer itself by coming.
   */
  readonly origin: "Configuration" | "Request" | "Log" | "Stranger";
  /** Undefined while there is no connection. */
  readonly connection: PeerConnection | undefined;
  /** What of this peer's was refused since the start of this process, all codes together. */
  readonly refusals: number;
};

/**
 * Why the address book was not changed.
 *
 * - `NotAdded`: no request has added this peer, or this place of it, so that none can take it back.
 * - `IsConfigured`: the configuration names it. Take it out there.
 */
export type PeerRefusal = {
  readonly code: "AddressBookFull" | "NotAPlace" | "IsMyself" | "NotAdded" | "IsConfigured";
};

/** One running node. */
export type RunningNode = {
  readonly address: Address;
  readonly chainId: bigint;
  readonly deployment: Deployment;
  readonly engine: Engine;
  readonly store: EventStore<NodeEvent>;
  /** By which the past is near; undefined for a node without, whose past is folded from its first event. */
  readonly snapshots: NodeSnapshots;
  readonly peers: () => readonly KnownPeer[];
  /** Where other nodes reach this one, in the form of `places` of a peer. */
  readonly places: () => readonly string[];
  /**
   * Writes a peer into the address book, for later lives too, with a place to dial, or without one until it comes.
   * Throws `NodeError` where that cannot be kept.
   */
  readonly addPeer: (address: Address, place: string | undefined) => PeerRefusal | undefined;
  /**
   * Takes a place back that was added, or without one all that was added of this peer. Who is unknown after that is
   * dropped; whom the log knows stays, since there may be channels. Throws `NodeError` where that cannot be kept.
   */
  readonly removePeer: (address: Address, place: string | undefined) => PeerRefusal | undefined;
  readonly health: () => Health;
  /** Everything that Prometheus asks for, in its text format. */
  readonly metricsText: () => Promise<string>;
  /** Ends the node in order: takes no request any more, lets the outbox empty itself for a while, closes the log. */
  readonly stop: () => Promise<void>;
};
