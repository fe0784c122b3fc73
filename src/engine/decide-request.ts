/** Turns a user's request into an objective, or says why not. */
import { phaseOf } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import {
  directDefundId,
  directFundId,
  type ObjectiveId,
  updateId,
} from "../channel/objective-id.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Goal } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { proposeChange } from "../protocols/update.ts";
import { checkClosing, mayAskAgain } from "./closing.ts";
import { crankChannel } from "./crank-channel.ts";
import { topUp } from "./decide-top-up.ts";
import { withdraw } from "./decide-withdrawal.ts";
import { requestDispute } from "./dispute.ts";
import type { Draft } from "./draft.ts";
import { EMPTY_DESK } from "./node-state.ts";
import { checkOwner } from "./ownership.ts";
import { isPlayedOnChain, playOnChain } from "./play-on-chain.ts";
import type { Request } from "./request.ts";
import { defundVirtually, fundVirtually } from "./request-virtual.ts";
import { checkOpening, type Rules, useOfApp } from "./rules.ts";

/** Decides a request over a draft. `channelNonce` makes a new channel's id new. */
export function decideRequest(
  draft: Draft,
  request: Request,
  channelNonce: bigint,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  switch (request.type) {
    case "FundDirectly":
      return fundDirectly(draft, request, channelNonce, rules);
    case "DefundDirectly": {
      const { channelId } = request;
      return open(draft, channelId, directDefundId(channelId), { type: "DirectDefund" }, rules);
    }
    case "UpdateChannel":
      return update(draft, request, rules);
    case "FundVirtually":
      return fundVirtually(draft, request, channelNonce, rules);
    case "TopUp":
      return topUp(draft, request, channelNonce, rules);
    case "Withdraw":
      return withdraw(draft, request, channelNonce, rules);
    case "Dispute":
      return requestDispute(draft, request.channelId, rules);
    case "DefundVirtually":
      return defundVirtually(draft, request.channelId, rules);
  }
}

function fundDirectly(
  draft: Draft,
  request: Request & { type: "FundDirectly" },
  channelNonce: bigint,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const { appData, appDefinition, challengeDurationSec, outcome, participants } = request;
  const fixedPart: FixedPart = { participants, channelNonce, appDefinition, challengeDurationSec };
  const checked = checkOpening({ fixedPart, outcome, appData }, rules);
  if (!checked.ok) return checked;
  const channelId = channelIdOf(fixedPart);
  if (draft.tables.channels.get(channelId) !== undefined) return reject({ code: "ChannelIdUsed" });

  const objectiveId = directFundId(channelId);
  const myIndex = participants.indexOf(rules.me);
  const goal: Goal = { type: "DirectFund" };
  const use = useOfApp(appDefinition, rules);
  draft.record(
    { type: "ChannelCreated", channelId, fixedPart, myIndex, outcome, appData, use },
    { type: "ObjectiveCreated", objectiveId, channelId, goal, openedBy: myIndex },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
  crankChannel(draft, channelId, rules.context);
  return accept(objectiveId);
}

function update(
  draft: Draft,
  { change, channelId }: Request & { type: "UpdateChannel" },
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return reject({ code: "UnknownChannel" });
  if (isPlayedOnChain(channel)) return playOnChain(draft, channel, change, rules);
  const { updatesAsked } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
  const free = checkOwner(draft, channel);
  if (!free.ok) return free;
  const proposed = proposeChange(channel, channel.myIndex, change, rules.context);
  if (!proposed.ok) return proposed;
  const objectiveId = updateId(channelId, channel.myIndex, updatesAsked[channel.myIndex] ?? 0);
  return open(draft, channelId, objectiveId, { type: "Update", change }, rules);
}

function open(
  draft: Draft,
  channelId: ChannelId,
  objectiveId: ObjectiveId,
  goal: Goal,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined) return reject({ code: "UnknownChannel" });
  const known = draft.tables.objectives.get(objectiveId);
  if (known !== undefined && !mayAskAgain(channel, known)) {
    return reject({ code: "ObjectiveIdUsed" });
  }
  const phase = phaseOf(channel);
  if (phase !== "Running") return reject({ code: "ChannelNotRunning", phase });
  if (goal.type === "DirectDefund") {
    const closing = checkClosing(channel, channel.myIndex, rules.context);
    if (!closing.ok) return closing;
    if (channel.use.type === "Virtual") return reject({ code: "UnknownChannel" });
  }
  draft.record(
    { type: "ObjectiveCreated", objectiveId, channelId, goal, openedBy: channel.myIndex },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
  crankChannel(draft, channelId, rules.context);
  return accept(objectiveId);
}
