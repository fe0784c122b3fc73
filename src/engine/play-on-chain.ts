/** Moves in a game that the chain decides: signed by their mover alone, and shown. Source: ADR 0040. */
import type { Change } from "../channel/change.ts";
import { type Channel, stateAt, supportsTurn } from "../channel/channel.ts";
import { disputeId, type ObjectiveId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import { mark } from "../primitives/mark.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { newestPlayed, playOn } from "../protocols/message-log-app.ts";
import { isActive } from "../protocols/objective.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { signQuietly } from "../protocols/signing.ts";
import { crankChannel } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import type { Rules } from "./rules.ts";

/** True where a move is for the chain: in a dispute that is not over, over a game that its contract knows. */
export function isPlayedOnChain({ adjudication, isDisputed, use }: Channel): boolean {
  const hasTwin = use.type === "MessageLog" && use.hasTwin;
  return hasTwin && isDisputed && adjudication.type !== "Final";
}

/**
 * Signs a move on the newest state of the game, and shows it by the dispute that is under way, whose id is returned.
 * Nobody has to agree.
 */
export function playOnChain(
  draft: Draft,
  channel: Channel,
  change: Change,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const objectiveId = disputeId(channel.id);
  const objective = draft.tables.objectives.get(objectiveId);
  const app = rules.context.appOf(channel.fixedPart.appDefinition);
  if (app?.type !== "MessageLog" || change.type !== "Play")
    return reject({ code: "AppNotAllowed" });
  // Also while a reorganisation has taken deposits, or nobody knows which endpoint is right.
  if (draft.isHeld(channel)) return reject({ code: "Resyncing" });
  if (objective === undefined || !isActive(objective) || channel.finalSignedByMe) {
    return reject({ code: "ChannelNotRunning", phase: "Disputed" });
  }
  // The game begins behind the opening: a move in the place of the postfund would be another state for its turn.
  if (!supportsTurn(channel, TURN.postfund)) {
    return reject({ code: "ChannelNotRunning", phase: "Funding" });
  }
  const from = newestPlayed(channel, app).variablePart;
  const turnNum = from.turnNum + 1;
  const isTaken = (channel.mySignedTurn ?? -1) >= turnNum;
  if (isTaken || stateAt(channel, turnNum) !== undefined) return reject({ code: "NotYourTurn" });
  const played = playOn(channel, from, { by: channel.myIndex, change, turnNum }, app);
  if (!played.ok) return played;
  mark("game/moved-on-chain");
  draft.record(...signQuietly({ channel, objective }, played.value, rules.context));
  crankChannel(draft, channel.id, rules.context);
  return accept(objectiveId);
}
