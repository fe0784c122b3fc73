/** One session with one peer: two keys, a counter, and what was seen. */
import type { Address } from "../../crypto/address.ts";
import type { Endpoint } from "../../ports/transport.ts";
import type { Hex } from "../../primitives/hex.ts";
import { open } from "./cipher-state.ts";
import type { Agreement } from "./introduction.ts";
import { ReplayWindow } from "./replay-window.ts";
import { type Kind, type SealedFrame, sealedFrame } from "./secure-frame.ts";
import { REKEY_FRAMES, SESSION_FRAMES_MAX } from "./secure-limits.ts";

/** What a handshake came to. */
export type SessionFacts = {
  readonly peer: Address;
  /** Where the peer was when the handshake ended, and is for as long as the session lives. */
  readonly endpoint: Endpoint;
  readonly isInitiator: boolean;
  /** The index by which the peer names the session to this node, and the other way round. */
  readonly myIndex: number;
  readonly peerIndex: number;
  /** The peer's static key, drawn when its process started: another one tells of a restart. */
  readonly peerStatic: Hex;
  readonly agreement: Agreement;
  readonly startedMs: number;
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
};

/** What became of a frame that was opened. */
export type Opened =
  | { readonly type: "Opened"; readonly plain: Uint8Array }
  | { readonly type: "FrameReplayed" }
  | { readonly type: "FrameForged" };

/** A session from the end of its handshake until nothing of it is under way any more. */
export class SecureSession {
  readonly facts: SessionFacts;
  /** Set when the peer seems not to know it any more. */
  isDoubted = false;
  /** Pings since another session took its place. */
  fadedPings = 0;
  readonly #window = new ReplayWindow();
  #counter = 0;

  constructor(facts: SessionFacts) {
    this.facts = facts;
  }

  /** Frames that were sealed. */
  get sentCount(): number {
    return this.#counter;
  }

  /** True when so much was sent that keys must change soon. */
  get isWorn(): boolean {
    return this.#counter >= REKEY_FRAMES;
  }

  /** Seals a frame for the peer; undefined when the keys are worn out. */
  seal(kind: Kind, plain: Uint8Array): Uint8Array | undefined {
    if (this.#counter >= SESSION_FRAMES_MAX) return undefined;
    const { peerIndex, sendKey } = this.facts;
    const counter = this.#counter;
    this.#counter += 1;
    return sealedFrame(peerIndex, { key: sendKey, counter, kind, plain });
  }

  /** Opens a frame of the peer, each one once. */
  open({ counter, head, sealed }: SealedFrame): Opened {
    if (!this.#window.isNew(counter)) return { type: "FrameReplayed" };
    const plain = open(this.facts.receiveKey, counter, head, sealed);
    if (plain === undefined) return { type: "FrameForged" };
    this.#window.note(counter);
    return { type: "Opened", plain };
  }
}
