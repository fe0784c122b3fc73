/** Every event that a node's log can hold. */
import type { Address } from "../crypto/address.ts";
import type { Message } from "../messages/message.ts";
import type { ProtocolEvent } from "../protocols/subject.ts";

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
    }
  | {
      /** The peer refused this message, and says why. It is not sent again. */
      readonly type: "MessageDropped";
      readonly peer: Address;
      readonly sequence: number;
      readonly code: string;
    };

/** Any event. `catalogue.ts` gives each type its number. */
export type NodeEvent = ProtocolEvent | MessagingEvent;
