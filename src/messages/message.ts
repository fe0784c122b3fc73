/** What nodes say to each other. The sender is known from the session, never from the message. */
import type { Change } from "../channel/change.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";

/** One message, complete in itself. */
export type Message =
  | {
      /** The sender signed the prefund of a new channel. Whoever does not know it learns of it here. */
      readonly type: "Prefund";
      readonly fixedPart: FixedPart;
      readonly outcome: Outcome;
      readonly appData: Hex;
      readonly signature: Signature;
    }
  | {
      /** The sender signed a later state of a known channel. */
      readonly type: "SignedState";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly variablePart: VariablePart;
      readonly signature: Signature;
      /**
       * In a channel of three or more, above the postfund: every signature on the state that this one
       * follows, so that nobody has to wait for a third party's. Otherwise empty.
       */
      readonly baseSignatures: readonly Signature[];
      /**
       * In a channel of three or more, when the sender countersigns: the signature of the mover, since
       * the sender may be heard before her. Otherwise undefined.
       */
      readonly moverSignature: Signature | undefined;
    }
  | {
      /** The sender asks the mover of turn `turnNum` to sign this change first. Signs nothing yet. */
      readonly type: "UpdateRequest";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly turnNum: number;
      readonly change: Change;
    }
  | {
      /** The sender wants the channel closed with its newest supported outcome. */
      readonly type: "DefundRequest";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
    }
  | {
      /** The sender will not take part in this objective. `code` says why. */
      readonly type: "ObjectiveRejection";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly code: string;
    };
