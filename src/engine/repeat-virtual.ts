/** Says again what the other participants of a ledger or virtual channel may never have heard, or may have lost. */

import { type Channel, stateAt, supportsTurn } from "../channel/channel.ts";
import { finalStateOf } from "../channel/final-state.ts";
import { FOLLOWER, LEADER } from "../channel/ledger.ts";
import type { LedgerStep } from "../channel/ledger-proposal.ts";
import { type ObjectiveId, virtualDefundId, virtualFundId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { LedgerMessage, Message } from "../messages/message.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import { repeatVoucher } from "../protocols/payments.ts";
import { repeatState } from "../protocols/signing.ts";
import { finalTurnOf } from "../protocols/virtual-defund.ts";
import { prefundMessages } from "../protocols/virtual-fund.ts";
import { subjectOf } from "./crank-channel.ts";
import { evidenceOf } from "./crank-ledger.ts";
import type { Draft } from "./draft.ts";

/** The leader's proposals that wait; the follower's newest agreement, and what she refused. */
export function ledgerWishes(draft: Draft, channel: Channel): readonly Message[] {
  const { ledger, myIndex } = channel;
  if (ledger === undefined || channel.finalSignedByMe) return [];
  const steps = [...ledger.waiting.values()];
  if (myIndex === LEADER) {
    return steps
      .filter(({ isRefused }) => !isRefused)
      .flatMap((step) => proposalOf(draft, channel, step) ?? []);
  }
  const refused = steps.filter(({ isRefused }) => isRefused);
  return [...agreementOf(channel), ...refused.map(({ turnNum }) => refusalOf(channel, turnNum))];
}

/** The newest that I signed for whoever may have lost it, though the objective is over for me. */
export function newestSignature(channel: Channel): Message | undefined {
  const { id, mySignedTurn = -1 } = channel;
  if (mySignedTurn < TURN.postfund) return undefined;
  const name = mySignedTurn > TURN.postfund ? virtualDefundId(id) : virtualFundId(id);
  return repeatState(channel, name, mySignedTurn);
}

/** What I signed for what goes on, what I asked for, and the newest that I promised. */
export function virtualWishes(draft: Draft, channel: Channel, to: Address): readonly Message[] {
  return [
    ...openingOf(draft, channel, to),
    ...statesOf(draft, channel),
    ...stopOf(draft, channel, to),
    ...voucherOf(channel, to),
  ];
}

function proposalOf(draft: Draft, channel: Channel, step: LedgerStep): LedgerMessage | undefined {
  const { baseTurnNum, changes, turnNum } = step;
  const signature = stateAt(channel, turnNum)?.signatures[LEADER];
  if (signature === undefined) return undefined;
  const evidence = changes.map((change) => evidenceOf(draft.tables, change));
  const { id: channelId } = channel;
  return {
    type: "LedgerProposal",
    channelId,
    turnNum,
    baseTurnNum,
    changes,
    evidence,
    signature,
  };
}

function agreementOf({ id: channelId, supported }: Channel): readonly Message[] {
  const signature = supported?.signatures[FOLLOWER];
  const { isFinal, turnNum } = supported?.variablePart ?? { isFinal: true, turnNum: 0 };
  if (signature === undefined || isFinal || turnNum <= TURN.postfund) return [];
  return [{ type: "LedgerCountersignature", channelId, turnNum, signature }];
}

function refusalOf({ id: channelId }: Channel, turnNum: number): Message {
  return { type: "LedgerRefusal", channelId, turnNum, code: "NotWhatWasAgreed" };
}

function openingOf(draft: Draft, channel: Channel, to: Address): readonly Message[] {
  const { fixedPart, id, myIndex, use } = channel;
  const fund = activeObjective(draft, virtualFundId(id));
  const prefund = stateAt(channel, TURN.prefund);
  if (fund === undefined || prefund?.signatures[myIndex] === undefined) return [];
  const isLast = myIndex === fixedPart.participants.length - 1;
  // Without the ledger on my right I do not know what to ask for.
  if (!isLast && use.type === "Virtual" && use.right === undefined) return [];
  if (prefund.signatures.slice(0, myIndex).includes(undefined)) return [];
  const messages = prefundMessages(channel, subjectOf(draft.tables, fund.id));
  return messages.flatMap((effect) =>
    effect.type === "SendMessage" && effect.to === to ? [effect.message] : [],
  );
}

function statesOf(draft: Draft, channel: Channel): readonly Message[] {
  const { id } = channel;
  const states: readonly (readonly [ObjectiveId, number])[] = [
    [virtualFundId(id), TURN.postfund],
    [virtualDefundId(id), finalTurnOf(channel)],
  ];
  return states.flatMap(([objectiveId, turnNum]) => {
    if (activeObjective(draft, objectiveId) === undefined) return [];
    return repeatState(channel, objectiveId, turnNum) ?? [];
  });
}

/** That I pay no more: whoever asked tells everybody, the last participant the first. */
function stopOf(draft: Draft, channel: Channel, to: Address): readonly Message[] {
  const { fixedPart, id: channelId, myIndex } = channel;
  const defund = activeObjective(draft, virtualDefundId(channelId));
  if (defund?.stopped.includes(myIndex) !== true || finalStateOf(channel) !== undefined) return [];
  const isHers = defund.openedBy === myIndex || fixedPart.participants[0] === to;
  const { id: objectiveId } = defund;
  return isHers ? [{ type: "DefundRequest", objectiveId, channelId }] : [];
}

function voucherOf(channel: Channel, to: Address): readonly Message[] {
  const { fixedPart, myIndex } = channel;
  const payee = fixedPart.participants[fixedPart.participants.length - 1 - myIndex];
  const isRunning = supportsTurn(channel, TURN.postfund) && finalStateOf(channel) === undefined;
  const voucher = payee === to && isRunning ? repeatVoucher(channel) : undefined;
  return voucher === undefined ? [] : [voucher];
}

function activeObjective({ tables }: Draft, id: ObjectiveId): Objective | undefined {
  const objective = tables.objectives.get(id);
  return objective !== undefined && isActive(objective) ? objective : undefined;
}
