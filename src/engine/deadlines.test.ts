/** What takes too long expires, once in each life, and what is over never does. */
import { describe, expect } from "bun:test";
import { Timeline } from "../../sim/timeline.ts";
import { unit } from "../../test/kind.ts";
import { SAMPLE_CHANNEL_ID, SAMPLE_FIXED_PART } from "../../test/sample-messages.ts";
import { createChannel } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { directFundId, type ObjectiveId, virtualFundId } from "../channel/objective-id.ts";
import { TURN } from "../channel/state.ts";
import type { NodeEvent } from "../events/event.ts";
import { assertDefined } from "../primitives/assert.ts";
import {
  createObjective,
  type Goal,
  type Objective,
  type ObjectiveEvent,
} from "../protocols/objective.ts";
import {
  Deadlines,
  DISPUTE_AFTER_MS,
  PATIENCE_PER_HOP_MS,
  VIRTUAL_FUND_TIMEOUT_MS,
} from "./deadlines.ts";
import { createNodeState } from "./node-state.ts";

const OPENING = virtualFundId(SAMPLE_CHANNEL_ID);

const created = (
  objectiveId: ObjectiveId = OPENING,
  goal: Goal = { type: "VirtualFund" },
): ObjectiveEvent & { readonly type: "ObjectiveCreated" } => ({
  type: "ObjectiveCreated",
  objectiveId,
  channelId: SAMPLE_CHANNEL_ID,
  goal,
  openedBy: 0,
});

const completed: NodeEvent = {
  type: "ObjectiveCompleted",
  objectiveId: OPENING,
  channelId: SAMPLE_CHANNEL_ID,
};

const channel = {
  type: "ChannelCreated",
  channelId: SAMPLE_CHANNEL_ID,
  fixedPart: SAMPLE_FIXED_PART,
  outcome: [],
  appData: "0x",
} as const;

/** A node that is participant `myIndex`, and may have begun the opening in an earlier life. */
function createDeadlines(
  myIndex = 0,
  before: readonly Objective[] = [],
  mySignedTurn: number | undefined = undefined,
) {
  const state = createNodeState();
  const use = {
    type: "Virtual",
    profile: "enforceable",
    fees: [],
    left: undefined,
    right: undefined,
  } as const;
  const opening = createChannel({ ...channel, myIndex, use });
  state.channels.set(SAMPLE_CHANNEL_ID, { ...opening, mySignedTurn });
  for (const objective of before) state.objectives.set(objective.id, objective);
  const timeline = new Timeline(0);
  const expired: ObjectiveId[] = [];
  const stuck: ChannelId[] = [];
  const clock = {
    nowMs: () => timeline.nowMs,
    after: (delayMs: number, run: () => void) => timeline.after(delayMs, run),
  };
  return {
    state,
    timeline,
    expired,
    deadlines: new Deadlines(clock, state, {
      objective: (id) => expired.push(id),
      channel: (id) => stuck.push(id),
    }),
  };
}

describe("the deadline of an opening over intermediaries", () => {
  unit("comes a minute after it was asked for, once", () => {
    const { deadlines, expired, timeline } = createDeadlines();

    deadlines.follow([created()]);
    while (timeline.step());

    expect([timeline.nowMs, expired]).toEqual([VIRTUAL_FUND_TIMEOUT_MS, [OPENING]]);
  });

  unit("comes a minute after a start, for what was open then and not for what was over", () => {
    const open = createObjective(created());
    const over = createDeadlines(0, [{ ...open, status: "Completed" }]);
    over.deadlines.begin();
    expect(over.timeline.nextMs).toBeUndefined();

    const { deadlines, expired, timeline } = createDeadlines(0, [open]);
    deadlines.begin();
    while (timeline.step());

    expect([timeline.nowMs, expired]).toEqual([VIRTUAL_FUND_TIMEOUT_MS, [OPENING]]);
  });

  unit("comes later for each who is further from the payer", () => {
    const { deadlines, timeline } = createDeadlines(2);

    deadlines.follow([created()]);

    expect(timeline.nextMs).toBe(VIRTUAL_FUND_TIMEOUT_MS + 2 * PATIENCE_PER_HOP_MS);
  });

  unit("never comes for what has ended, nor after a stop", () => {
    for (const end of [
      (deadlines: Deadlines) => deadlines.follow([completed]),
      (deadlines: Deadlines) => deadlines.stop(),
    ]) {
      const { deadlines, timeline } = createDeadlines();
      deadlines.follow([created()]);
      expect(timeline.nextMs).toBe(VIRTUAL_FUND_TIMEOUT_MS);
      end(deadlines);
      expect(timeline.nextMs).toBeUndefined();
    }
  });

  unit("is after two hours for whoever has signed the postfund, and again after two more", () => {
    const { deadlines, expired, timeline } = createDeadlines(0, [], TURN.postfund);
    deadlines.follow([created()]);
    timeline.step();
    expect([timeline.nowMs, timeline.nextMs]).toEqual([DISPUTE_AFTER_MS, 2 * DISPUTE_AFTER_MS]);
    expect(expired).toEqual([OPENING]);
  });

  unit("goes on for who signed the postfund while her minute ran", () => {
    const { deadlines, expired, state, timeline } = createDeadlines();
    deadlines.follow([created()]);
    const opening = assertDefined(state.channels.get(SAMPLE_CHANNEL_ID), "the channel");
    state.channels.set(SAMPLE_CHANNEL_ID, { ...opening, mySignedTurn: TURN.postfund });
    timeline.step();
    expect(timeline.nextMs).toBe(VIRTUAL_FUND_TIMEOUT_MS + DISPUTE_AFTER_MS);
    expect(expired).toEqual([]);
  });

  unit("is after two hours for an opening that the chain decides", () => {
    const { deadlines, timeline } = createDeadlines();
    deadlines.follow([created(directFundId(SAMPLE_CHANNEL_ID), { type: "DirectFund" })]);
    expect(timeline.nextMs).toBe(DISPUTE_AFTER_MS);
  });
});
