/** What go-nitro nodes say to each other. Nothing in it was checked but its form: neither signatures nor sense. */
import type { ChannelId } from "../../channel/channel-id.ts";
import type { Destination } from "../../channel/destination.ts";
import type { FixedPart } from "../../channel/fixed-part.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type { VariablePart } from "../../channel/state.ts";
import type { Address } from "../../crypto/address.ts";
import type { Signature } from "../../crypto/signature.ts";

/**
 * One line of the protocol `/nitro/msg/1.0.0`. go-nitro puts one kind of content into each, and takes
 * several in this order: payloads, proposals, rejections, payments. Source: go-nitro, protocols/messages.go.
 */
export type GoNitroMessage = {
  readonly to: Address;
  /** Who claims to send it. Anybody can write anything here: the transport says who it was. */
  readonly from: Address;
  readonly payloads: readonly GoNitroPayload[];
  /** In the order of their turns: a leader sends all that its follower has not yet signed. */
  readonly ledgerProposals: readonly GoNitroSignedProposal[];
  readonly payments: readonly GoNitroVoucher[];
  /** Objectives in which the sender will not take part. */
  readonly rejectedObjectives: readonly ObjectiveId[];
};

/** News for an objective. */
export type GoNitroPayload =
  | {
      /** Somebody signed a state. */
      readonly type: "SignedState";
      readonly objectiveId: ObjectiveId;
      readonly fixedPart: FixedPart;
      readonly variablePart: VariablePart;
      /** A slot for each participant. */
      readonly signatures: readonly (Signature | undefined)[];
    }
  | {
      /** Asks the payer of a virtual channel for its final state. */
      readonly type: "RequestFinalState";
      readonly objectiveId: ObjectiveId;
      readonly channelId: ChannelId;
    };

/** A proposal, and the signature on the ledger state that it leads to. */
export type GoNitroSignedProposal = {
  readonly ledgerId: ChannelId;
  /** The turn of the state that is signed. */
  readonly turnNum: number;
  readonly proposal: GoNitroProposal;
  readonly signature: Signature;
};

/** A change of a ledger channel, which has one asset. Amounts are in its smallest unit. */
export type GoNitroProposal =
  | {
      readonly type: "Add";
      readonly target: ChannelId;
      readonly left: Destination;
      readonly right: Destination;
      /** What both put in. */
      readonly amount: bigint;
      /** What the left one puts in; the right one puts in the rest. */
      readonly leftDeposit: bigint;
    }
  | {
      readonly type: "Remove";
      readonly target: ChannelId;
      /** What the left one gets back; the right one gets the rest of the guarantee. */
      readonly leftAmount: bigint;
    };

/** A promise to pay out of a virtual channel. `amount` is all that was ever promised in it. */
export type GoNitroVoucher = {
  readonly channelId: ChannelId;
  readonly amount: bigint;
  readonly signature: Signature;
};

/** Stands where go-nitro sends no signature. Like any 65 zero bytes, it is nobody's. */
export const EMPTY_SIGNATURE: Signature = `0x${"00".repeat(65)}` as Signature;
