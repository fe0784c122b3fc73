/** One thing that a line of a go-nitro node says. */
import type { ChannelId } from "../../channel/channel-id.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type {
  GoNitroMessage,
  GoNitroPayload,
  GoNitroSignedProposal,
  GoNitroVoucher,
} from "../../messages/go-nitro/message.ts";

/** A part of a line; or that what was gathered for a new virtual channel may be complete. */
export type Item =
  | { readonly type: "Payload"; readonly payload: GoNitroPayload }
  | {
      readonly type: "Proposal";
      readonly proposal: GoNitroSignedProposal;
      /** The lowest turn of the same ledger in its line: a leader sends all that was not agreed to yet. */
      readonly lowestTurnNum: number;
    }
  | { readonly type: "Payment"; readonly voucher: GoNitroVoucher }
  | { readonly type: "Rejection"; readonly objectiveId: ObjectiveId }
  | { readonly type: "Gathered"; readonly channelId: ChannelId };

/** All that a line says, in the order in which a Go node takes it. */
export function itemsOf(message: GoNitroMessage): readonly Item[] {
  return [
    ...message.payloads.map((payload): Item => ({ type: "Payload", payload })),
    ...message.ledgerProposals.map((proposal, _, all): Item => {
      const own = all.filter(({ ledgerId }) => ledgerId === proposal.ledgerId);
      const lowestTurnNum = Math.min(...own.map(({ turnNum }) => turnNum));
      return { type: "Proposal", proposal, lowestTurnNum };
    }),
    ...message.rejectedObjectives.map((objectiveId): Item => ({ type: "Rejection", objectiveId })),
    ...message.payments.map((voucher): Item => ({ type: "Payment", voucher })),
  ];
}
