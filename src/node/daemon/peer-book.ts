/** Who a node knows, and where they are: the address book of one process. */
import type { Address } from "../../crypto/address.ts";
import type { AddressBook } from "../../engine/engine-options.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { assert } from "../../primitives/assert.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { ConfiguredPeer } from "../config/configuration.ts";
import { isPlace } from "../config/value-schemas.ts";
import { ADDED_PEERS_MAX, type AddedPeer, PLACES_MAX } from "./added-peers.ts";
import type { KnownPeer, PeerRefusal } from "./running-node.ts";

/** What a book is made from. */
export type PeerBookOptions = {
  readonly me: Address;
  readonly configured: readonly ConfiguredPeer[];
  readonly openToStrangers: boolean;
  /** Strangers that may be there at once. */
  readonly strangersMax: number;
  /** Places that were found for a peer by other means than the book. */
  readonly foundPlaces?: (peer: Address) => readonly Endpoint[];
  /** What requests of earlier lives have added. */
  readonly added?: readonly AddedPeer[];
  /** Keeps what requests have added, all of it, for later lives; may throw, and then nothing has changed. */
  readonly keep?: (added: readonly AddedPeer[]) => void;
};

/** One line of the book. */
export type PeerEntry = Pick<KnownPeer, "address" | "name" | "places" | "origin">;

/** One per node and life. Of a stranger nothing is left once it is gone, unless the log knows it. */
export class PeerBook {
  /** For the engine. Endpoints of the secure transport are addresses. */
  readonly addressBook: AddressBook;
  readonly #options: PeerBookOptions;
  readonly #entries = new Map<Address, PeerEntry>();
  #isLogged: (peer: Address) => boolean = () => false;
  #strangers = 0;
  /** The places that requests have added, by peer, the newest first. */
  #added: ReadonlyMap<Address, readonly Endpoint[]>;

  constructor(options: PeerBookOptions) {
    this.#options = options;
    this.#added = new Map((options.added ?? []).map(({ address, places }) => [address, places]));
    for (const address of [
      ...options.configured.map((peer) => peer.address),
      ...this.#added.keys(),
    ])
      this.#write(address);
    const entries = this.#entries;
    this.addressBook = {
      get peers(): readonly Address[] {
        return [...entries.keys()];
      },
      // Whoever the engine names was in the log, even where the book does not know her yet.
      endpointOf: (peer) => peer,
      peerAt: (endpoint) => endpoint as Address,
    };
  }

  /** From now on everybody that the log knows is known: `peers` are those that it knows already. */
  followLog(peers: Iterable<Address>, isLogged: (peer: Address) => boolean): void {
    this.#isLogged = isLogged;
    for (const address of peers) {
      if (this.#entries.has(address) || address === this.#options.me) continue;
      this.#entries.set(address, { address, name: undefined, places: [], origin: "Log" });
    }
  }

  /** True when channels may be opened with this peer. */
  isKnown(peer: Address): boolean {
    return this.#entries.has(peer);
  }

  /** Asked for each peer that has proved its key, before it is let in. */
  isWelcome(peer: Address): boolean {
    if (this.isKnown(peer)) return true;
    const { openToStrangers, strangersMax } = this.#options;
    return openToStrangers && this.#strangers < strangersMax;
  }

  /** Where to dial a peer, the best first. Nowhere for one who is not in the book: strangers come by themselves. */
  placesOf(peer: Address): readonly Endpoint[] {
    const written = this.#entries.get(peer)?.places;
    if (written === undefined) return [];
    const found = this.#options.foundPlaces?.(peer) ?? [];
    return [...new Set([...written, ...found])].slice(0, PLACES_MAX);
  }

  /** Notes that a peer which was welcome is there. True when it is new to the book. */
  arrived(peer: Address): boolean {
    if (this.isKnown(peer)) return false;
    this.#strangers += 1;
    this.#entries.set(peer, { address: peer, name: undefined, places: [], origin: "Stranger" });
    return true;
  }

  /** Notes that a peer is gone. True when the book has forgotten it. */
  left(peer: Address): boolean {
    const entry = this.#entries.get(peer);
    if (entry?.origin !== "Stranger") return false;
    this.#strangers -= 1;
    assert(this.#strangers >= 0, "strangers who leave had come");
    if (this.#isLogged(peer)) {
      this.#entries.set(peer, { ...entry, origin: "Log" });
      return false;
    }
    return this.#entries.delete(peer);
  }

  /** Writes a peer in, or a further place of one that is there. Throws what `keep` throws. */
  add(address: Address, place: Endpoint | undefined): PeerRefusal | undefined {
    if (address === this.#options.me) return { code: "IsMyself" };
    if (place !== undefined && !isPlace(place)) return { code: "NotAPlace" };
    const places = this.#added.get(address);
    if (places === undefined && this.#added.size >= ADDED_PEERS_MAX) {
      return { code: "AddressBookFull" };
    }
    const all = new Set([...(place === undefined ? [] : [place]), ...(places ?? [])]);
    this.#keep(new Map(this.#added).set(address, [...all].slice(0, PLACES_MAX)));
    if (this.#entries.get(address)?.origin === "Stranger") this.#strangers -= 1;
    this.#write(address);
    return undefined;
  }

  /**
   * Takes back what requests have added: one place of a peer, or without a place all of it. Tells whether the peer is
   * unknown from now on: it is not while the configuration names it, or the log knows it. Throws what `keep` throws.
   */
  remove(
    address: Address,
    place: Endpoint | undefined,
  ): Result<{ readonly isGone: boolean }, PeerRefusal> {
    const places = this.#added.get(address);
    const isAdded = place === undefined ? places !== undefined : places?.includes(place) === true;
    if (!isAdded) {
      const { places: named = [] } = this.#configured(address) ?? {};
      const isNamed = place === undefined ? this.#configured(address) : named.includes(place);
      return reject({ code: isNamed ? "IsConfigured" : "NotAdded" });
    }
    const left = new Map(this.#added);
    if (place === undefined) left.delete(address);
    else
      left.set(
        address,
        (places ?? []).filter((one) => one !== place),
      );
    this.#keep(left);
    if (place !== undefined || this.#configured(address) !== undefined) this.#write(address);
    else if (!this.#isLogged(address)) return accept({ isGone: this.#entries.delete(address) });
    else this.#entries.set(address, { address, name: undefined, places: [], origin: "Log" });
    return accept({ isGone: false });
  }

  /** Everybody. */
  entries(): readonly PeerEntry[] {
    return [...this.#entries.values()];
  }

  #configured(address: Address): ConfiguredPeer | undefined {
    return this.#options.configured.find((peer) => peer.address === address);
  }

  #keep(added: ReadonlyMap<Address, readonly Endpoint[]>): void {
    const peers = [...added].map(([address, places]) => ({ address, places }));
    this.#options.keep?.(peers);
    this.#added = added;
  }

  /** Writes the line of a peer that the configuration or a request names. What requests say comes first. */
  #write(address: Address): void {
    if (address === this.#options.me) return;
    const configured = this.#configured(address);
    const all = new Set([...(this.#added.get(address) ?? []), ...(configured?.places ?? [])]);
    const places = [...all].slice(0, PLACES_MAX);
    const origin = configured === undefined ? "Request" : "Configuration";
    this.#entries.set(address, { address, name: configured?.name, places, origin });
  }
}
