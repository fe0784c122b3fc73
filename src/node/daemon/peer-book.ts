/** Who a node knows, and where they are: the address book of one process. */
import type { Address } from "../../crypto/address.ts";
import type { AddressBook } from "../../engine/engine-options.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { assert } from "../../primitives/assert.ts";
import type { ConfiguredPeer } from "../config/configuration.ts";
import { isPlace, PEERS_MAX } from "../config/value-schemas.ts";
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
};

/** One line of the book. */
export type PeerEntry = Pick<KnownPeer, "address" | "name" | "places" | "origin">;

/** Peers that requests may add, beyond those of the configuration: they stay until the node ends. */
export const ADDED_PEERS_MAX: number = PEERS_MAX;

/** Places of one peer: the oldest makes room for a new one. */
const PLACES_MAX = 8;

/** One per node and life. Of a stranger nothing is left once it is gone, unless the log knows it. */
export class PeerBook {
  /** For the engine. Endpoints of the secure transport are addresses. */
  readonly addressBook: AddressBook;
  readonly #options: PeerBookOptions;
  readonly #entries = new Map<Address, PeerEntry>();
  #isLogged: (peer: Address) => boolean = () => false;
  #strangers = 0;
  #added = 0;

  constructor(options: PeerBookOptions) {
    this.#options = options;
    for (const { address, name, places } of options.configured) {
      if (address === options.me) continue;
      this.#entries.set(address, { address, name, places, origin: "Configuration" });
    }
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

  /** Where to dial a peer, the best first. */
  placesOf(peer: Address): readonly Endpoint[] {
    const written = this.#entries.get(peer)?.places ?? [];
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

  /** Writes a peer in, or a further place of one that is there. */
  add(address: Address, place: Endpoint | undefined): PeerRefusal | undefined {
    if (address === this.#options.me) return { code: "IsMyself" };
    if (place !== undefined && !isPlace(place)) return { code: "NotAPlace" };
    const known = this.#entries.get(address);
    const isNew = known === undefined || known.origin === "Stranger";
    if (isNew && this.#added >= ADDED_PEERS_MAX) return { code: "AddressBookFull" };
    if (isNew) this.#added += 1;
    if (known?.origin === "Stranger") this.#strangers -= 1;
    const places = [...(place === undefined ? [] : [place]), ...(known?.places ?? [])];
    const origin = isNew ? "Request" : known.origin;
    const kept = [...new Set(places)].slice(0, PLACES_MAX);
    this.#entries.set(address, { address, name: known?.name, places: kept, origin });
    return undefined;
  }

  /** Everybody. */
  entries(): readonly PeerEntry[] {
    return [...this.#entries.values()];
  }
}
