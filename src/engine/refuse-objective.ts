/** Ends an objective that somebody does not take part in, and sees to it that all who must know do. */

import { type Channel, moverOf, phaseOf, stateAt } from "../channel/channel.ts";
import { TURN } from "../channel/state.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { toOthers } from "../protocols/signing.ts";
import type { Subject } from "../protocols/subject.ts";
import { crankChannel, subjectOf } from "./crank-channel.ts";
import { isTopUpAgreed } from "./decide-top-up.ts";
import type { Draft } from "./draft.ts";
import { askAgain, giveUpVirtual } from "./give-up-virtual.ts";
import { endWish } from "./ledger-wishes.ts";
import type { Rules } from "./rules.ts";

/**
 * Records that participant `by` does not take part; used for a refusal of one of my messages too, of which `by`
 * tells nobody else.
 */
export function rejectByPeer(
  draft: Draft,
  objective: Objective,
  by: number,
  code: string,
  rules: Rules,
  isTold = false,
): Result<undefined, Rejection> {
  if (!isActive(objective)) {
    mark("objective/refused-after-its-end");
    if (objective.goal.type === "VirtualFund") askAgain(draft, objective, by, rules);
    return accept(undefined);
  }
  const { channel } = subjectOf(draft.tables, objective.id);
  // The chain decides a dispute, whoever takes part in it.
  const needsNobody = objective.goal.type === "VirtualDefund" || objective.goal.type === "Dispute";
  if (needsNobody || hasAgreed(channel, objective, by)) {
    return reject({ code: "TooLateToReject" });
  }
  if (objective.goal.type === "TopUp" || objective.goal.type === "Withdrawal") {
    endWish(draft, objective, by, code, rules);
    return accept(undefined);
  }
  if (objective.goal.type === "VirtualFund") {
    // She has told those to her left, whose signatures she had, and the one to her right.
    giveUpVirtual(draft, objective, by, code, rules, isTold ? by + 1 : -1);
    return accept(undefined);
  }
  mark("objective/peer-takes-no-part");
  const { channelId, id: objectiveId } = objective;
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
  if (isHeard(channel, objective)) {
    mark("update/refusal-passed-on");
    const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
    draft.request(...toOthers(channel, message));
  }
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}

/**
 * With three or more, one participant's refusal may overtake the update that it is about. The mover
 * and the one who asked pass it on: what they send comes after what they sent before.
 */
function isHeard({ fixedPart, myIndex }: Channel, { goal, openedBy, turnNum }: Objective): boolean {
  const { length } = fixedPart.participants;
  const isMover = turnNum !== undefined && turnNum % length === myIndex;
  return goal.type === "Update" && length > 2 && (isMover || openedBy === myIndex);
}

function hasAgreed(channel: Channel, { goal, turnNum }: Objective, by: number): boolean {
  if (goal.type === "TopUp") return isTopUpAgreed(channel, goal.asset);
  if (goal.type === "Withdrawal") return phaseOf(channel) !== "Running";
  const decisive = decisiveTurn(goal, turnNum);
  if (decisive === undefined) return false;
  const state = stateAt(channel, decisive);
  if (state === undefined) return true;
  const passesOn = channel.fixedPart.participants.length > 2 && moverOf(channel, decisive) === by;
  return state.signatures[by] !== undefined && !(goal.type === "Update" && passesOn);
}

/** The turn with which a participant has agreed for good. */
function decisiveTurn(goal: Objective["goal"], turnNum: number | undefined): number | undefined {
  if (goal.type === "DirectFund") return TURN.prefund;
  return goal.type === "VirtualFund" ? TURN.postfund : turnNum;
}

/** Tells that the state stays refused; what it was recorded for is that its turn is used up. */
export function refuseAgain(draft: Draft, { channel, objective }: Subject): void {
  const { channelId, id: objectiveId, rejectionCode } = objective;
  mark("update/refused-once-more");
  const code = rejectionCode ?? "ObjectiveIdUsed";
  const by = channel.myIndex;
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
  draft.request(...toOthers(channel, { type: "ObjectiveRejection", objectiveId, channelId, code }));
}
