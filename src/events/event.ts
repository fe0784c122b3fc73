/** Every event that a node's log can hold. */
import type { BlockId, ChainPosition } from "../channel/holdings.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Voucher } from "../channel/voucher.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Message } from "../messages/message.ts";
import type { ProtocolEvent } from "../protocols/subject.ts";
import type { LogHead } from "./record-head.ts";

/** Facts about messages between this node and a peer. */
export type MessagingEvent =
  | {
      /** The outbox entry of a `SendMessage`: sent again until the peer settles it. */
      readonly type: "MessageSent";
      readonly to: Address;
      /** Counts up from 1 in the direction to this peer. */
      readonly sequence: number;
      readonly message: Message;
    }
  | {
      /** In the same batch as what the message taught, so that it is never learned twice. */
      readonly type: "MessageReceived";
      readonly from: Address;
      readonly sequence: number;
      readonly messageType: Message["type"];
    }
  | {
      /** The peer has everything up to this sequence on its disk. */
      readonly type: "MessageAcked";
      readonly peer: Address;
      readonly upTo: number;
      /** Where the peer's log ended then, as it says itself; undefined when it does not say. */
      readonly head: LogHead | undefined;
    }
  | {
      /** The peer refused this message, and says why. It is not sent again. */
      readonly type: "MessageDropped";
      readonly peer: Address;
      readonly sequence: number;
      readonly code: string;
    }
  | ResyncEvent;

/** Facts about a log that may have lost its end, and a peer that can tell what was in it. */
export type ResyncEvent =
  | {
      /** From now on nothing is signed in the channels shared with this peer. */
      readonly type: "ResyncStarted";
      readonly peer: Address;
      /** Events of this node that nobody may have shown it yet; 0 when only the peer's may be missing. */
      readonly missingMax: number;
    }
  | {
      /**
       * The two agree again on the numbers of their messages, and the peer was asked what it holds. What
       * was open towards it is sent under new numbers, the first of them `lastSent` + 1.
       */
      readonly type: "PeerResynced";
      readonly peer: Address;
      /** Above everything that this node can ever have sent. */
      readonly lastSent: number;
      /** Everything of the peer up to this was settled, in this log or in the part that it lost. */
      readonly lastReceived: number;
    }
  | {
      /** The peer has told all that it holds. */
      readonly type: "ResyncCompleted";
      readonly peer: Address;
      /** Events of this node that the peer may have lost as well; 0 when it has lost nothing. */
      readonly lostMax: number;
    };

/** Facts about the chain itself, whatever channel they touch. */
export type ChainEvent =
  | {
      /**
       * Blocks that counted as confirmed were replaced by others. What they told is no longer so:
       * `ChainFactsTakenBack` says it for each channel, and the chain is read again after the fork.
       */
      readonly type: "ChainReorged";
      /** The newest block that both chains share. */
      readonly fork: BlockId;
      /** The newest block that was read before. */
      readonly from: BlockId;
      /** The newest block of the chain that is believed now. */
      readonly to: BlockId;
      /** Where the facts in this log stood that are taken back, as far as they are named. */
      readonly undone: readonly ChainPosition[];
    }
  | {
      /** All logs up to this confirmed block are in the log: the cursor of the chain. */
      readonly type: "BlocksRead";
      readonly block: BlockId;
      /** Of that block, in seconds since 1970-01-01 UTC. */
      readonly blockTimeSec: number;
    };

/** Facts about the log itself. No state of a channel follows from them. */
export type LogEvent =
  | {
      /** What the first `length` events fold to was written down beside the log. */
      readonly type: "SnapshotCreated";
      /** How many events are folded in, counted from the first. */
      readonly length: number;
      /** SHA-256 over what was written: a snapshot with another digest is not the one that was made. */
      readonly digest: Hash;
    }
  | {
      /** The clock stepped back. The log went on with the time of its last record. */
      readonly type: "ClockHeld";
      /** What the clock said: milliseconds since 1970-01-01 UTC. */
      readonly askedMs: number;
      /** What was written instead, which is later. */
      readonly heldMs: number;
    };

/** Facts about what users asked for. No state of a channel follows from them. */
export type RequestEvent = {
  /** A wish with a key was granted, in the same batch: whoever asks again under this key gets this answer. */
  readonly type: "RequestAnswered";
  /** Hash of the key that the user chose. */
  readonly key: Hash;
  /** Hash of what was asked for. */
  readonly wish: Hash;
  /** The objective that pursues the wish; undefined for a payment. */
  readonly objectiveId: ObjectiveId | undefined;
  /** The voucher that pays; undefined for every other wish. */
  readonly voucher: Voucher | undefined;
};

/** Any event. `catalogue.ts` gives each type its number. */
export type NodeEvent = ProtocolEvent | ChainEvent | MessagingEvent | LogEvent | RequestEvent;
