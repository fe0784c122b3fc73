/** Facts about a channel that the log had lost, or may have: what peers showed, and what follows from it. ADR 0019. */
import type { Signature } from "../crypto/signature.ts";
import type { ChannelId } from "./channel-id.ts";
import type { LedgerChange } from "./ledger-proposal.ts";
import type { ObjectiveId } from "./objective-id.ts";
import type { ReceiptedVoucher } from "./redemption.ts";
import type { VariablePart } from "./state.ts";
import type { Voucher } from "./voucher.ts";

/** Nothing of it is signed by this node; it only learns. */
export type TakingBackEvent =
  | {
      /** A peer showed this node a state that its log had lost; each signature was checked. */
      readonly type: "ChannelResynced";
      readonly channelId: ChannelId;
      /** What the state was signed for, while that is open; undefined where only its turn matters. */
      readonly objectiveId: ObjectiveId | undefined;
      readonly variablePart: VariablePart;
      /** A slot for each participant. */
      readonly signatures: readonly (Signature | undefined)[];
      /** Updates that this node has asked for in this channel, as far as the peer saw them. */
      readonly updatesAsked: number;
    }
  | {
      /** The log had lost events, and a peer has told all that it holds: what nobody holds may be missing. */
      readonly type: "ChannelDoubted";
      readonly channelId: ChannelId;
      /** Events that may be missing, at least 1. */
      readonly missingMax: number;
    }
  | {
      /** Everybody has told what they hold. What I may still have signed, unseen by all, I pass over. */
      readonly type: "DoubtSettled";
      readonly channelId: ChannelId;
      /**
       * The turn up to which I begin no state any more; at an end of a virtual channel, the counter up to which I make and
       * take no voucher. Undefined when I could have begun none unseen.
       */
      readonly passedTurnNum: number | undefined;
    }
  | {
      /** Another participant passed: she begins no state up to this turn, or takes no voucher up to this counter. */
      readonly type: "TurnPassed";
      readonly channelId: ChannelId;
      readonly by: number;
      readonly turnNum: number;
    }
  | {
      /** By which changes a ledger state came to be that a peer showed, and whether it was refused. */
      readonly type: "StepResynced";
      readonly channelId: ChannelId;
      readonly turnNum: number;
      /** The turn of the state that the changes are made to. */
      readonly baseTurnNum: number;
      /** None where they are not known. */
      readonly changes: readonly LedgerChange[];
      /** True when the follower will not sign it. */
      readonly isRefused: boolean;
    }
  | {
      /** A neighbour told which ledger channel of ours funds this virtual channel. */
      readonly type: "LedgerNamed";
      readonly channelId: ChannelId;
      /** Where the neighbour stands: before me, or after me. */
      readonly side: "left" | "right";
      /** The ledger channel that I share with her. */
      readonly ledgerId: ChannelId;
    }
  | {
      /** The other end of a virtual channel showed the newest vouchers of both; each signature was checked. */
      readonly type: "VouchersResynced";
      readonly channelId: ChannelId;
      /** The other end. */
      readonly by: number;
      /** What I promised, as far as either of us knows. */
      readonly issued: Voucher | undefined;
      /** What I was promised. */
      readonly received: Voucher | undefined;
      /** The newest of mine with a receipt of the other end. */
      readonly issuedReceipted: ReceiptedVoucher | undefined;
      /** The newest of the other end's that I gave a receipt for. */
      readonly receivedReceipted: ReceiptedVoucher | undefined;
    };
