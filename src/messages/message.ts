/** What nodes say to each other. The sender is known from the session, never from the message. */
import type { Change } from "../channel/change.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { LedgerChange } from "../channel/ledger-proposal.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import type { ReceiptedVoucher } from "../channel/redemption.ts";
import type { VariablePart } from "../channel/state.ts";
import type { WithdrawnAmount } from "../channel/successor.ts";
import type { ChannelVouchers } from "../channel/voucher.ts";
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";

/** One message, complete in itself. */
export type Message = ObjectiveMessage | VirtualMessage | LedgerMessage | ResyncMessage;

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

/** A message about a virtual channel. */
export type VirtualMessage =
  | {
      /**
       * The sender and everybody before her signed the prefund of a new virtual channel. Goes to the
       * participant after her, who learns of the channel here.
       */
      readonly type: "VirtualPrefund";
      readonly fixedPart: FixedPart;
      readonly outcome: Outcome;
      readonly appData: Hex;
      /** What each intermediary gets, in their order, of the first asset. */
      readonly fees: readonly bigint[];
      /** The ledger channel of sender and receiver that is to fund it. */
      readonly ledgerId: ChannelId;
      /** Of the first participants in their order, the sender being the last of them. */
      readonly signatures: readonly Signature[];
    }
  | {
      /** Everybody signed the prefund. Comes from the last participant, who completed it. */
      readonly type: "CompletePrefund";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      /** One for each participant. */
      readonly signatures: readonly Signature[];
    }
  | {
      /** A promise to the receiver, who is the first or the last participant. */
      readonly type: "Voucher";
      readonly channelId: ChannelId;
      readonly counter: number;
      /** One for each asset, all that was ever promised in this direction. */
      readonly amounts: readonly bigint[];
      readonly signature: Signature;
      /**
       * A voucher of the receiver with the sender's receipt, where this one pays out of what the receiver
       * has paid. Otherwise undefined. Source: ADR 0020.
       */
      readonly counted: ReceiptedVoucher | undefined;
      /**
       * With the first voucher of a direction all signatures on the postfund: the receiver may not have heard
       * an intermediary's yet. Otherwise empty.
       */
      readonly postfundSignatures: readonly Signature[];
    };

/** A message about a ledger channel. */
export type LedgerMessage =
  | {
      /** The leader signed the state that the changes lead to. */
      readonly type: "LedgerProposal";
      readonly channelId: ChannelId;
      readonly turnNum: number;
      readonly baseTurnNum: number;
      readonly changes: readonly LedgerChange[];
      /**
       * For each change, the signatures of all participants of its target that allow it: on the prefund to
       * add, on the final state to remove. Empty where none are needed.
       */
      readonly evidence: readonly (readonly Signature[])[];
      readonly signature: Signature;
    }
  | {
      /** The follower signed the state too: it is supported, and all before it are past. */
      readonly type: "LedgerCountersignature";
      readonly channelId: ChannelId;
      readonly turnNum: number;
      readonly signature: Signature;
    }
  | {
      /** The follower will sign neither this state nor any that is built on it. */
      readonly type: "LedgerRefusal";
      readonly channelId: ChannelId;
      readonly turnNum: number;
      readonly code: string;
    }
  | {
      /** The sender wants to deposit into a running ledger channel. */
      readonly type: "TopUpRequest";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      readonly asset: Address;
      readonly amount: bigint;
    }
  | {
      /** The sender wants part of a running ledger channel to be paid out. */
      readonly type: "WithdrawalRequest";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
      /** Of the channel that goes on. */
      readonly nonce: bigint;
      readonly amounts: readonly WithdrawnAmount[];
    }
  | {
      /** The sender signed the channel that goes on, whose states both can work out. */
      readonly type: "SuccessorSignatures";
      readonly objectiveId: ObjectiveId;
      /** Of the ledger channel that is to end. */
      readonly channelId: ChannelId;
      /** The turn of the state that it rests on. */
      readonly baseTurnNum: number;
      /** On the prefund and on the postfund. */
      readonly signatures: readonly Signature[];
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
      /**
       * The sender does not know how this update ended, or how an opening of a virtual channel did; then it comes before
       * a `ResyncRequest`. Or it does not know which ledger channel with the receiver funds the virtual channel.
       */
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
      /**
       * The sender begins no state any more up to this turn: whoever moves next takes a later one. In a virtual channel,
       * between its ends: the sender takes and makes no voucher any more up to this counter.
       */
      readonly type: "TurnPassed";
      readonly channelId: ChannelId;
      readonly turnNum: number;
    }
  | {
      /** Part of an answer: a virtual channel in which the receiver has signed something. */
      readonly type: "HeldVirtual";
      readonly fixedPart: FixedPart;
      readonly outcome: Outcome;
      readonly appData: Hex;
      readonly fees: readonly bigint[];
      /** The ledger channel of sender and receiver that funds it; undefined where they are no neighbours. */
      readonly ledgerId: ChannelId | undefined;
      /** Why the sender gave its opening up; undefined where she did not. */
      readonly code: string | undefined;
    }
  | {
      /** Part of an answer, behind its state: how a ledger state came to be that the follower has yet to sign. */
      readonly type: "HeldStep";
      readonly channelId: ChannelId;
      readonly turnNum: number;
      readonly baseTurnNum: number;
      readonly changes: readonly LedgerChange[];
      /** True when the follower will not sign it. */
      readonly isRefused: boolean;
    }
  | ({
      /** Part of an answer: the newest vouchers of a virtual channel, `issued` being the sender's. */
      readonly type: "HeldVouchers";
      readonly channelId: ChannelId;
    } & ChannelVouchers)
  | {
      /** Part of an answer: the channel that goes on in a ledger channel's place, which the receiver has signed. */
      readonly type: "HeldSuccessor";
      /** Of the ledger channel that is to end, or has ended. */
      readonly channelId: ChannelId;
      /** Of the channel that goes on. */
      readonly nonce: bigint;
      readonly amounts: readonly WithdrawnAmount[];
      /** Who asked for the withdrawal. */
      readonly openedBy: number;
      /** What the channel that goes on opens with. */
      readonly outcome: Outcome;
      /** Of the channel that goes on: everything up to this turn is used up. */
      readonly passedTurnNum: number | undefined;
      /** The newest state of the channel that goes on which the receiver has signed. */
      readonly variablePart: VariablePart;
      /** The receiver's. */
      readonly signature: Signature;
    };
