/** Turns a peer's message about a ledger channel into facts, or says why it is refused. */

import { type Channel, isInDispute, phaseOf, supportedState } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { FOLLOWER, LEADER } from "../channel/ledger.ts";
import type { LedgerChange, LedgerProposal } from "../channel/ledger-proposal.ts";
import { virtualDefundId, virtualFundId } from "../channel/objective-id.ts";
import type { VariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { LedgerMessage } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { decideCountersignature, decideProposal } from "../protocols/ledger.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { decide as decideVirtualDefund, finalTurnOf } from "../protocols/virtual-defund.ts";
import { decidePrefund } from "../protocols/virtual-fund.ts";
import { crankChannel, crankChannels, currentLedger, subjectOf } from "./crank-channel.ts";
import { decideTopUpRequest } from "./decide-top-up.ts";
import { decideSuccessorSignatures, decideWithdrawalRequest } from "./decide-withdrawal.ts";
import { settle } from "./dispute.ts";
import type { Draft } from "./draft.ts";
import { endRefused } from "./give-up-virtual.ts";
import { isBeingReplaced } from "./ledger-wishes.ts";
import { rejectByPeer } from "./refuse-objective.ts";
import type { Rules } from "./rules.ts";

type Decision = Result<undefined, Rejection>;
type MessageOf<Type extends LedgerMessage["type"]> = LedgerMessage & { readonly type: Type };

/** Decides a message over a draft. On a refusal the caller drops the draft: nothing was learned. */
export function decideLedger(
  draft: Draft,
  from: Address,
  message: LedgerMessage,
  rules: Rules,
): Decision {
  const found = ledgerWith(draft, message.channelId, from);
  if (!found.ok) return found;
  const { by, ledger } = found.value;
  switch (message.type) {
    case "LedgerProposal":
      return by === LEADER
        ? proposal(draft, ledger, message, rules)
        : reject({ code: "NotTheLeader" });
    case "LedgerCountersignature":
      return by === FOLLOWER
        ? countersignature(draft, ledger, message, rules)
        : reject({ code: "NotTheFollower" });
    case "LedgerRefusal":
      return by === FOLLOWER
        ? refusal(draft, ledger, message, rules)
        : reject({ code: "NotTheFollower" });
    case "TopUpRequest":
      return decideTopUpRequest(draft, ledger, by, message, rules);
    case "WithdrawalRequest":
      return decideWithdrawalRequest(draft, ledger, by, message, rules);
    case "SuccessorSignatures":
      return decideSuccessorSignatures(draft, by, message, rules);
  }
}

/** The follower refused a state, by a message or by refusing the leader's. It goes on without it. */
export function refuseState(
  draft: Draft,
  ledger: Channel,
  turnNum: number,
  code: string,
  rules: Rules,
): void {
  const { id: channelId } = ledger;
  const step = ledger.ledger?.waiting.get(turnNum);
  if (step === undefined || step.isRefused) return;
  if (isBuiltOn(ledger, turnNum)) mark("ledger/refused-below-another");
  draft.record({ type: "ProposalRefused", channelId, by: FOLLOWER, turnNum, code });
  const [only, ...others] = step.changes;
  if (others.length > 0) mark("ledger/batch-refused");
  // One among others is proposed alone first; only then it is known to be the one that is refused.
  if (only !== undefined && others.length === 0) endRefused(draft, only, code, rules);
  // What was refused to one objective another one of the same channel may want, and be granted.
  const targets = step.changes.flatMap(
    ({ objectiveId }) => draft.tables.objectives.get(objectiveId)?.channelId ?? [],
  );
  crankChannels(draft, [...targets, channelId], rules.context);
}

function isBuiltOn({ ledger }: Channel, turnNum: number): boolean {
  return [...(ledger?.waiting.values() ?? [])].some((one) => one.baseTurnNum === turnNum);
}

function ledgerWith(
  draft: Draft,
  channelId: ChannelId,
  from: Address,
): Result<{ readonly by: number; readonly ledger: Channel }, Rejection> {
  const ledger = draft.tables.channels.get(channelId);
  if (ledger === undefined) return reject({ code: "UnknownChannel" });
  if (ledger.ledger === undefined) return reject({ code: "NotALedger" });
  const by = ledger.fixedPart.participants.indexOf(from);
  if (by < 0 || by === ledger.myIndex) return reject({ code: "NotAParticipant" });
  if (ledger.supported === undefined) {
    return reject({ code: "ChannelNotRunning", phase: phaseOf(ledger) });
  }
  return accept({ by, ledger });
}

function proposal(
  draft: Draft,
  ledger: Channel,
  message: MessageOf<"LedgerProposal">,
  rules: Rules,
): Decision {
  const phase = phaseOf(ledger);
  if (phase !== "Running") return reject({ code: "ChannelNotRunning", phase });
  if (isBeingReplaced(draft, ledger)) return reject({ code: "WithdrawalRunning" });
  for (const change of message.changes) {
    const checked = checkSubject(draft, ledger, change);
    if (!checked.ok) return checked;
  }
  const decided = decideProposal(ledger, message, rules.context);
  if (!decided.ok) return decided;
  for (const change of message.changes) beginSettlement(draft, ledger, change);
  draft.record(...decided.value);
  for (const [index, change] of message.changes.entries()) {
    const taken = takeEvidence(draft, change, message.evidence[index] ?? [], rules);
    if (!taken.ok) return taken;
    hearWithdrawal(draft, ledger, change, rules);
  }
  // The ledger comes last: it looks at a batch once every objective has agreed to its part.
  const targets = message.changes.flatMap(({ proposal: one }) =>
    "target" in one ? [one.target] : [],
  );
  crankChannels(draft, [...targets, ledger.id], rules.context);
  return accept(undefined);
}

/**
 * A leader who takes a guarantee out for an opening that is still on its way has given it up. Word of it may
 * come from somebody else, and later.
 */
function hearWithdrawal(
  draft: Draft,
  ledger: Channel,
  { objectiveId, proposal: wanted }: LedgerChange,
  rules: Rules,
): void {
  const objective = draft.tables.objectives.get(objectiveId);
  if (objective?.goal.type !== "VirtualFund" || wanted.type !== "Remove") return;
  const { channel } = subjectOf(draft.tables, objectiveId);
  const leader = assertDefined(ledger.fixedPart.participants[LEADER], "the leader");
  const by = channel.fixedPart.participants.indexOf(leader);
  mark("virtual/withdrawn-by-leader");
  // Whoever has signed the postfund cannot leave: then the change is judged as any other.
  rejectByPeer(draft, objective, by, "Withdrawn", rules);
}

/** Refuses a change for an objective that I do not know, or in a ledger channel that is not its own. */
function checkSubject(draft: Draft, ledger: Channel, change: LedgerChange): Decision {
  const { objectiveId, proposal: wanted } = change;
  const { tables } = draft;
  const objective = tables.objectives.get(objectiveId);
  if (objective === undefined && settledByChain(draft, change) === undefined) {
    return reject({ code: "UnknownObjective" });
  }
  if (!("target" in wanted)) {
    return objective?.channelId === ledger.id ? accept(undefined) : reject({ code: "WrongLedger" });
  }
  const target = tables.channels.get(wanted.target);
  const names = [virtualFundId(wanted.target), virtualDefundId(wanted.target)];
  if (target?.use.type !== "Virtual" || !names.includes(objectiveId)) {
    return reject({ code: "UnknownObjective" });
  }
  const own = [target.use.left, target.use.right].filter((id) => id !== undefined);
  const isOwn = own.some((id) => currentLedger(tables, id).id === ledger.id);
  return isOwn ? accept(undefined) : reject({ code: "WrongLedger" });
}

/**
 * The virtual channel that a change takes out because the chain decides it. The leader may know its end some
 * blocks before I do.
 */
function settledByChain(
  { tables }: Draft,
  { objectiveId, proposal: wanted }: LedgerChange,
): Channel | undefined {
  if (wanted.type !== "Remove" || objectiveId !== virtualDefundId(wanted.target)) return undefined;
  const target = tables.channels.get(wanted.target);
  return target !== undefined && isInDispute(target) ? target : undefined;
}

function beginSettlement(draft: Draft, ledger: Channel, change: LedgerChange): void {
  const target = settledByChain(draft, change);
  const leader = assertDefined(ledger.fixedPart.participants[LEADER], "the leader");
  if (target !== undefined) mark("virtual/leader-saw-end-first");
  if (target !== undefined) settle(draft, target, target.fixedPart.participants.indexOf(leader));
}

/** Signatures on the target that I may not have heard of yet: with them I need not wait. */
function takeEvidence(
  draft: Draft,
  { proposal: wanted }: LedgerChange,
  signatures: readonly Signature[],
  rules: Rules,
): Decision {
  if (!("target" in wanted) || signatures.length === 0) return accept(undefined);
  return wanted.type === "Add"
    ? takePrefund(draft, wanted.target, signatures, rules)
    : takeFinal(draft, wanted, signatures, rules);
}

function takePrefund(
  draft: Draft,
  target: ChannelId,
  signatures: readonly Signature[],
  { context }: Rules,
): Decision {
  const objectiveId = virtualFundId(target);
  const { channel } = subjectOf(draft.tables, objectiveId);
  const decided = decidePrefund(channel, objectiveId, signatures, context);
  if (!decided.ok) return decided;
  if (decided.value.length > 0) mark("ledger/prefund-shown-with-proposal");
  draft.record(...decided.value);
  return accept(undefined);
}

function takeFinal(
  draft: Draft,
  wanted: LedgerProposal & { readonly type: "Remove" },
  signatures: readonly Signature[],
  { context }: Rules,
): Decision {
  const objectiveId = virtualDefundId(wanted.target);
  if (draft.tables.objectives.get(objectiveId) === undefined) return accept(undefined);
  for (const [by, signature] of signatures.entries()) {
    const subject = subjectOf(draft.tables, objectiveId);
    if (phaseOf(subject.channel) === "Finalized") return accept(undefined);
    if (by === subject.channel.myIndex) continue;
    const variablePart = finalState(subject.channel, wanted);
    const decided = decideVirtualDefund(
      subject,
      { objectiveId, by, variablePart, signature },
      context,
    );
    if (!decided.ok) return decided;
    if (decided.value.length > 0) mark("ledger/end-shown-with-proposal");
    draft.record(...decided.value);
  }
  return accept(undefined);
}

/** The final state that pays what a removal gives back. */
function finalState(
  channel: Channel,
  { shares }: LedgerProposal & { readonly type: "Remove" },
): VariablePart {
  const { appData } = supportedState(channel).variablePart;
  const outcome = channel.fundingOutcome.map((exit) => {
    const share = shares.find(({ asset }) => asset === exit.asset);
    const amounts = [share?.left ?? 0n, share?.right ?? 0n];
    const allocations = exit.allocations.map((one, index) => ({
      ...one,
      amount: amounts[index] ?? 0n,
    }));
    return { ...exit, allocations };
  });
  return { outcome, appData, turnNum: finalTurnOf(channel), isFinal: true };
}

function countersignature(
  draft: Draft,
  ledger: Channel,
  message: MessageOf<"LedgerCountersignature">,
  { context }: Rules,
): Decision {
  const decided = decideCountersignature(ledger, message, context);
  if (!decided.ok) return decided;
  draft.record(...decided.value);
  crankChannel(draft, ledger.id, context);
  concernSettled(draft, ledger.id, context);
  return accept(undefined);
}

function refusal(
  draft: Draft,
  ledger: Channel,
  { code, turnNum }: MessageOf<"LedgerRefusal">,
  rules: Rules,
): Decision {
  refuseState(draft, ledger, turnNum, code, rules);
  return accept(undefined);
}

/** The objectives that waited for the newest state go on. */
function concernSettled(draft: Draft, ledgerId: ChannelId, context: Rules["context"]): void {
  const settled = draft.tables.channels.get(ledgerId)?.ledger?.settled ?? [];
  for (const objectiveId of settled) {
    const objective = draft.tables.objectives.get(objectiveId);
    if (objective !== undefined) crankChannel(draft, objective.channelId, context);
  }
}
