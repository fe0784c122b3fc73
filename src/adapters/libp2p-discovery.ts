/** From an address to the places of its node: by the table that all nodes share, and by who is near. */
import type { IdentifyResult, PeerId, PeerInfo } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { Endpoint } from "../ports/transport.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import { makeAddressRecord, readAddressRecord, recordKeyOf } from "./libp2p-address-record.ts";
import { addressOfPeer, type Libp2pIdentity } from "./libp2p-identity.ts";
import { KnownPeers } from "./libp2p-known-peers.ts";
import type { Libp2pNode } from "./libp2p-node.ts";
import { placesOfPeer } from "./libp2p-place.ts";

/** What the discovery of a node is made of. */
export type DiscoveryOptions = {
  readonly clock: Clock;
  readonly identity: Libp2pIdentity;
  readonly node: Libp2pNode;
};

/** 4 hours. Source: go-nitro, whose records live for 24. */
const PUBLISH_MS = 4 * 60 * 60 * 1_000;

/** 10 s until a record that nobody took is offered again: a node that has just started knows nobody. */
const PUBLISH_AGAIN_MS = 10_000;

/** 10 s for one question to the table, or one offer. */
const QUERY_TIMEOUT_MS = 10_000;

/** Questions that may be asked of the table at once. */
const QUERIES_MAX = 32;

/** What happened, counted. */
const DISCOVERY_CODES = [
  "PeerSeen",
  "RecordPublished",
  "RecordUnpublished",
  "RecordFound",
  "RecordNotFound",
] as const;
type DiscoveryCode = (typeof DISCOVERY_CODES)[number];

/** Publishes where this node is, and learns where others are, until it is closed. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #known = new KnownPeers();
  readonly #asking = new Map<Hex, Promise<readonly Endpoint[]>>();
  readonly #counts = new Map<DiscoveryCode, number>(DISCOVERY_CODES.map((code) => [code, 0]));
  readonly #ending = new AbortController();
  #cancelPublishing: CancelTimer = () => undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    const { libp2p } = options.node;
    libp2p.addEventListener("peer:discovery", this.#onDiscovered);
    libp2p.addEventListener("peer:identify", this.#onIdentified);
  }

  counters(): Readonly<Record<DiscoveryCode, number>> {
    return Object.fromEntries(this.#counts) as Record<DiscoveryCode, number>;
  }

  /** Begins to publish. The node is started. */
  start(): void {
    if (this.#options.node.dht !== undefined) this.#publishAndAgain();
  }

  known(address: Hex): readonly Endpoint[] {
    return this.#known.placesOf(address);
  }

  find(address: Hex): Promise<readonly Endpoint[]> {
    const asked = this.#asking.get(address);
    if (asked !== undefined) return asked;
    if (this.#asking.size >= QUERIES_MAX) return Promise.resolve(this.known(address));
    const asking = this.#find(address).finally(() => this.#asking.delete(address));
    this.#asking.set(address, asking);
    return asking;
  }

  async publish(): Promise<boolean> {
    const { clock, identity, node } = this.#options;
    const { peerId } = node.libp2p;
    const address = assertDefined(addressOfPeer(peerId, identity), "our own address");
    const timestampSec = Math.floor(clock.nowMs() / 1_000);
    const record = await makeAddressRecord(identity, { address, peerId, timestampSec });
    const isTaken = await this.#put(recordKeyOf(identity, address), record);
    this.#count(isTaken ? "RecordPublished" : "RecordUnpublished");
    return isTaken;
  }

  close(): void {
    const { libp2p } = this.#options.node;
    libp2p.removeEventListener("peer:discovery", this.#onDiscovered);
    libp2p.removeEventListener("peer:identify", this.#onIdentified);
    this.#cancelPublishing();
    this.#ending.abort();
  }

  #publishAndAgain(): void {
    void this.publish().then((isTaken) => {
      if (this.#ending.signal.aborted) return;
      const delayMs = isTaken ? PUBLISH_MS : PUBLISH_AGAIN_MS;
      this.#cancelPublishing = this.#options.clock.after(delayMs, () => this.#publishAndAgain());
    });
  }

  /** True when at least one other node has taken the record. */
  async #put(key: Uint8Array, record: Uint8Array): Promise<boolean> {
    let isTaken = false;
    try {
      const events = this.#options.node.dht?.put(key, record, { signal: this.#patience() }) ?? [];
      for await (const event of events) {
        if (event.name === "PEER_RESPONSE" && event.record !== undefined) isTaken = true;
      }
    } catch {
      // The table throws what it likes when it is cut off; what was taken by then was taken.
    }
    return isTaken;
  }

  async #find(address: Hex): Promise<readonly Endpoint[]> {
    const { clock, identity, node } = this.#options;
    const key = recordKeyOf(identity, address);
    for (const value of await this.#values(key)) {
      const record = await readAddressRecord(identity, key, value, clock.nowMs());
      if (record === undefined) continue;
      this.#count("RecordFound");
      const addresses = await this.#addressesOf(record.peerId);
      const places = placesOfPeer(record.peerId, addresses);
      this.#known.learn(address, [...places, `/p2p/${record.peerId.toString()}`]);
      return this.known(address);
    }
    if (node.dht !== undefined) this.#count("RecordNotFound");
    return this.known(address);
  }

  /** What the table gives for a key: the one that counts, when there are several. */
  async #values(key: Uint8Array): Promise<readonly Uint8Array[]> {
    const values: Uint8Array[] = [];
    try {
      const events = this.#options.node.dht?.get(key, { signal: this.#patience() }) ?? [];
      for await (const event of events) if (event.name === "VALUE") values.push(event.value);
    } catch {
      // Cut off, or asked where nobody is: what has come by then is what there is.
    }
    return values;
  }

  async #addressesOf(peerId: PeerId): Promise<readonly Multiaddr[]> {
    const { libp2p } = this.#options.node;
    try {
      const { addresses } = await libp2p.peerStore.get(peerId);
      if (addresses.length > 0) return addresses.map(({ multiaddr }) => multiaddr);
    } catch {
      // The peer is not known here yet; others may know it.
    }
    try {
      const found = await libp2p.peerRouting.findPeer(peerId, { signal: this.#patience() });
      return found.multiaddrs;
    } catch {
      // Nobody knows where it is. It may be dialed by its id later, once somebody does.
      return [];
    }
  }

  #patience(): AbortSignal {
    return AbortSignal.any([this.#ending.signal, AbortSignal.timeout(QUERY_TIMEOUT_MS)]);
  }

  readonly #onDiscovered = ({ detail }: CustomEvent<PeerInfo>): void => {
    this.#learn(detail.id, detail.multiaddrs);
  };

  readonly #onIdentified = ({ detail }: CustomEvent<IdentifyResult>): void => {
    this.#learn(detail.peerId, detail.listenAddrs);
  };

  #learn(peerId: PeerId, addresses: readonly Multiaddr[]): void {
    const address = addressOfPeer(peerId, this.#options.identity);
    if (address === undefined || peerId.equals(this.#options.node.libp2p.peerId)) return;
    this.#count("PeerSeen");
    this.#known.learn(address, placesOfPeer(peerId, addresses));
  }

  #count(code: DiscoveryCode): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }
}
