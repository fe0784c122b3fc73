/** Top-ups of ledger channels: asked for by this node's user, or by the peer. */

import { type Channel, ledgerOf, supportedState } from "../channel/channel.ts";
import { topUpOf } from "../channel/ledger.ts";
import { applyProposal } from "../channel/ledger-outcome.ts";
import { isTopUpId, type ObjectiveId, topUpId } from "../channel/objective-id.ts";
import { checkVariablePart } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { LedgerMessage } from "../messages/message.ts";
import { marked } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Objective } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { crankChannel } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
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
  const free = checkNothing(wishesBeside(draft, ledger, asset));
  if (!free.ok) return free;
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
  if (known !== undefined) return marked("top-up/asked-again", accept(undefined));
  const checked = checkTopUp(draft, ledger, by, { asset, amount });
  if (!checked.ok) return checked;
  const free = yieldTo(draft, ledger, by, wishesBeside(draft, ledger, asset), rules);
  if (!free.ok) return free;
  draft.record({
    type: "ObjectiveCreated",
    objectiveId,
    channelId,
    goal: { type: "TopUp", asset, amount },
    openedBy: by,
  });
  judgeWish(draft, objectiveId, rules);
  return accept(undefined);
}

/** True once both have signed the allocation: from then on only its deposit, or the end of the ledger, ends it. */
export function isTopUpAgreed(channel: Channel, asset: Address): boolean {
  return topUpOf(supportedState(channel).variablePart.outcome, { asset }) !== undefined;
}

/** What cannot go on beside a top-up: another one of the asset, or a withdrawal. */
function wishesBeside(draft: Draft, ledger: Channel, asset: Address): readonly Objective[] {
  const withdrawal = openWithdrawal(draft, ledger);
  return [...openTopUps(draft, ledger, asset), ...(withdrawal === undefined ? [] : [withdrawal])];
}

/** Refuses what does not fit the ledger in each state that may still be the supported one. */
function checkTopUp(draft: Draft, ledger: Channel, by: number, { amount, asset }: Wish): Decision {
  const running = checkRunning(draft, ledger);
  if (!running.ok) return running;
  const { profile } = ledgerOf(ledger);
  for (const { variablePart } of [supportedState(ledger), ...ledger.pending.values()]) {
    const proposal = { type: "TopUp", by, asset, amount } as const;
    const changed = applyProposal(profile, ledger.id, variablePart.outcome, proposal);
    if (!changed.ok) return changed;
    const checked = checkVariablePart({ ...variablePart, outcome: changed.value });
    if (!checked.ok) return checked;
  }
  return accept(undefined);
}
