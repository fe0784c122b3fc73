/** What the follower of a ledger channel agrees to though a third party holds up the virtual channel itself. */

import { type Channel, ledgerOf, phaseOf } from "../channel/channel.ts";
import { FOLLOWER, LEADER } from "../channel/ledger.ts";
import { isSameProposal, type LedgerChange } from "../channel/ledger-proposal.ts";
import { virtualDefundId } from "../channel/objective-id.ts";
import { mark } from "../primitives/mark.ts";
import type { Side } from "../protocols/guarantees.ts";
import { isAgreed } from "../protocols/ledger.ts";
import { removalOf } from "../protocols/virtual-defund.ts";
import type { Draft } from "./draft.ts";

/**
 * A virtual channel waits while one of its participants has not answered this life's greeting. Once all have
 * signed its final state nothing is signed in it any more, and what its neighbours get is certain: then the
 * guarantee goes, or one silent peer would hold up all that the other two do in their ledger.
 */
export function agreeWhileHeld(draft: Draft, ledger: Channel): void {
  if (ledger.myIndex !== FOLLOWER) return;
  const steps = [...ledgerOf(ledger).waiting.values()].filter(({ isRefused }) => !isRefused);
  const { id: channelId } = ledger;
  for (const change of steps.flatMap(({ changes }) => changes)) {
    if (isAgreed(ledger, change) || !isCertain(draft, ledger, change)) continue;
    mark("ledger/agreed-while-held");
    draft.record({ type: "ProposalAgreed", channelId, ...change });
  }
}

function isCertain(
  draft: Draft,
  ledger: Channel,
  { objectiveId, proposal }: LedgerChange,
): boolean {
  const { tables } = draft;
  if (proposal.type !== "Remove" || objectiveId !== virtualDefundId(proposal.target)) return false;
  const channel = tables.channels.get(proposal.target);
  const isApproved = tables.objectives.get(objectiveId)?.status === "Approved";
  if (channel?.use.type !== "Virtual" || !isApproved) return false;
  if (phaseOf(channel) !== "Finalized" || !draft.isHeld(channel)) return false;
  const side = sideOf(channel, ledger);
  // Once the chain has ended the channel that counts alone: the other ledger goes by it, too.
  const removal = removalOf(channel);
  if (side === undefined || removal === undefined) return false;
  return isSameProposal(removal(side), proposal);
}

/** Where the leader stands. That the ledger is the one of this hop was checked when the change came in. */
function sideOf(
  { fixedPart: { participants }, myIndex }: Channel,
  ledger: Channel,
): Side | undefined {
  const leader = ledger.fixedPart.participants[LEADER];
  if (participants[myIndex - 1] === leader) return "left";
  return participants[myIndex + 1] === leader ? "right" : undefined;
}
