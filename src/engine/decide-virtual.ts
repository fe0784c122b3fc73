/** Turns a peer's message about a new virtual channel into facts, or says why it is refused. */

import { type Channel, ledgerOf, stateAt, supportedState } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import type { Profile } from "../channel/channel-use.ts";
import { freeBalance } from "../channel/ledger-outcome.ts";
import type { ReservedAmount } from "../channel/ledger-proposal.ts";
import { virtualFundId } from "../channel/objective-id.ts";
import { isSameOutcome } from "../channel/outcome.ts";
import { TURN } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Message } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { mark, marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { decidePrefund } from "../protocols/virtual-fund.ts";
import { crankChannel, currentLedger, findCurrentLedger, subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { checkCapacity, findLedger, isOpenLedger } from "./ledger-capacity.ts";
import { mendVirtual } from "./mend-virtual.ts";
import { NEW_PEER } from "./node-state.ts";
import { checkPeerLimit } from "./peer-limit.ts";
import { checkVirtual, type Rules } from "./rules.ts";
import { nameLedger } from "./take-back-virtual.ts";
import { amountsOnLeft, amountsOnRight, recordVirtualChannel } from "./virtual-channel.ts";

type Decision = Result<undefined, Rejection>;
type MessageOf<Type extends Message["type"]> = Message & { readonly type: Type };
type Ledgers = { readonly left: Channel; readonly right: Channel | undefined };

/**
 * A new virtual channel, from the participant before me. It is refused, and nothing is stored, unless my two
 * ledger channels can carry it: then its money is set aside, and I sign.
 */
export function decideVirtualPrefund(
  draft: Draft,
  from: Address,
  message: MessageOf<"VirtualPrefund">,
  rules: Rules,
): Decision {
  const { appData, fees, fixedPart, outcome, signatures } = message;
  const profile = checkVirtual({ fixedPart, outcome, appData, fees }, rules);
  if (!profile.ok) return profile;
  const myIndex = fixedPart.participants.indexOf(rules.me);
  if (myIndex < 1 || fixedPart.participants[myIndex - 1] !== from) {
    return reject({ code: "NotAParticipant" });
  }
  const channelId = channelIdOf(fixedPart);
  const known = draft.tables.channels.get(channelId);
  if (known !== undefined) return hearAgain(draft, known, message, rules);
  if (signatures.length !== myIndex) return reject({ code: "WrongSignature" });
  const fee = fees[myIndex - 1];
  if (fee !== undefined && fee < rules.fee) return reject({ code: "FeeTooLow", asked: rules.fee });
  const limit = checkPeerLimit(draft.tables, from, outcome.length, rules.guaranteesPerPeerMax);
  if (!limit.ok) return limit;
  const ledgers = ledgersFor(draft, message, myIndex, profile.value);
  if (!ledgers.ok) return ledgers;
  const me = { profile: profile.value, myIndex, ...ledgers.value };
  recordVirtualChannel(draft, { channelId, fixedPart, outcome, appData, fees, ...me });
  return join(draft, channelId, message, rules);
}

/** Everybody has signed the prefund: guarantees may be signed now. */
export function decideCompletePrefund(
  draft: Draft,
  from: Address,
  { channelId, objectiveId, signatures }: MessageOf<"CompletePrefund">,
  { context }: Rules,
): Decision {
  const channel = draft.tables.channels.get(channelId);
  if (channel?.use.type !== "Virtual") return reject({ code: "UnknownChannel" });
  if (objectiveId !== virtualFundId(channelId)) return reject({ code: "UnknownObjective" });
  const { participants } = channel.fixedPart;
  if (!participants.includes(from)) return reject({ code: "NotAParticipant" });
  if (signatures.length !== participants.length) return reject({ code: "WrongSignature" });
  const decided = decidePrefund(channel, objectiveId, signatures, context);
  if (!decided.ok) return decided;
  draft.record(...decided.value);
  crankChannel(draft, channelId, context);
  return accept(undefined);
}

/** Signatures of a channel that I know already. */
function hearAgain(
  draft: Draft,
  known: Channel,
  message: MessageOf<"VirtualPrefund">,
  rules: Rules,
): Decision {
  const { fees, ledgerId, outcome } = message;
  mark("virtual/prefund-again");
  // Taken back from others, it may lack the ledger that only the one before me knows.
  const isLacking = known.use.type === "Virtual" && known.use.left === undefined;
  const told = isLacking
    ? nameLedger(draft, known, known.myIndex - 1, ledgerId)
    : accept(undefined);
  if (!told.ok) return told;
  const channel = assertDefined(draft.tables.channels.get(known.id), "the channel");
  const { fundingOutcome, use } = channel;
  if (use.type !== "Virtual") return reject({ code: "ChannelIdUsed" });
  const left = use.left && currentLedger(draft.tables, use.left);
  const named = findCurrentLedger(draft.tables, ledgerId);
  if (left === undefined || left.id !== named?.id) return reject({ code: "WrongLedger" });
  const isSame =
    isSameOutcome(outcome, fundingOutcome) && use.fees.every((fee, index) => fee === fees[index]);
  if (!isSame) return reject({ code: "ConflictingState", turnNum: TURN.prefund });
  if (stateAt(channel, TURN.prefund) === undefined) return accept(undefined);
  const fund = draft.tables.objectives.get(virtualFundId(channel.id));
  // A log that was cut may have lost what I made of it.
  if (isLacking || fund === undefined || fund.status === "Unapproved") {
    return join(draft, channel.id, message, rules);
  }
  const decided = decidePrefund(channel, fund.id, message.signatures, rules.context);
  if (!decided.ok) return decided;
  draft.record(...decided.value);
  crankChannel(draft, channel.id, rules.context);
  return accept(undefined);
}

/** The ledger channel that the one before me chose, and one with the participant after me that I choose. */
function ledgersFor(
  draft: Draft,
  { fees, fixedPart, ledgerId, outcome }: MessageOf<"VirtualPrefund">,
  myIndex: number,
  profile: Profile,
): Result<Ledgers, Rejection> {
  const { tables } = draft;
  const before = assertDefined(fixedPart.participants[myIndex - 1], "the participant before me");
  const left = findCurrentLedger(tables, ledgerId);
  if (!isOpenLedger(tables, left, profile, before)) return reject({ code: "NotALedger" });
  const capacity = checkCapacity(tables, left, amountsOnLeft(outcome));
  if (!capacity.ok) return capacity;
  const covered = checkCover(left, amountsOnRight(outcome, fees, myIndex - 1));
  if (!covered.ok) return covered;
  const peer = fixedPart.participants[myIndex + 1];
  if (peer === undefined) return accept({ left, right: undefined });
  const { ledgers } = tables.peers.get(peer) ?? NEW_PEER;
  const amounts = amountsOnRight(outcome, fees, myIndex);
  const right = findLedger(tables, ledgers, { profile, peer, amounts });
  return right === undefined ? reject({ code: "LedgerTooSmall", peer }) : accept({ left, right });
}

/** Refuses what the participant before me could never pay: my own money would wait for it in vain. */
function checkCover(ledger: Channel, amounts: readonly ReservedAmount[]): Decision {
  const { profile } = ledgerOf(ledger);
  const { outcome } = supportedState(ledger).variablePart;
  for (const { amount: asked, asset } of amounts) {
    const available = freeBalance(profile, outcome, 1 - ledger.myIndex, asset) ?? 0n;
    if (available < asked) return reject({ code: "InsufficientFunds", available, asked });
  }
  return accept(undefined);
}

/** Takes part, if the policy agrees: otherwise the step is dropped, and the sender is told. */
function join(
  draft: Draft,
  channelId: ChannelId,
  { signatures }: MessageOf<"VirtualPrefund">,
  rules: Rules,
): Decision {
  const objectiveId = virtualFundId(channelId);
  const goal = { type: "VirtualFund" } as const;
  if (draft.tables.objectives.get(objectiveId) === undefined) {
    draft.record({ type: "ObjectiveCreated", objectiveId, channelId, goal, openedBy: 0 });
  }
  const { channel, objective } = subjectOf(draft.tables, objectiveId);
  const decided = decidePrefund(channel, objectiveId, signatures, rules.context);
  if (!decided.ok) return decided;
  draft.record(...decided.value);
  if (objective.status === "Unapproved") {
    const prefund = assertDefined(stateAt(channel, TURN.prefund), "the prefund");
    const verdict = rules.policy({ objective, channel, proposed: prefund.variablePart });
    if (!verdict.ok) return marked("virtual/policy-said-no", verdict);
    draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
  }
  mendVirtual(draft, channelId);
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}
