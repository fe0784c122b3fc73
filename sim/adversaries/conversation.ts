/**
 * What an adversary's node says to one peer, with her hands on it: messages go, come or change on the way, and
 * are numbered anew, so that neither side finds a gap.
 */
import type {
  AcknowledgedFrame,
  DataFrame,
  GreetingFrame,
  WelcomeFrame,
} from "../../src/network/frame.ts";
import { RESEND_AFTER_MS, SEQUENCE_MAX } from "../../src/network/limits.ts";
import { Outgoing } from "../../src/network/outgoing.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** A sequence of the node, and where the conversation on the wire is behind it. */
type Place = { readonly own: number; readonly wire: number };

type Options = {
  readonly clock: Clock;
  /** Puts a frame on the wire. */
  readonly transmit: (frame: DataFrame) => void;
  /** What becomes of a payload that the node sends: any number of others in its place. */
  readonly replaced: (payload: Uint8Array) => readonly Uint8Array[];
};

/** One direction of a session, from the node to its peer. What the peer says keeps its numbers. */
export class Conversation {
  readonly #replaced: Options["replaced"];
  readonly #outgoing: Outgoing;
  /** For each sequence of the node that was sent, in order: the highest one on the wire up to it. */
  readonly #places: Place[] = [{ own: 0, wire: 0 }];
  /** For a sequence on the wire, the node's that it was made of. */
  readonly #origins = new Map<number, number>();
  #last = 0;

  constructor({ clock, replaced, transmit }: Options) {
    this.#replaced = replaced;
    this.#outgoing = new Outgoing({ transmit, clock, resendAfterMs: RESEND_AFTER_MS });
  }

  /**
   * The node sends, maybe not for the first time: then it was heard already, and is repeated from here. False
   * when nothing of it goes to the peer.
   */
  sent({ payload, sequence }: DataFrame): boolean {
    if (sequence <= (this.#places.at(-1)?.own ?? 0)) return true;
    const replaced = this.#replaced(payload);
    for (const one of replaced) {
      this.tell(one);
      this.#origins.set(this.#last, sequence);
    }
    this.#places.push({ own: sequence, wire: this.#last });
    return replaced.length > 0;
  }

  /** Says something that the node knows nothing of. Who has told of her last number has talked herself out. */
  tell(payload: Uint8Array): void {
    if (this.#last >= SEQUENCE_MAX) return;
    this.#last += 1;
    this.#outgoing.send({ sequence: this.#last, payload });
  }

  /** What the node has to hear when its peer has settled so much. */
  acknowledged({ head, refused, upTo }: AcknowledgedFrame): AcknowledgedFrame {
    this.#outgoing.acknowledge({ type: "Acknowledged", upTo: Math.min(upTo, this.#last), refused });
    const own = refused.flatMap(({ code, sequence }) => {
      const origin = this.#origins.get(sequence);
      return origin === undefined ? [] : [{ code, sequence: origin }];
    });
    const news = own.filter((one, index) => own[index + 1]?.sequence !== one.sequence);
    return { type: "Acknowledged", upTo: this.#ownUpTo(upTo), refused: news, head };
  }

  /** What the node has to hear of what was kept from its peer: it is settled with the message before it. */
  settled(): AcknowledgedFrame {
    const upTo = this.#ownUpTo(this.#outgoing.settledUpTo);
    return { type: "Acknowledged", upTo, refused: [], head: undefined };
  }

  /** The greeting of the node, as its peer has to hear it. */
  greeting(frame: GreetingFrame): GreetingFrame {
    return { ...frame, lastSent: this.#last };
  }

  /** The node's answer to a greeting, as its peer has to hear it. */
  welcome(frame: WelcomeFrame): WelcomeFrame {
    return { ...frame, lastSent: this.#last, settledUpTo: this.#outgoing.settledUpTo };
  }

  /** The greeting of the peer, who has just started, as the node has to hear it. */
  greeted(frame: GreetingFrame): GreetingFrame {
    this.#outgoing.wake();
    return { ...frame, lastReceived: this.#ownUpTo(frame.lastReceived) };
  }

  /** The peer's answer to a greeting, as the node has to hear it. */
  welcomed(frame: WelcomeFrame): WelcomeFrame {
    return { ...frame, lastReceived: this.#ownUpTo(frame.lastReceived) };
  }

  /** Ends all repetitions. */
  close(): void {
    this.#outgoing.close();
  }

  /**
   * What the peer has settled or heard, in numbers of the node. Who claims more than there is breaks the rules,
   * or was told so by a damaged frame: what comes next has to come behind it, or it would be taken for old.
   */
  #ownUpTo(upTo: number): number {
    const beyond = Math.max(0, upTo - this.#last);
    this.#last += beyond;
    const own = (this.#places.findLast(({ wire }) => wire <= upTo)?.own ?? 0) + beyond;
    return Math.min(own, SEQUENCE_MAX);
  }
}
