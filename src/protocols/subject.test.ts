/** What of a subject a fact changes, and what it leaves as it is. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { sampleEvents } from "../../test/sample-events.ts";
import { type Channel, createChannel } from "../channel/channel.ts";
import { assertDefined } from "../primitives/assert.ts";
import { createObjective } from "./objective.ts";
import {
  evolveOneChannel,
  evolveOneObjective,
  leavesChannel,
  type ProtocolEvent,
} from "./subject.ts";

const created = sampleOf("ChannelCreated");
const objectiveCreated = sampleOf("ObjectiveCreated");
const received = sampleOf("StateReceived");
const { channelId, objectiveId, variablePart } = received;

/** A channel in which a state for the objective waits: whatever ends the objective ends that too. */
const channel: Channel = {
  ...createChannel({ ...created, channelId }),
  proposal: { turnNum: 1, objectiveId },
};

const allEvents = Object.values(sampleEvents).flat() as readonly ProtocolEvent[];

describe("leavesChannel", () => {
  unit("is true for facts that leave a channel as it is", () => {
    const leaving = allEvents.filter((event) => "objectiveId" in event && leavesChannel(event));

    expect(new Set(leaving.map(({ type }) => type)).size).toBe(10);
    for (const event of leaving) expect(evolveOneChannel(channel, event)).toBe(channel);
  });

  unit("is false for the end of what a channel waits for", () => {
    const rejected = sampleOf("ObjectiveRejected");
    const after = evolveOneChannel(channel, { ...rejected, objectiveId });

    expect(leavesChannel(rejected)).toBe(false);
    expect(after?.proposal).toBeUndefined();
  });
});

describe("evolveOneObjective", () => {
  unit("makes a new objective when it gets a turn, and none for another signature on it", () => {
    const objective = createObjective({ ...objectiveCreated, objectiveId });
    const once = evolveOneObjective(objective, received);

    expect(once).toEqual({ ...objective, turnNum: variablePart.turnNum });
    expect(evolveOneObjective(once, { ...received, by: received.by + 1 })).toBe(once);
  });
});

function sampleOf<Name extends keyof typeof sampleEvents>(
  name: Name,
): (typeof sampleEvents)[Name][number] {
  return assertDefined(sampleEvents[name][0], "a sample");
}
