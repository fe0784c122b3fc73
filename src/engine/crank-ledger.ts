/** What this node does about a ledger channel by itself: as the leader it proposes, as the follower it agrees. */

import { type Channel, isInDispute, phaseOf, supportedState } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { coversOpening, isFinalOnChain } from "../channel/holdings.ts";
import { includesGuarantee } from "../channel/ledger-outcome.ts";
import type { LedgerChange } from "../channel/ledger-proposal.ts";
import { TURN } from "../channel/state.ts";
import type { Signature } from "../crypto/signature.ts";
import { marked } from "../primitives/mark.ts";
import {
  agreeToNewest,
  type ChangeVerdict,
  isAgreed,
  proposeNext,
  refuseOldest,
} from "../protocols/ledger.ts";
import { isActive } from "../protocols/objective.ts";
import type { Action, Context } from "../protocols/protocol.ts";
import { allSignatures } from "../protocols/signing.ts";
import { agreeWhileHeld } from "./agree-while-held.ts";
import type { Draft } from "./draft.ts";
import type { NodeTables } from "./node-state.ts";

/** Signs, or refuses, whatever can be in a running ledger channel. Any other channel stays as it is. */
export function crankLedger(draft: Draft, channelId: ChannelId, context: Context): void {
  const { tables } = draft;
  const channel = tables.channels.get(channelId);
  if (channel?.ledger === undefined || phaseOf(channel) !== "Running") return;
  // A ledger that takes another one's place promises nothing before it was paid.
  if (!coversOpening(channel)) return;
  run(
    draft,
    proposeNext(channel, (change) => evidenceOf(tables, change), context),
  );
  agreeWhileHeld(draft, channel);
  run(draft, agreeToNewest(tables.channels.get(channelId) ?? channel, context));
  const after = tables.channels.get(channelId) ?? channel;
  run(
    draft,
    refuseOldest(after, (change) => judge(draft, after, change)),
  );
}

/** Every ledger channel in which something waits to be signed. */
export function isBusyLedger({ ledger }: Channel): boolean {
  return ledger !== undefined && (ledger.agreed.size > 0 || ledger.waiting.size > 0);
}

function run(draft: Draft, { effects, events }: Action): void {
  draft.record(...events);
  draft.request(...effects);
}

/** What makes the follower agree at once, should she not have heard of it: signatures of all on the target. */
export function evidenceOf(tables: NodeTables, { proposal }: LedgerChange): readonly Signature[] {
  if (!("target" in proposal)) return [];
  const supported = tables.channels.get(proposal.target)?.supported;
  if (supported === undefined) return [];
  const { isFinal, turnNum } = supported.variablePart;
  const isEvidence = proposal.type === "Add" ? turnNum === TURN.prefund : isFinal;
  return isEvidence ? allSignatures(supported) : [];
}

/** A change that an open objective may still agree to waits; any other that nobody agreed to is refused. */
function judge(draft: Draft, ledger: Channel, change: LedgerChange): ChangeVerdict {
  if (isAgreed(ledger, change)) return "Agreed";
  const { proposal } = change;
  if ("target" in proposal && proposal.type === "Remove") {
    const { outcome } = supportedState(ledger).variablePart;
    // It undoes an addition that never came to be.
    if (!includesGuarantee(outcome, proposal.target))
      return marked("ledger/addition-undone", "Agreed");
  }
  const objective = draft.tables.objectives.get(change.objectiveId);
  if (objective === undefined) return { code: "UnknownObjective" };
  const channel = draft.tables.channels.get(objective.channelId);
  const isUndecided = objective.status === "Unapproved";
  // The leader may see the end of a channel on the chain before I do.
  const isOpen = channel !== undefined && isEndOnItsWay(channel);
  const isWaiting = channel !== undefined && (draft.isHeld(channel) || isOpen);
  if (isActive(objective) && (isUndecided || isWaiting)) return "Wait";
  // The leader may see a deposit confirmed before I do.
  if (isActive(objective) && objective.goal.type === "TopUp" && proposal.type === "Merge") {
    return marked("top-up/merge-seen-by-leader-first", "Wait");
  }
  return { code: objective.rejectionCode ?? "NotWhatWasAgreed" };
}

function isEndOnItsWay(channel: Channel): boolean {
  const isOnItsWay = isInDispute(channel) && !isFinalOnChain(channel);
  return isOnItsWay ? marked("ledger/end-seen-by-leader-first", true) : false;
}
