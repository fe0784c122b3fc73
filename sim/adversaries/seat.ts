/** The seat of an adversary: between her own node and the wire. What passes there is as her strategies want it. */
import { decodeMessage, encodeMessage } from "../../src/messages/codec.ts";
import type { Message } from "../../src/messages/message.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../src/network/frame.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { unreachable } from "../../src/primitives/assert.ts";
import type { ActorName } from "../actors.ts";
import type { Timeline } from "../timeline.ts";
import { Conversation } from "./conversation.ts";

/** What the strategies of one adversary make of what passes. */
export type Passing = {
  /** What becomes of a message of her node's. */
  readonly says: (to: ActorName, message: Message) => readonly Message[];
  /** What becomes of a frame on its way out; undefined where it never leaves. */
  readonly sends: (to: ActorName, frame: Frame) => Frame | undefined;
  readonly hears: (from: ActorName, message: Message) => void;
};

type Listener = Parameters<Transport["listen"]>[0];

/** One copy of the adversary's node, and the peers that it may talk to. */
type Sitter = { listener: Listener | undefined; readonly talksTo: (peer: ActorName) => boolean };

/** One seat for each adversary, over all restarts of her node. */
export class Seat {
  readonly #wire: Transport;
  readonly #timeline: Timeline;
  readonly #passing: Passing;
  readonly #conversations = new Map<ActorName, Conversation>();
  readonly #sitters: Sitter[] = [];

  constructor(wire: Transport, timeline: Timeline, passing: Passing) {
    this.#wire = wire;
    this.#timeline = timeline;
    this.#passing = passing;
  }

  /** The transport of one copy of her node. A later copy takes its peers over from those before. */
  transport(talksTo: (peer: ActorName) => boolean = () => true): Transport {
    const sitter: Sitter = { listener: undefined, talksTo };
    this.#sitters.unshift(sitter);
    return {
      send: (to, bytes) => {
        if (this.#sitterFor(to as ActorName) === sitter) this.#sent(to as ActorName, bytes);
      },
      listen: (onFrame) => {
        sitter.listener = onFrame;
        this.#wire.listen((from, bytes) => this.#arrived(from as ActorName, bytes));
      },
    };
  }

  /** Says something to a peer that her node knows nothing of. */
  tell(to: ActorName, message: Message): void {
    this.tellBytes(to, encodeMessage(message));
  }

  /** Says what may be no message. */
  tellBytes(to: ActorName, payload: Uint8Array): void {
    this.#with(to).tell(payload);
  }

  /** Puts bytes on the wire that may be no frame. */
  throwBytes(to: ActorName, bytes: Uint8Array): void {
    this.#wire.send(to, bytes);
  }

  /** Ends all repetitions. */
  close(): void {
    for (const conversation of this.#conversations.values()) conversation.close();
  }

  #sitterFor(peer: ActorName): Sitter | undefined {
    return this.#sitters.find(({ talksTo }) => talksTo(peer));
  }

  #sent(to: ActorName, bytes: Uint8Array): void {
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) return;
    const frame = decoded.value;
    const conversation = this.#with(to);
    switch (frame.type) {
      case "Data":
        if (conversation.sent(frame)) break;
        this.#timeline.after(0, () => this.#hand(to, conversation.settled()));
        break;
      case "Greeting":
        this.#transmit(to, conversation.greeting(frame));
        break;
      case "Welcome":
        this.#transmit(to, conversation.welcome(frame));
        break;
      case "Acknowledged":
        this.#transmit(to, frame);
        break;
      default:
        unreachable(frame);
    }
  }

  #arrived(from: ActorName, bytes: Uint8Array): void {
    const decoded = decodeFrame(bytes);
    if (!decoded.ok) return;
    const frame = decoded.value;
    const conversation = this.#with(from);
    switch (frame.type) {
      case "Data":
        this.#hear(from, frame.payload);
        this.#hand(from, frame);
        break;
      case "Greeting":
        this.#hand(from, conversation.greeted(frame));
        break;
      case "Welcome":
        this.#hand(from, conversation.welcomed(frame));
        break;
      case "Acknowledged":
        this.#hand(from, conversation.acknowledged(frame));
        break;
      default:
        unreachable(frame);
    }
  }

  #hear(from: ActorName, payload: Uint8Array): void {
    const message = decodeMessage(payload);
    if (message.ok) this.#passing.hears(from, message.value);
  }

  #hand(from: ActorName, frame: Frame): void {
    this.#sitterFor(from)?.listener?.(from, encodeFrame(frame));
  }

  #transmit(to: ActorName, frame: Frame): void {
    const passed = this.#passing.sends(to, frame);
    if (passed !== undefined) this.#wire.send(to, encodeFrame(passed));
  }

  #with(peer: ActorName): Conversation {
    const known = this.#conversations.get(peer);
    if (known !== undefined) return known;
    const conversation = new Conversation({
      clock: {
        nowMs: () => this.#timeline.nowMs,
        after: (delayMs, run) => this.#timeline.after(delayMs, run),
      },
      transmit: (frame) => this.#transmit(peer, frame),
      replaced: (payload) => this.#replaced(peer, payload),
    });
    this.#conversations.set(peer, conversation);
    return conversation;
  }

  #replaced(to: ActorName, payload: Uint8Array): readonly Uint8Array[] {
    const message = decodeMessage(payload);
    if (!message.ok) return [payload];
    const said = this.#passing.says(to, message.value);
    // What nobody changed goes out as it came.
    return said.map((one) => (one === message.value ? payload : encodeMessage(one)));
  }
}
