/** Takes back the ledger channel that goes on in another one's place. Source: ADR 0022, ADR 0023. */

import { type Channel, ledgerOf, phaseOf, supportedState } from "../channel/channel.ts";
import { checkFixedPart } from "../channel/fixed-part.ts";
import { LEADER } from "../channel/ledger.ts";
import type { ReservedAmount } from "../channel/ledger-proposal.ts";
import { isLedgerOutcome } from "../channel/ledger-shape.ts";
import { withdrawalId } from "../channel/objective-id.ts";
import { isSameOutcome, type Outcome } from "../channel/outcome.ts";
import { checkVariablePart, stateHash, TURN } from "../channel/state.ts";
import {
  payoutOutcome,
  successorFixedPart,
  successorIdOf,
  successorOutcome,
} from "../channel/successor.ts";
import type { Address } from "../crypto/address.ts";
import type { ResyncMessage } from "../messages/message.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";
import type { Draft } from "./draft.ts";
import { isPassable } from "./fence.ts";
import type { Rules } from "./rules.ts";

type Decision = Result<undefined, Rejection>;
type HeldSuccessor = ResyncMessage & { readonly type: "HeldSuccessor" };

/**
 * Learns that a ledger channel which I know is to end, or has ended, in a withdrawal, and what goes on in its
 * place. A signature of mine in the new channel shows that I have agreed; its states follow.
 */
export function takeBackSuccessor(
  draft: Draft,
  from: Address,
  held: HeldSuccessor,
  rules: Rules,
): Decision {
  const ledger = draft.tables.channels.get(held.channelId);
  if (ledger?.ledger === undefined) return reject({ code: "NotALedger" });
  const isTheirs = ledger.fixedPart.participants.includes(from) && from !== rules.me;
  if (!isTheirs || held.openedBy > 1) return reject({ code: "NotAParticipant" });
  const checked = checkSuccessor(ledger, held, rules);
  if (!checked.ok) return checked;
  createOnce(draft, ledger, held);
  openWithdrawal(draft, ledger, held);
  passTurns(draft, ledger, from, held);
  return accept(undefined);
}

function checkSuccessor(ledger: Channel, held: HeldSuccessor, { context, me }: Rules): Decision {
  const { nonce, outcome, passedTurnNum, signature, variablePart } = held;
  const fixed = checkFixedPart(successorFixedPart(ledger, nonce));
  if (!fixed.ok) return fixed;
  const inRange = checkVariablePart(variablePart);
  if (!inRange.ok) return inRange;
  const channelId = successorIdOf(ledger, nonce);
  if (context.recoverSigner(stateHash(channelId, variablePart), signature) !== me) {
    return reject({ code: "WrongSignature" });
  }
  const { turnNum } = variablePart;
  if (passedTurnNum !== undefined && !isPassable(passedTurnNum)) {
    return reject({ code: "TurnOutOfOrder", turnNum: passedTurnNum, expected: turnNum });
  }
  const isOpening = turnNum <= TURN.postfund;
  if (isOpening && !isSameOutcome(variablePart.outcome, outcome)) {
    return reject({ code: "FinalOutcomeMismatch" });
  }
  return isWhatIsLeft(ledger, held) ? accept(undefined) : reject({ code: "FinalOutcomeMismatch" });
}

/** Every sum must be what the old ledger leaves: by its last state, or by its end where only that is known. */
function isWhatIsLeft(ledger: Channel, { amounts, nonce, outcome }: HeldSuccessor): boolean {
  const { supported } = ledger;
  if (supported === undefined) return false;
  const { profile } = ledgerOf(ledger);
  const { isFinal, outcome: last } = supported.variablePart;
  if (profile !== "enforceable") return false;
  if (!isFinal) {
    const rest = successorOutcome(profile, last, amounts);
    return rest.ok && isSameOutcome(rest.value, outcome);
  }
  const { fundingOutcome } = ledger;
  if (!isLedgerOutcome(profile, fundingOutcome, outcome)) return false;
  const before = withBack(outcome, amounts);
  const rest = successorOutcome(profile, before, amounts);
  if (!rest.ok || !isSameOutcome(rest.value, outcome)) return false;
  return isSameOutcome(last, payoutOutcome(profile, before, amounts, successorIdOf(ledger, nonce)));
}

/** The outcome as it was before something was withdrawn from it. */
function withBack(outcome: Outcome, amounts: HeldSuccessor["amounts"]): Outcome {
  return outcome.map((exit) => {
    const { follower = 0n, leader = 0n } = amounts.find(({ asset }) => asset === exit.asset) ?? {};
    const first = exit.allocations.length - 2;
    const allocations = exit.allocations.map((one, index) => {
      if (index < first) return one;
      return { ...one, amount: one.amount + (index === first ? leader : follower) };
    });
    return { ...exit, allocations };
  });
}

function createOnce(draft: Draft, ledger: Channel, { nonce, outcome }: HeldSuccessor): void {
  const channelId = successorIdOf(ledger, nonce);
  if (draft.tables.channels.get(channelId) !== undefined) return;
  const { myIndex, use } = ledger;
  const { appData } = supportedState(ledger).variablePart;
  const fixedPart = successorFixedPart(ledger, nonce);
  mark("resync/next-ledger-taken-back");
  draft.record({ type: "ChannelCreated", channelId, fixedPart, myIndex, outcome, appData, use });
}

/** Whatever I signed for, I have once agreed to; and my part of it is set aside until the ledger ends. */
function openWithdrawal(
  draft: Draft,
  ledger: Channel,
  { amounts, nonce, openedBy }: HeldSuccessor,
): void {
  const { id: channelId, myIndex } = ledger;
  const objectiveId = withdrawalId(channelId, nonce);
  const about = { objectiveId, channelId };
  if (draft.tables.objectives.get(objectiveId) === undefined) {
    const goal = { type: "Withdrawal", nonce, amounts } as const;
    draft.record({ type: "ObjectiveCreated", ...about, goal, openedBy });
  }
  if (draft.tables.objectives.get(objectiveId)?.status === "Unapproved") {
    draft.record({ type: "ObjectiveApproved", ...about });
  }
  const isSetAside = ledgerOf(ledger).reserved.has(objectiveId);
  if (isSetAside || phaseOf(ledger) === "Finalized" || phaseOf(ledger) === "Concluded") return;
  const mine = amounts.flatMap(({ asset, follower, leader }): ReservedAmount[] => {
    const amount = myIndex === LEADER ? leader : follower;
    return amount === 0n ? [] : [{ asset, amount }];
  });
  draft.record({ type: "CapacityReserved", ...about, amounts: mine });
}

function passTurns(
  draft: Draft,
  ledger: Channel,
  from: Address,
  { nonce, passedTurnNum }: HeldSuccessor,
): void {
  const channelId = successorIdOf(ledger, nonce);
  const passed = draft.tables.channels.get(channelId)?.passedTurn ?? -1;
  if (passedTurnNum === undefined || passed >= passedTurnNum) return;
  const by = ledger.fixedPart.participants.indexOf(from);
  draft.record({ type: "TurnPassed", channelId, by, turnNum: passedTurnNum });
}
