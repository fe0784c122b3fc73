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
export type Message = ObjectiveMessage | ResyncMessage;

/** A message about an objective: a signature, a wish, a refusal. */
export type ObjectiveMessage =
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

/** A message between a node whose log has lost its end and a peer that tells what it holds. ADR 0019. */
export type ResyncMessage =
  | {
      /** The sender's log may have lost its end: what does the receiver hold of what it signed? */
      readonly type: "ResyncRequest";
      /** Names the question: the answer repeats it. */
      readonly round: number;
    }
  | {
      /** Part of an answer: a channel in which the receiver has signed something. */
      readonly type: "HeldChannel";
      readonly fixedPart: FixedPart;
      /** What the channel opens with. */
      readonly outcome: Outcome;
      readonly appData: Hex;
      /** Who opened it. */
      readonly openedBy: number;
      /** Everything up to this turn is used up, because somebody passed it; undefined when nobody did. */
      readonly passedTurnNum: number | undefined;
    }
  | {
      /** Part of an answer: a state that the sender holds, with every signature that it has for it. */
      readonly type: "HeldState";
      readonly channelId: ChannelId;
      /** What the state is for, where that is still open or has yet to be paid out; else undefined. */
      readonly objectiveId: ObjectiveId | undefined;
      readonly variablePart: VariablePart;
      /** A slot for each participant. */
      readonly signatures: readonly (Signature | undefined)[];
      /** Updates of this channel that the receiver has asked for, as far as the sender heard. */
      readonly updatesAsked: number;
    }
  | {
      /** The answer is complete. */
      readonly type: "ResyncAnswer";
      readonly round: number;
      /** False when the sender's own log may miss something as well. */
      readonly isCertain: boolean;
    }
  | {
      /** The sender does not know how this update ended. Comes before a `ResyncRequest`. */
      readonly type: "ObjectiveQuery";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
    }
  | {
      /** How an update ended at the sender. */
      readonly type: "ObjectiveFate";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      /** Why it was rejected; undefined when it was completed. */
      readonly code: string | undefined;
    }
  | {
      /** The sender begins no state any more up to this turn: whoever moves next takes a later one. */
      readonly type: "TurnPassed";
      readonly channelId: ChannelId;
      readonly turnNum: number;
    };
