/**
 * Tickets: random words that tell one who was here before from strangers, while strangers crowd in. A ticket opens
 * nothing else: who shows one still has to prove who it is.
 */
import type { Address } from "../../crypto/address.ts";
import type { Random } from "../../ports/random.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { TICKET_BYTES } from "./secure-frame.ts";
import { PEER_RECORDS_MAX } from "./secure-limits.ts";

/** Tickets that this node gave, and those that it was given; one for each peer. */
export class Tickets {
  readonly #random: Random;
  readonly #given = new Map<Address, Hex>();
  readonly #holders = new Map<Hex, Address>();
  readonly #mine = new Map<Address, Uint8Array>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Makes a ticket for a peer; the one that it had is worth nothing from now on. */
  give(peer: Address): Uint8Array {
    const ticket = this.#random.bytes(TICKET_BYTES);
    const old = this.#given.get(peer);
    if (old !== undefined) this.#holders.delete(old);
    this.#given.delete(peer);
    this.#given.set(peer, toHex(ticket));
    this.#holders.set(toHex(ticket), peer);
    const [oldest] = this.#given;
    if (this.#given.size > PEER_RECORDS_MAX && oldest !== undefined) {
      this.#given.delete(oldest[0]);
      this.#holders.delete(oldest[1]);
    }
    return ticket;
  }

  /** True for a ticket that this node gave and has not replaced. */
  isGiven(ticket: Uint8Array): boolean {
    return this.#holders.has(toHex(ticket));
  }

  /** Keeps what a peer gave. */
  keep(peer: Address, ticket: Uint8Array): void {
    if (ticket.length !== TICKET_BYTES) return;
    this.#mine.delete(peer);
    this.#mine.set(peer, ticket.slice());
    const [oldest] = this.#mine.keys();
    if (this.#mine.size > PEER_RECORDS_MAX && oldest !== undefined) this.#mine.delete(oldest);
  }

  /** What to show a peer; undefined when it gave nothing. */
  for(peer: Address): Uint8Array | undefined {
    return this.#mine.get(peer);
  }
}
