/** A change of a ledger channel: a guarantee comes in or goes out, or its participants move their own money. */
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

/** Each kind names an asset at most once. Source: go-nitro, consensus_channel.go, Proposal; ADR 0013. */
export type LedgerProposal =
  | {
      readonly type: "Add";
      readonly target: ChannelId;
      readonly guarantee: Guarantee;
      /** What each side locks up. */
      readonly shares: readonly GuaranteeShares[];
      /** What the left side gives the right one for its part, of the first asset. */
      readonly fee: bigint;
    }
  | {
      readonly type: "Remove";
      readonly target: ChannelId;
      /** What each side gets out of the target. */
      readonly shares: readonly GuaranteeShares[];
      /** What the right side gives back of the fee, of the first asset. */
      readonly refund: bigint;
    }
  | {
      /** Participant `by` is about to deposit: an allocation behind all others, which nothing covers yet. */
      readonly type: "TopUp";
      readonly by: number;
      readonly asset: Address;
      readonly amount: bigint;
    }
  | {
      /** The deposit of participant `by` is there: its allocation joins the one that `by` had. */
      readonly type: "Merge";
      readonly by: number;
      readonly asset: Address;
    };

/** A proposal, and the objective that wants it. */
export type LedgerChange = {
  readonly objectiveId: ObjectiveId;
  readonly proposal: LedgerProposal;
};

/** Changes in one state: at most 32, so that a message with their evidence stays small. */
export const LEDGER_CHANGES_MAX = 32;

/** One state of a ledger channel, told as what it changes in another one. */
export type LedgerStep = {
  /** The turn of the state that the changes lead to. */
  readonly turnNum: number;
  /** The turn of the state that they are made to: the supported one, or one that waits above it. */
  readonly baseTurnNum: number;
  /** None for a state that only replaces one that was refused. */
  readonly changes: readonly LedgerChange[];
};

/** What one participant sets aside in a ledger channel, of one asset. */
export type ReservedAmount = { readonly asset: Address; readonly amount: bigint };

/** Facts about proposals in a ledger channel. `channelId` is the ledger's. */
export type LedgerEvent =
  | {
      /** Money of mine is set aside for what the objective will want: nothing else can take it. */
      readonly type: "CapacityReserved";
      readonly channelId: ChannelId;
      readonly objectiveId: ObjectiveId;
      /** Mine alone, of each asset. */
      readonly amounts: readonly ReservedAmount[];
    }
  | {
      /** The objective does without it. */
      readonly type: "CapacityReleased";
      readonly channelId: ChannelId;
      readonly objectiveId: ObjectiveId;
    }
  | {
      /** My objective wants this change, and I sign a state that makes it. I sign none that makes another. */
      readonly type: "ProposalAgreed";
      readonly channelId: ChannelId;
      readonly objectiveId: ObjectiveId;
      readonly proposal: LedgerProposal;
    }
  | {
      /** The objective does not want it any more. */
      readonly type: "ProposalWithdrawn";
      readonly channelId: ChannelId;
      readonly objectiveId: ObjectiveId;
    }
  | ({
      /**
       * I signed the ledger state that the step leads to: as the leader I proposed it, as the follower I
       * agreed. Durable before the signature leaves the node.
       */
      readonly type: "ProposalSigned";
      readonly channelId: ChannelId;
      readonly signature: Signature;
    } & LedgerStep)
  | ({
      /** The other side signed; the signature was checked before this was stored. */
      readonly type: "ProposalReceived";
      readonly channelId: ChannelId;
      readonly by: number;
      readonly signature: Signature;
    } & LedgerStep)
  | {
      /** The follower, who is `by`, will not sign this state, nor any that is built on it. */
      readonly type: "ProposalRefused";
      readonly channelId: ChannelId;
      readonly by: number;
      readonly turnNum: number;
      readonly code: string;
    }
  | {
      /**
       * One ledger channel has taken the place of another one, whose final state pays it. Told once for each
       * of the two. What was agreed to and set aside in the old one is told anew for the new one.
       */
      readonly type: "LedgerRolledOver";
      readonly channelId: ChannelId;
      /** The ledger channel that ends. */
      readonly predecessor: ChannelId;
      /** The ledger channel that goes on. */
      readonly successor: ChannelId;
    };

/** Two proposals with one key compete: a ledger has one open change for a target, and one for an asset. */
export function proposalKey(proposal: LedgerProposal): string {
  return "target" in proposal ? proposal.target : proposal.asset;
}

/** True when both change a ledger in the same way. */
export function isSameProposal(one: LedgerProposal, other: LedgerProposal): boolean {
  if (one.type === "Add" && other.type === "Add") {
    const { left, right } = one.guarantee;
    const isSameGuarantee = left === other.guarantee.left && right === other.guarantee.right;
    return isSameGuarantee && one.fee === other.fee && isSameTarget(one, other);
  }
  if (one.type === "Remove" && other.type === "Remove") {
    return one.refund === other.refund && isSameTarget(one, other);
  }
  if (one.type === "TopUp" && other.type === "TopUp") {
    return one.by === other.by && one.asset === other.asset && one.amount === other.amount;
  }
  return (
    one.type === "Merge" &&
    other.type === "Merge" &&
    one.by === other.by &&
    one.asset === other.asset
  );
}

type Targeted = { readonly target: ChannelId; readonly shares: readonly GuaranteeShares[] };

function isSameTarget(one: Targeted, other: Targeted): boolean {
  return (
    one.target === other.target &&
    one.shares.length === other.shares.length &&
    one.shares.every((share, index) => isSameShare(share, other.shares[index]))
  );
}

function isSameShare(one: GuaranteeShares, other: GuaranteeShares | undefined): boolean {
  return one.asset === other?.asset && one.left === other.left && one.right === other.right;
}
