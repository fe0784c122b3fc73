/** Says again what this node wants of a ledger channel besides guarantees: top-ups, and a withdrawal. */
import { type Channel, phaseOf, stateAt, supportedState } from "../channel/channel.ts";
import { topUpOf } from "../channel/ledger.ts";
import { TURN } from "../channel/state.ts";
import type { Message } from "../messages/message.ts";
import { subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { openTopUps, openWithdrawal } from "./ledger-wishes.ts";

/** Top-ups of mine that nobody may have heard of: those that are signed are told with their states. */
export function topUpWishes(draft: Draft, ledger: Channel): readonly Message[] {
  if (ledger.ledger === undefined || phaseOf(ledger) !== "Running") return [];
  const { id: channelId, myIndex } = ledger;
  const { outcome } = supportedState(ledger).variablePart;
  return openTopUps(draft, ledger, undefined).flatMap(({ goal, id, openedBy, status }) => {
    if (goal.type !== "TopUp" || openedBy !== myIndex || status !== "Approved") return [];
    const { amount, asset } = goal;
    if (topUpOf(outcome, { asset }) !== undefined) return [];
    return [{ type: "TopUpRequest", objectiveId: id, channelId, asset, amount }];
  });
}

/** My withdrawal, or my signatures on the channel that goes on. The end is repeated like any other state. */
export function withdrawalWishes(draft: Draft, ledger: Channel): readonly Message[] {
  const withdrawal = ledger.ledger && openWithdrawal(draft, ledger);
  if (withdrawal?.goal.type !== "Withdrawal" || withdrawal.status !== "Approved") return [];
  const { id: objectiveId, channelId, openedBy } = withdrawal;
  const { amounts, nonce } = withdrawal.goal;
  const { successor } = subjectOf(draft.tables, objectiveId);
  const isMine = openedBy === ledger.myIndex && successor === undefined;
  if (isMine) return [{ type: "WithdrawalRequest", objectiveId, channelId, nonce, amounts }];
  if (successor === undefined || ledger.supported?.variablePart.isFinal === true) return [];
  const signatures = [TURN.prefund, TURN.postfund].flatMap(
    (turnNum) => stateAt(successor, turnNum)?.signatures[ledger.myIndex] ?? [],
  );
  // The prefund alone would be taken for the postfund.
  if ((successor.mySignedTurn ?? -1) < TURN.postfund || signatures.length === 0) return [];
  const baseTurnNum = supportedState(ledger).variablePart.turnNum;
  return [{ type: "SuccessorSignatures", objectiveId, channelId, baseTurnNum, signatures }];
}
