/** Withdrawals from running ledger channels: asked for by this node's user or by the peer. */

import { type Channel, ledgerOf, phaseOf, supportedState } from "../channel/channel.ts";
import { checkFixedPart } from "../channel/fixed-part.ts";
import { coversOpening } from "../channel/holdings.ts";
import { LEADER } from "../channel/ledger.ts";
import type { ReservedAmount } from "../channel/ledger-proposal.ts";
import { type ObjectiveId, withdrawalId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import {
  successorFixedPart,
  successorIdOf,
  successorOutcome,
  type WithdrawnAmount,
} from "../channel/successor.ts";
import type { LedgerMessage } from "../messages/message.ts";
import { marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isFresh } from "../protocols/ledger.ts";
import type { Objective } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { decideSuccessor, nextOutcome, successorCreated } from "../protocols/withdrawal.ts";
import { crankChannel, subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { checkFunds } from "./ledger-capacity.ts";
import {
  checkNothing,
  checkRunning,
  judgeWish,
  openTopUps,
  openWithdrawal,
  yieldTo,
} from "./ledger-wishes.ts";
import type { Request } from "./request.ts";
import type { Rules } from "./rules.ts";

type Decision = Result<undefined, Rejection>;
type MessageOf<Type extends LedgerMessage["type"]> = LedgerMessage & { readonly type: Type };
type Wish = { readonly nonce: bigint; readonly amounts: readonly WithdrawnAmount[] };

/** Opens a withdrawal. `nonce` is that of the channel that goes on, and was never used. */
export function withdraw(
  draft: Draft,
  { amounts, channelId }: Request & { readonly type: "Withdraw" },
  nonce: bigint,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const ledger = draft.tables.channels.get(channelId);
  if (ledger === undefined) return reject({ code: "UnknownChannel" });
  const checked = checkWithdrawal(draft, ledger, { nonce, amounts });
  if (!checked.ok) return checked;
  const free = checkNothing(wishesBeside(draft, ledger));
  if (!free.ok) return free;
  const objectiveId = withdrawalId(channelId, nonce);
  const openedBy = ledger.myIndex;
  draft.record(
    {
      type: "ObjectiveCreated",
      objectiveId,
      channelId,
      goal: { type: "Withdrawal", nonce, amounts },
      openedBy,
    },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
  crankChannel(draft, channelId, rules.context);
  return accept(objectiveId);
}

/** The peer wants to withdraw, or to have something paid to me: the policy of this node says yes or no. */
export function decideWithdrawalRequest(
  draft: Draft,
  ledger: Channel,
  by: number,
  { amounts, channelId, nonce, objectiveId }: MessageOf<"WithdrawalRequest">,
  rules: Rules,
): Decision {
  if (objectiveId !== withdrawalId(channelId, nonce)) return reject({ code: "UnknownObjective" });
  const known = draft.tables.objectives.get(objectiveId);
  if (known?.status === "Rejected") return reject({ code: "ObjectiveIdUsed" });
  if (known !== undefined) return accept(undefined);
  // As the leader I may have signed what goes on under that name, over another state, before my log lost its end.
  if (ledger.myIndex === LEADER && !isFresh(ledger)) {
    return marked("withdrawal/asked-for-in-doubt", reject({ code: "Resyncing" }));
  }
  const free = yieldTo(draft, ledger, by, wishesBeside(draft, ledger), rules);
  if (!free.ok) return free;
  const current = draft.tables.channels.get(channelId) ?? ledger;
  const checked = checkWithdrawal(draft, current, { nonce, amounts });
  if (!checked.ok) return checked;
  draft.record({
    type: "ObjectiveCreated",
    objectiveId,
    channelId,
    goal: { type: "Withdrawal", nonce, amounts },
    openedBy: by,
  });
  judgeWish(draft, objectiveId, rules);
  return accept(undefined);
}

/** The other end's signatures on the channel that goes on: the leader's first, when the ledger is at rest. */
export function decideSuccessorSignatures(
  draft: Draft,
  by: number,
  message: MessageOf<"SuccessorSignatures">,
  rules: Rules,
): Decision {
  const { channelId, objectiveId, signatures } = message;
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective?.goal.type !== "Withdrawal" || objective.channelId !== channelId) {
    return reject({ code: "UnknownObjective" });
  }
  if (objective.status === "Rejected") return reject({ code: "ObjectiveIdUsed" });
  if (objective.status === "Completed")
    return marked("withdrawal/signatures-again", accept(undefined));
  const known = learnSuccessor(draft, objectiveId, by, message);
  if (!known.ok) return known;
  if (signatures.length === 0) return reject({ code: "WrongSignature" });
  for (const [index, signature] of signatures.entries()) {
    // Said again, it may be the postfund alone.
    const turnNum = TURN.postfund + 1 - signatures.length + index;
    if (turnNum < TURN.prefund) return reject({ code: "WrongSignature" });
    const subject = subjectOf(draft.tables, objectiveId);
    const decided = decideSuccessor(subject, { by, signature, turnNum }, rules.context);
    if (!decided.ok) return decided;
    draft.record(...decided.value);
  }
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}

/** What cannot go on beside a withdrawal: another one, or any top-up. */
function wishesBeside(draft: Draft, ledger: Channel): readonly Objective[] {
  const withdrawal = openWithdrawal(draft, ledger);
  return [
    ...(withdrawal === undefined ? [] : [withdrawal]),
    ...openTopUps(draft, ledger, undefined),
  ];
}

/** The leader shows that the ledger is at rest; I come to the same new channel by myself, or refuse. */
function learnSuccessor(
  draft: Draft,
  objectiveId: ObjectiveId,
  by: number,
  { baseTurnNum }: MessageOf<"SuccessorSignatures">,
): Decision {
  const subject = subjectOf(draft.tables, objectiveId);
  const { channel, successor } = subject;
  if (successor !== undefined) return accept(undefined);
  if (by !== LEADER) return reject({ code: "NotTheLeader" });
  const expected = supportedState(channel).variablePart.turnNum;
  const isAtRest = ledgerOf(channel).waiting.size === 0 && phaseOf(channel) === "Running";
  if (!isAtRest) return reject({ code: "LedgerNotAtRest" });
  if (baseTurnNum !== expected) {
    return reject({ code: "TurnOutOfOrder", turnNum: baseTurnNum, expected });
  }
  const outcome = nextOutcome(subject);
  if (!outcome.ok) return outcome;
  draft.record(successorCreated(subject, outcome.value));
  return accept(undefined);
}

function checkWithdrawal(draft: Draft, ledger: Channel, { amounts, nonce }: Wish): Decision {
  const running = checkRunning(draft, ledger);
  if (!running.ok) return running;
  // A ledger that has just taken another one's place must be paid first.
  if (!coversOpening(ledger)) return reject({ code: "LedgerNotFunded" });
  const fixedPart = checkFixedPart(successorFixedPart(ledger, nonce));
  if (!fixedPart.ok) return fixedPart;
  const successorId = successorIdOf(ledger, nonce);
  if (draft.tables.channels.get(successorId) !== undefined) {
    return reject({ code: "ChannelIdUsed" });
  }
  const { profile } = ledgerOf(ledger);
  for (const { variablePart } of [supportedState(ledger), ...ledger.pending.values()]) {
    const rest = successorOutcome(profile, variablePart.outcome, amounts);
    if (!rest.ok) return rest;
  }
  const mine = amounts.map(({ asset, follower, leader }): ReservedAmount => {
    return { asset, amount: ledger.myIndex === LEADER ? leader : follower };
  });
  return checkFunds(draft.tables, ledger, mine);
}
