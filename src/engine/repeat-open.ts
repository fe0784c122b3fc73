/** Says again what a channel's other participants may never have heard, or may have lost. */

import { type Channel, moverOf, nextTurn, stateAt } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import {
  directDefundId,
  directFundId,
  type ObjectiveId,
  virtualDefundId,
  virtualFundId,
} from "../channel/objective-id.ts";
import { isSupported } from "../channel/signed-state.ts";
import { TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Message } from "../messages/message.ts";
import { mark } from "../primitives/mark.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { repeatState } from "../protocols/signing.ts";
import type { Draft } from "./draft.ts";
import { othersOf } from "./fence.ts";
import { endedBy } from "./held-successor.ts";
import { EMPTY_DESK } from "./node-state.ts";
import { topUpWishes, withdrawalWishes } from "./repeat-ledger-wishes.ts";
import { ledgerWishes, newestSignature, virtualWishes } from "./repeat-virtual.ts";
import type { Rules } from "./rules.ts";

/** The objective that a pending state is for; undefined where only its turn matters any more. */
export function objectiveIdAt(
  draft: Draft,
  channel: Channel,
  turnNum: number,
): ObjectiveId | undefined {
  const { id, use } = channel;
  const isVirtual = use.type === "Virtual";
  if (turnNum <= TURN.postfund) return isVirtual ? virtualFundId(id) : directFundId(id);
  if (stateAt(channel, turnNum)?.variablePart.isFinal) {
    return isVirtual ? virtualDefundId(id) : endingOf(draft, channel);
  }
  return channel.proposal?.turnNum === turnNum ? channel.proposal.objectiveId : undefined;
}

/** What the final state of a channel that is no virtual one is for. */
export function endingOf(draft: Draft, channel: Channel): ObjectiveId {
  return endedBy(draft, channel) ?? directDefundId(channel.id);
}

/** What this node still wants of `to` in this channel: signatures for its own, and what it asked for. */
export function repeatOpen(draft: Draft, channel: Channel, to: Address): void {
  const messages =
    channel.use.type === "Virtual"
      ? virtualWishes(draft, channel, to)
      : [
          ...ownSignatures(draft, channel),
          ...openWishes(draft, channel, to),
          ...ledgerWishes(draft, channel),
          ...topUpWishes(draft, channel),
          ...withdrawalWishes(draft, channel),
        ];
  for (const message of messages) draft.request({ type: "SendMessage", to, message });
}

/** Puts a channel in order whose log may have been cut in the middle of a step: finishes what needs nobody else. */
export function finishStep(draft: Draft, channelId: ChannelId, rules: Rules): void {
  const { open } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
  for (const objectiveId of open) approveOwn(draft, objectiveId, rules);
  const channel = draft.tables.channels.get(channelId);
  if (channel !== undefined) advance(draft, channel);
}

/** Tells the others again what they may not have heard, since it may have been lost with the outbox. */
export function repeatAfterLoss(draft: Draft, channelId: ChannelId): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return;
  const last = lastSignature(draft, channel);
  for (const to of othersOf(channel)) {
    if (last !== undefined) draft.request({ type: "SendMessage", to, message: last });
    repeatOpen(draft, channel, to);
  }
}

/** With the last signature being mine, the state counts as supported here before anybody else knows of it. */
function lastSignature(draft: Draft, channel: Channel): Message | undefined {
  if (channel.use.type === "Virtual") return newestSignature(channel);
  const turnNum = channel.supported?.variablePart.turnNum;
  const { open } = draft.tables.desks.get(channel.id) ?? EMPTY_DESK;
  const objectiveId = open.find((id) => draft.tables.objectives.get(id)?.turnNum === turnNum);
  if (turnNum === undefined || objectiveId === undefined) return undefined;
  return repeatState(channel, objectiveId, turnNum);
}

/**
 * Approves what I asked for myself, where the log was cut before that. Who opened a channel that was taken back is a
 * peer's word: without a signature of mine nothing tells that I did, and an opening is given up.
 */
function approveOwn(draft: Draft, objectiveId: ObjectiveId, { me }: Rules): void {
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective?.status !== "Unapproved") return;
  const { channelId, goal, openedBy } = objective;
  const channel = draft.tables.channels.get(channelId);
  if (channel?.fixedPart.participants[openedBy] !== me) return;
  const isOpening = goal.type === "DirectFund" || goal.type === "VirtualFund";
  if (!isOpening || channel.mySignedTurn !== undefined) {
    draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
    return;
  }
  mark("resync/own-opening-unproven");
  const about = { objectiveId, channelId, by: channel.myIndex } as const;
  draft.record({ type: "ObjectiveRejected", ...about, code: "Resyncing" });
}

/** The last signature may be in the log, and what follows from it not. */
function advance(draft: Draft, { id: channelId, pending }: Channel): void {
  const newest = [...pending.values()].findLast(isSupported);
  if (newest === undefined) return;
  const { isFinal, turnNum } = newest.variablePart;
  draft.record({ type: "SupportedStateAdvanced", channelId, turnNum });
  if (isFinal) draft.record({ type: "ChannelFinalized", channelId, turnNum });
}

function ownSignatures(draft: Draft, channel: Channel): readonly Message[] {
  // The prefund of a virtual channel goes from one to the next, in a message that the outbox keeps.
  const isPassedOn = channel.use.type === "Virtual";
  return [...channel.pending.keys()].flatMap((turnNum) => {
    if (isPassedOn && turnNum === TURN.prefund) return [];
    const objectiveId = objectiveIdAt(draft, channel, turnNum);
    if (objectiveId === undefined) return [];
    const objective = draft.tables.objectives.get(objectiveId);
    if (objective === undefined || !isActive(objective)) return [];
    // A move that was made before the chain is shown to the chain: no peer has the dispute that it is for.
    if (objective.goal.type === "Dispute") return [];
    return repeatState(channel, objectiveId, turnNum) ?? [];
  });
}

function openWishes(draft: Draft, channel: Channel, to: Address): readonly Message[] {
  const turnNum = nextTurn(channel);
  if (channel.fixedPart.participants[moverOf(channel, turnNum)] !== to) return [];
  const { open } = draft.tables.desks.get(channel.id) ?? EMPTY_DESK;
  return open.flatMap((id) => {
    const objective = draft.tables.objectives.get(id);
    const isAsked = objective?.askedTurnNum === turnNum && isActive(objective);
    return isAsked && objective.openedBy === channel.myIndex ? wishAt(objective, turnNum) : [];
  });
}

/** How a node asks the mover of a turn for what it wants itself; nothing where it has forgotten what that was. */
export function wishAt(objective: Objective, turnNum: number): readonly Message[] {
  const { channelId, goal, id: objectiveId } = objective;
  if (goal.type === "DirectDefund") return [{ type: "DefundRequest", objectiveId, channelId }];
  if (goal.type !== "Update" || goal.change === undefined) return [];
  return [{ type: "UpdateRequest", objectiveId, channelId, turnNum, change: goal.change }];
}
