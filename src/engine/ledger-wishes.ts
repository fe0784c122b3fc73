/** What the two ends of a ledger channel want of it besides guarantees: one goes on, the others wait or end. */

import { type Channel, ledgerOf, phaseOf, supportedState } from "../channel/channel.ts";
import { FOLLOWER, LEADER } from "../channel/ledger.ts";
import { directDefundId, type ObjectiveId } from "../channel/objective-id.ts";
import { successorIdOf } from "../channel/successor.ts";
import type { Address } from "../crypto/address.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { toOthers } from "../protocols/signing.ts";
import { mayHoldTopUp } from "../protocols/top-up.ts";
import { crankChannel, subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { EMPTY_DESK } from "./node-state.ts";
import type { Rules } from "./rules.ts";

type Decision = Result<undefined, Rejection>;

/** Refuses any such wish in what is no ledger, or not of the profile that has them, or closing. */
export function checkRunning(draft: Draft, ledger: Channel): Decision {
  if (ledger.ledger === undefined) return reject({ code: "NotALedger" });
  if (ledger.ledger.profile !== "enforceable") return reject({ code: "NotEnforceable" });
  const phase = phaseOf(ledger);
  const defund = draft.tables.objectives.get(directDefundId(ledger.id));
  const isClosing = ledger.finalSignedByMe || (defund !== undefined && isActive(defund));
  return phase === "Running" && !isClosing
    ? accept(undefined)
    : reject({ code: "ChannelNotRunning", phase });
}

/** The top-ups that are not over, whoever opened them: of one asset, or of all. */
export function openTopUps(
  draft: Draft,
  { id }: Channel,
  asset: Address | undefined,
): readonly Objective[] {
  return openOf(draft, id).filter(
    ({ goal }) => goal.type === "TopUp" && (asset === undefined || goal.asset === asset),
  );
}

/** The withdrawal that is not over. There is one at a time. */
export function openWithdrawal(draft: Draft, { id }: Channel): Objective | undefined {
  return openOf(draft, id).find(({ goal }) => goal.type === "Withdrawal");
}

/** True once a new channel is signed for what this ledger holds: it gets no other state any more. */
export function isBeingReplaced(draft: Draft, ledger: Channel): boolean {
  const goal = openWithdrawal(draft, ledger)?.goal;
  if (goal?.type !== "Withdrawal") return false;
  return draft.tables.channels.get(successorIdOf(ledger, goal.nonce)) !== undefined;
}

/** What is under way comes first: refuses a wish of this node's user beside another one. */
export function checkNothing([first]: readonly Objective[]): Decision {
  return first === undefined ? accept(undefined) : reject(underWay(first));
}

function underWay({ goal }: Objective): Rejection {
  return goal.type === "TopUp"
    ? { code: "TopUpRunning", asset: goal.asset }
    : { code: "WithdrawalRunning" };
}

/**
 * Of two wishes at once the leader's goes on: as the follower I give up what stands in its way, as long as
 * nobody has signed anything for it. Whatever else is under way comes first, and the new wish is refused.
 */
export function yieldTo(
  draft: Draft,
  ledger: Channel,
  by: number,
  inTheWay: readonly Objective[],
  rules: Rules,
): Decision {
  for (const objective of inTheWay) {
    const isMine = by === LEADER && objective.openedBy === FOLLOWER;
    if (!isMine || isSigned(draft, ledger, objective)) return reject(underWay(objective));
    mark("ledger/follower-yielded");
    endWish(draft, objective, ledger.myIndex, "Yielded", rules);
  }
  return accept(undefined);
}

/**
 * Ends a top-up or a withdrawal that `by` takes no part in: the ledger goes on without it. The other end is
 * told, unless it said so itself.
 */
export function endWish(
  draft: Draft,
  { channelId, id: objectiveId }: Objective,
  by: number,
  code: string,
  rules: Rules,
): void {
  const { channel, successor } = subjectOf(draft.tables, objectiveId);
  const { agreed, reserved } = ledgerOf(channel);
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
  const isWanted = [...agreed.values()].some((one) => one.objectiveId === objectiveId);
  if (isWanted) draft.record({ type: "ProposalWithdrawn", channelId, objectiveId });
  if (reserved.has(objectiveId)) {
    draft.record({ type: "CapacityReleased", channelId, objectiveId });
  }
  if (by === channel.myIndex || successor !== undefined) {
    const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
    draft.request(...toOthers(channel, message));
  }
  crankChannel(draft, channelId, rules.context);
}

function isSigned(draft: Draft, ledger: Channel, { goal }: Objective): boolean {
  return goal.type === "TopUp" ? mayHoldTopUp(ledger, goal.asset) : isBeingReplaced(draft, ledger);
}

function openOf(draft: Draft, channelId: Channel["id"]): readonly Objective[] {
  const { open } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
  return open.flatMap((objectiveId) => draft.tables.objectives.get(objectiveId) ?? []);
}

/** Lets the policy decide about a wish of the other end, and does what follows. */
export function judgeWish(draft: Draft, objectiveId: ObjectiveId, rules: Rules): void {
  const { channel, objective } = subjectOf(draft.tables, objectiveId);
  const { channelId } = objective;
  const proposed = supportedState(channel).variablePart;
  const verdict = rules.policy({ objective, channel, proposed });
  if (verdict.ok) draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
  else
    endWish(
      draft,
      marked("ledger/wish-refused-by-policy", objective),
      channel.myIndex,
      verdict.reason.code,
      rules,
    );
  crankChannel(draft, channelId, rules.context);
}
