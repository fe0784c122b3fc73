/** A change of a ledger channel: a guarantee for a target channel comes in, or goes out again. */
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Guarantee } from "./guarantee.ts";
import type { ObjectiveId } from "./objective-id.ts";

/** What the two sides of a guarantee put in, or get back, of one asset. Their sum is the guarantee. */
export type GuaranteeShares = {
  readonly asset: Address;
  /** In the asset's smallest unit, as is `right`. */
  readonly left: bigint;
  readonly right: bigint;
};

/** Both kinds name each asset at most once. Source: go-nitro, consensus_channel.go, Proposal. */
export type LedgerProposal =
  | {
      readonly type: "Add";
      readonly target: ChannelId;
      readonly guarantee: Guarantee;
      /** What each side locks up. */
      readonly shares: readonly GuaranteeShares[];
    }
  | {
      readonly type: "Remove";
      readonly target: ChannelId;
      /** What each side gets out of the target. */
      readonly shares: readonly GuaranteeShares[];
    };

/** Facts about proposals in a ledger channel. `channelId` is the ledger's. */
export type LedgerProposalEvent =
  | {
      /**
       * I signed the ledger state that the proposal leads to: as the leader I proposed it, as the
       * follower I agreed. Durable before the signature leaves the node.
       */
      readonly type: "ProposalSigned";
      readonly channelId: ChannelId;
      /** The objective that the guarantee is for. */
      readonly objectiveId: ObjectiveId;
      /** The turn of the ledger state that the signature is on. */
      readonly turnNum: number;
      readonly proposal: LedgerProposal;
      readonly signature: Signature;
    }
  | {
      /** The other side signed; the signature was checked before this was stored. */
      readonly type: "ProposalReceived";
      readonly channelId: ChannelId;
      /** The objective that the guarantee is for. */
      readonly objectiveId: ObjectiveId;
      readonly by: number;
      /** The turn of the ledger state that the signature is on. */
      readonly turnNum: number;
      readonly proposal: LedgerProposal;
      readonly signature: Signature;
    };
