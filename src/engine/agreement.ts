/** Which peers have answered the greeting of this life, and so may be worked with. */

import type { Address } from "../crypto/address.ts";
import { SEND_WINDOW } from "../network/limits.ts";
import type { Session } from "../network/session.ts";
import type { Random } from "../ports/random.ts";
import { mark } from "../primitives/mark.ts";
import type { Agreements } from "./fence.ts";
import { NEW_PEER, type NodeState } from "./node-state.ts";

/**
 * Times that one peer may put this node in doubt within one life: 8. An honest one does it once at most.
 * After that the two no longer work together until this node starts anew.
 */
const DOUBTS_MAX = 8;

/** Numbers that a node which lost its log leaves out: up to 2^24 windows, so that two losses never meet. */
const GAP_DRAW_BYTES = 3;

/** Greets peers, and remembers who has answered. Nothing of it outlives the node's life. */
export class Agreement implements Agreements {
  readonly #session: Session;
  readonly #random: Random;
  readonly #state: NodeState;
  readonly #agreed = new Set<Address>();
  readonly #contradicting = new Set<Address>();
  readonly #doubted = new Map<Address, number>();

  constructor(session: Session, random: Random, state: NodeState) {
    this.#session = session;
    this.#random = random;
    this.#state = state;
  }

  isAgreed = (peer: Address): boolean => this.#agreed.has(peer);

  isContradicted = (peer: Address): boolean => this.#contradicting.has(peer);

  wasDoubted = (peer: Address): boolean => this.#doubted.has(peer);

  /** Asks the peer how far the two are. Until it answers nothing is signed in the channels with it. */
  greet(peer: Address): void {
    this.#agreed.delete(peer);
    const { ackedUpTo, lastReceived, lastSent } = this.#state.peers.get(peer) ?? NEW_PEER;
    const standing = { lastSent, settledUpTo: ackedUpTo, lastReceived };
    this.#session.greet(peer, this.#draw(6), standing);
  }

  /** Greets a peer who was not there when this life began, the first time that she is met. */
  meet(peer: Address): void {
    const isTooDoubtful = (this.#doubted.get(peer) ?? 0) > DOUBTS_MAX;
    if (this.#agreed.has(peer) || this.#session.isGreeting(peer) || isTooDoubtful) return;
    this.greet(peer);
  }

  /** Keeps nothing of a peer any more. */
  forget(peer: Address): void {
    this.#agreed.delete(peer);
    this.#contradicting.delete(peer);
    this.#doubted.delete(peer);
    this.#session.forget(peer);
  }

  /**
   * The peer has answered; whether anything is to be taken back is decided next. `isHeadKnown` is false when
   * it holds a head of this node's log that is not in it.
   */
  agree(peer: Address, isHeadKnown: boolean): void {
    this.#agreed.add(peer);
    if (isHeadKnown) this.#contradicting.delete(peer);
    else this.#contradicting.add(peer);
  }

  /** The peer has heard what this node's log does not know. */
  doubt(peer: Address): void {
    const doubts = (this.#doubted.get(peer) ?? 0) + 1;
    this.#doubted.set(peer, doubts);
    this.#agreed.delete(peer);
    if (doubts > DOUBTS_MAX) mark("resync/peer-doubts-too-often");
    if (doubts <= DOUBTS_MAX) this.greet(peer);
  }

  /** Remembers that this log's end is in doubt towards a peer, as the log says as well. */
  noteDoubt(peer: Address): void {
    this.#doubted.set(peer, this.#doubted.get(peer) ?? 0);
  }

  /** Numbers to leave out: a window at least, and then so many that an earlier loss left out others. */
  drawGap(): number {
    return SEND_WINDOW * (1 + this.#draw(GAP_DRAW_BYTES));
  }

  #draw(sizeBytes: number): number {
    return this.#random.bytes(sizeBytes).reduce((drawn, byte) => drawn * 0x100 + byte, 0);
  }
}
