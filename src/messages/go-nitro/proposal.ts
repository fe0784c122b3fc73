/** Proposals of go-nitro as the proposals that a ledger channel knows here, and back. */

import type { ChannelId } from "../../channel/channel-id.ts";
import { channelDestination } from "../../channel/destination.ts";
import type { LedgerProposal } from "../../channel/ledger-proposal.ts";
import { type ObjectiveId, virtualDefundId, virtualFundId } from "../../channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome, type SingleAssetExit } from "../../channel/outcome.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { GoNitroProposal } from "./message.ts";

/**
 * Why a proposal of a go-nitro node means nothing to this ledger. That node is at fault: the proposal is
 * neither signed nor stored.
 */
export type GoNitroProposalRejection =
  /** go-nitro names no asset, since its ledgers have one. This one has another number of them. */
  | { readonly code: "NotOneAsset"; readonly count: number }
  /** The left side would put in more than both. */
  | { readonly code: "DepositAboveGuarantee"; readonly deposit: bigint; readonly guarantee: bigint }
  /** The left side would get more than there is. */
  | { readonly code: "ShareAboveGuarantee"; readonly share: bigint; readonly guarantee: bigint }
  | { readonly code: "GuaranteeMissing"; readonly target: ChannelId };

type Read = Result<LedgerProposal, GoNitroProposalRejection>;

/**
 * What a proposal means for a ledger with this outcome: the one on top of which it was made. go-nitro
 * leaves out the asset and what the right side puts in or gets. It knows no fees.
 */
export function ledgerProposalOf(outcome: Outcome, proposal: GoNitroProposal): Read {
  const [exit] = outcome;
  if (exit === undefined || outcome.length > 1) {
    return reject({ code: "NotOneAsset", count: outcome.length });
  }
  return proposal.type === "Add" ? addOf(exit, proposal) : removeOf(exit, proposal);
}

function addOf({ asset }: SingleAssetExit, proposal: GoNitroProposal & { type: "Add" }): Read {
  const { amount, left, leftDeposit, right, target } = proposal;
  if (leftDeposit > amount) {
    return reject({ code: "DepositAboveGuarantee", deposit: leftDeposit, guarantee: amount });
  }
  return accept({
    type: "Add",
    target,
    guarantee: { left, right },
    shares: [{ asset, left: leftDeposit, right: amount - leftDeposit }],
    fee: 0n,
  });
}

function removeOf(exit: SingleAssetExit, proposal: GoNitroProposal & { type: "Remove" }): Read {
  const { leftAmount, target } = proposal;
  const amount = guaranteeFor(exit, target);
  if (amount === undefined) return reject({ code: "GuaranteeMissing", target });
  if (leftAmount > amount) {
    return reject({ code: "ShareAboveGuarantee", share: leftAmount, guarantee: amount });
  }
  return accept({
    type: "Remove",
    target,
    shares: [{ asset: exit.asset, left: leftAmount, right: amount - leftAmount }],
    refund: 0n,
  });
}

function guaranteeFor({ allocations }: SingleAssetExit, target: ChannelId): bigint | undefined {
  const destination = channelDestination(target);
  return allocations.find(
    (one) => one.destination === destination && one.allocationType !== ALLOCATION_TYPE.simple,
  )?.amount;
}

/**
 * What go-nitro is told of a proposal. Refuses what it has no words for: several assets, fees, top-ups.
 * The caller asked for something that this profile does not have.
 */
export function goNitroProposalOf(
  proposal: LedgerProposal,
): Result<GoNitroProposal, { readonly code: "NotInGoNitro" }> {
  if (proposal.type !== "Add" && proposal.type !== "Remove") {
    return reject({ code: "NotInGoNitro" });
  }
  const [share] = proposal.shares;
  const fee = proposal.type === "Add" ? proposal.fee : proposal.refund;
  if (share === undefined || proposal.shares.length > 1 || fee !== 0n) {
    return reject({ code: "NotInGoNitro" });
  }
  const { target } = proposal;
  if (proposal.type === "Remove") return accept({ type: "Remove", target, leftAmount: share.left });
  return accept({
    type: "Add",
    target,
    left: proposal.guarantee.left,
    right: proposal.guarantee.right,
    amount: share.left + share.right,
    leftDeposit: share.left,
  });
}

/** The objective that wants a proposal: it is not in the message. Source: go-nitro, protocols/messages.go. */
export function objectiveOfProposal({ target, type }: GoNitroProposal): ObjectiveId {
  return type === "Add" ? virtualFundId(target) : virtualDefundId(target);
}
