/** Top-ups of ledger channels: asked for by this node's user, or by the peer; and how they end early. */
import { type Channel, ledgerOf, phaseOf, supportedState } from "../channel/channel.ts";
import { LEADER, topUpOf } from "../channel/ledger.ts";
import { applyProposal } from "../channel/ledger-outcome.ts";
import { directDefundId, isTopUpId, type ObjectiveId, topUpId } from "../channel/objective-id.ts";
import { checkVariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { LedgerMessage } from "../messages/message.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { isActive, type Objective } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { toOthers } from "../protocols/signing.ts";
import { mayHoldTopUp } from "../protocols/top-up.ts";
import { crankChannel, subjectOf } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { EMPTY_DESK } from "./node-state.ts";
import type { Request } from "./request.ts";
import type { Rules } from "./rules.ts";

type Decision = Result<undefined, Rejection>;
type Wish = { readonly asset: Address; readonly amount: bigint };
type TopUpRequest = LedgerMessage & { readonly type: "TopUpRequest" };

/** Opens a top-up by this node. `nonce` makes its name new. */
export function topUp(
  draft: Draft,
  { amount, asset, channelId }: Request & { readonly type: "TopUp" },
  nonce: bigint,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const ledger = draft.tables.channels.get(channelId);
  if (ledger === undefined) return reject({ code: "UnknownChannel" });
  if (!rules.isAssetAllowed(asset)) return reject({ code: "AssetNotAllowed" });
  const by = ledger.myIndex;
  const checked = checkTopUp(draft, ledger, by, { asset, amount });
  if (!checked.ok) return checked;
  const [running] = openTopUps(draft, ledger, asset);
  if (running !== undefined) return reject({ code: "TopUpRunning", asset });
  const objectiveId = topUpId(channelId, by, nonce);
  draft.record(
    {
      type: "ObjectiveCreated",
      objectiveId,
      channelId,
      goal: { type: "TopUp", asset, amount },
      openedBy: by,
    },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
  crankChannel(draft, channelId, rules.context);
  return accept(objectiveId);
}

/** The peer wants to deposit into a running ledger channel: the policy of this node says yes or no. */
export function decideTopUpRequest(
  draft: Draft,
  ledger: Channel,
  by: number,
  message: TopUpRequest,
  rules: Rules,
): Decision {
  const { amount, asset, channelId, objectiveId } = message;
  if (!isTopUpId(channelId, by, objectiveId)) return reject({ code: "UnknownObjective" });
  const known = draft.tables.objectives.get(objectiveId);
  if (known !== undefined) return accept(undefined);
  const checked = checkTopUp(draft, ledger, by, { asset, amount });
  if (!checked.ok) return checked;
  const free = yieldTo(draft, ledger, by, asset, rules);
  if (!free.ok) return free;
  draft.record({
    type: "ObjectiveCreated",
    objectiveId,
    channelId,
    goal: { type: "TopUp", asset, amount },
    openedBy: by,
  });
  const { channel, objective } = subjectOf(draft.tables, objectiveId);
  const proposed = supportedState(channel).variablePart;
  const verdict = rules.policy({ objective, channel, proposed });
  if (verdict.ok) draft.record({ type: "ObjectiveApproved", objectiveId, channelId });
  else endTopUp(draft, objective, channel.myIndex, verdict.reason.code, rules);
  crankChannel(draft, channelId, rules.context);
  return accept(undefined);
}

/** Ends a top-up that nobody may deposit for any more. Whoever did not say so herself is told. */
export function endTopUp(
  draft: Draft,
  { channelId, id: objectiveId }: Objective,
  by: number,
  code: string,
  rules: Rules,
): void {
  draft.record({ type: "ObjectiveRejected", objectiveId, channelId, by, code });
  const { channel } = subjectOf(draft.tables, objectiveId);
  const isWanted = [...ledgerOf(channel).agreed.values()].some(
    (one) => one.objectiveId === objectiveId,
  );
  if (isWanted) draft.record({ type: "ProposalWithdrawn", channelId, objectiveId });
  if (by === channel.myIndex) {
    const message = { type: "ObjectiveRejection", objectiveId, channelId, code } as const;
    draft.request(...toOthers(channel, message));
  }
  crankChannel(draft, channelId, rules.context);
}

/** True once both have signed the allocation: from then on only its deposit, or the end of the ledger, ends it. */
export function isTopUpAgreed(channel: Channel, asset: Address): boolean {
  return topUpOf(supportedState(channel).variablePart.outcome, { asset }) !== undefined;
}

/** The top-ups of an asset that are not over, whoever opened them. */
export function openTopUps(
  draft: Draft,
  { id }: Channel,
  asset: Address | undefined,
): readonly Objective[] {
  const { open } = draft.tables.desks.get(id) ?? EMPTY_DESK;
  return open.flatMap((objectiveId) => {
    const objective = draft.tables.objectives.get(objectiveId);
    const { goal } = objective ?? {};
    const isOne = goal?.type === "TopUp" && (asset === undefined || goal.asset === asset);
    return objective !== undefined && isOne ? [objective] : [];
  });
}

/** Refuses what does not fit the ledger in each state that may still be the supported one. */
function checkTopUp(draft: Draft, ledger: Channel, by: number, { amount, asset }: Wish): Decision {
  if (ledger.ledger === undefined) return reject({ code: "NotALedger" });
  const { profile } = ledger.ledger;
  if (profile !== "enforceable") return reject({ code: "NotEnforceable" });
  const phase = phaseOf(ledger);
  const defund = draft.tables.objectives.get(directDefundId(ledger.id));
  const isClosing = ledger.finalSignedByMe || (defund !== undefined && isActive(defund));
  if (phase !== "Running" || isClosing) return reject({ code: "ChannelNotRunning", phase });
  for (const { variablePart } of [supportedState(ledger), ...ledger.pending.values()]) {
    const proposal = { type: "TopUp", by, asset, amount } as const;
    const changed = applyProposal(profile, ledger.id, variablePart.outcome, proposal);
    if (!changed.ok) return changed;
    const checked = checkVariablePart({ ...variablePart, outcome: changed.value });
    if (!checked.ok) return checked;
  }
  return accept(undefined);
}

/** Of two top-ups of one asset at once the leader's goes on, as long as nobody has signed the other one. */
function yieldTo(
  draft: Draft,
  ledger: Channel,
  by: number,
  asset: Address,
  rules: Rules,
): Decision {
  for (const running of openTopUps(draft, ledger, asset)) {
    const isSigned = mayHoldTopUp(ledger, asset);
    if (by !== LEADER || running.openedBy === by || isSigned) {
      return reject({ code: "TopUpRunning", asset });
    }
    endTopUp(draft, running, ledger.myIndex, "TopUpRunning", rules);
  }
  return accept(undefined);
}
