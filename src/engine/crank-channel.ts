/** Cranks every open objective of a channel until none can go on by itself. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { crank as crankDirectDefund, type DirectDefundWait } from "../protocols/direct-defund.ts";
import { crank as crankDirectFund, type DirectFundWait } from "../protocols/direct-fund.ts";
import type { Context, Step } from "../protocols/protocol.ts";
import type { Subject } from "../protocols/subject.ts";
import { crank as crankUpdate, type UpdateWait } from "../protocols/update.ts";
import type { Draft } from "./draft.ts";
import { EMPTY_DESK, type NodeTables } from "./node-state.ts";
import { settleDoubt } from "./settle-doubt.ts";

/** Everything that an objective can wait for. */
export type WaitingFor =
  | DirectFundWait
  | DirectDefundWait
  | UpdateWait
  | "Approval"
  /** Another participant has yet to tell what it holds: see `fence.ts`. */
  | "Resync"
  | "Nothing";

/**
 * Rounds after which a crank that still finds something to do will never end: 10,000. Each objective
 * climbs a few rungs and then rests, and a channel has far fewer of them open.
 */
const ROUNDS_MAX = 10_000;

/**
 * Cranks until a whole round adds nothing. What one objective records, the next one sees. While the channel
 * is held nothing is cranked: whatever follows would rest on a state that may be an old one.
 */
export function crankChannel(draft: Draft, channelId: ChannelId, context: Context): void {
  const channel = draft.tables.channels.get(channelId);
  if (channel === undefined || draft.isHeld(channel)) return;
  let before: number;
  let rounds = 0;
  do {
    before = draft.events.length;
    rounds += 1;
    assert(rounds <= ROUNDS_MAX, "a crank comes to rest");
    const { open } = draft.tables.desks.get(channelId) ?? EMPTY_DESK;
    for (const objectiveId of open) {
      settleDoubt(draft, channelId);
      crankOne(draft, objectiveId, context);
    }
    settleDoubt(draft, channelId);
  } while (draft.events.length > before);
}

/** What an objective waits for at this moment. */
export function waitingFor(subject: Subject, context: Context): WaitingFor {
  if (subject.objective.status === "Unapproved") return "Approval";
  return subject.objective.status === "Approved" ? crank(subject, context).waitingFor : "Nothing";
}

/** An objective and its channel, as the tables have them. */
export function subjectOf(tables: NodeTables, objectiveId: ObjectiveId): Subject {
  const objective = assertDefined(tables.objectives.get(objectiveId), "the objective");
  const channel = assertDefined(tables.channels.get(objective.channelId), "its channel");
  return { objective, channel };
}

function crankOne(draft: Draft, objectiveId: ObjectiveId, context: Context): void {
  const subject = subjectOf(draft.tables, objectiveId);
  if (subject.objective.status !== "Approved") return;
  const step = crank(subject, context);
  draft.record(...step.events);
  draft.request(...step.effects);
  const { channelId, status } = subjectOf(draft.tables, objectiveId).objective;
  if (step.waitingFor === "Nothing" && status === "Approved") {
    draft.record({ type: "ObjectiveCompleted", objectiveId, channelId });
  }
}

function crank(subject: Subject, context: Context): Step<WaitingFor> {
  switch (subject.objective.goal.type) {
    case "DirectFund":
      return crankDirectFund(subject, context);
    case "DirectDefund":
      return crankDirectDefund(subject, context);
    case "Update":
      return crankUpdate(subject, context);
  }
}
