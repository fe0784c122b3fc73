/** Where the nodes of addresses were seen: the newest places of the addresses that were asked for last. */
import type { Endpoint } from "../ports/transport.ts";
import type { Hex } from "../primitives/hex.ts";

/** Addresses that are remembered. */
const ADDRESSES_MAX = 1_024;

/** Places of one address: more than a machine has networks. */
const PLACES_MAX = 8;

/** A memory that strangers fill, and never beyond its size. */
export class KnownPeers {
  readonly #places = new Map<Hex, readonly Endpoint[]>();

  /** Addresses that are remembered now. */
  get size(): number {
    return this.#places.size;
  }

  /** The places of an address, the newest first. */
  placesOf(address: Hex): readonly Endpoint[] {
    const places = this.#places.get(address);
    if (places === undefined) return [];
    this.#keep(address, places);
    return places;
  }

  /**
   * Puts places before those that are known. The old ones stay as long as there is room: nothing proves a place but
   * dialing it, and whoever claims false ones must not drive out the true.
   */
  learn(address: Hex, places: readonly Endpoint[]): void {
    if (places.length === 0) return;
    const all = new Set([...places, ...(this.#places.get(address) ?? [])]);
    this.#keep(address, [...all].slice(0, PLACES_MAX));
  }

  #keep(address: Hex, places: readonly Endpoint[]): void {
    this.#places.delete(address);
    this.#places.set(address, places);
    if (this.#places.size <= ADDRESSES_MAX) return;
    for (const oldest of this.#places.keys()) {
      this.#places.delete(oldest);
      return;
    }
  }
}
