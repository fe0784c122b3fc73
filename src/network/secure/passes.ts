/**
 * Passes: random words that tell one who was here before from strangers, while strangers crowd in. A pass opens
 * nothing else: who shows one still has to prove who it is.
 */
import type { Address } from "../../crypto/address.ts";
import type { Random } from "../../ports/random.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { PASS_BYTES } from "./secure-frame.ts";
import { PEER_RECORDS_MAX } from "./secure-limits.ts";

/** Passes that this node gave, and those that it was given; one for each peer. */
export class Passes {
  readonly #random: Random;
  readonly #given = new Map<Address, Hex>();
  readonly #holders = new Map<Hex, Address>();
  readonly #mine = new Map<Address, Uint8Array>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Makes a pass for a peer; the one that it had is worth nothing from now on. */
  give(peer: Address): Uint8Array {
    const pass = this.#random.bytes(PASS_BYTES);
    const old = this.#given.get(peer);
    if (old !== undefined) this.#holders.delete(old);
    this.#given.delete(peer);
    this.#given.set(peer, toHex(pass));
    this.#holders.set(toHex(pass), peer);
    const [oldest] = this.#given;
    if (this.#given.size > PEER_RECORDS_MAX && oldest !== undefined) {
      this.#given.delete(oldest[0]);
      this.#holders.delete(oldest[1]);
    }
    return pass;
  }

  /** True for a pass that this node gave and has not replaced. */
  isGiven(pass: Uint8Array): boolean {
    return this.#holders.has(toHex(pass));
  }

  /** Keeps what a peer gave. */
  keep(peer: Address, pass: Uint8Array): void {
    if (pass.length !== PASS_BYTES) return;
    this.#mine.delete(peer);
    this.#mine.set(peer, pass.slice());
    const [oldest] = this.#mine.keys();
    if (this.#mine.size > PEER_RECORDS_MAX && oldest !== undefined) this.#mine.delete(oldest);
  }

  /** What to show a peer; undefined when it gave nothing. */
  for(peer: Address): Uint8Array | undefined {
    return this.#mine.get(peer);
  }
}
