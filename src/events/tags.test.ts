/** Which events are found by which tag. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import { sampleEvents } from "../../test/sample-events.ts";
import {
  SAMPLE_ADDRESS,
  SAMPLE_CHANNEL_ID,
  SAMPLE_OBJECTIVE_ID,
} from "../../test/sample-messages.ts";
import type { Address } from "../crypto/address.ts";
import type { Message } from "../messages/message.ts";
import type { NodeEvent } from "./event.ts";
import { createTagsOf } from "./tags.ts";

const tagsOf = createTagsOf();

const samples = Object.values(sampleEvents).flat() as readonly NodeEvent[];
const objective = `objective:${SAMPLE_OBJECTIVE_ID}` as const;
const channel = `channel:${SAMPLE_CHANNEL_ID}` as const;
const peer = `peer:${SAMPLE_ADDRESS}` as const;

describe("tagsOf", () => {
  invariant("an event is found by every entity that it names", () => {
    for (const event of samples) {
      const tags = tagsOf(event);
      const subject = event.type === "MessageSent" ? event.message : event;
      const isOfObjective =
        event.type === "ProposalSigned" || event.type === "ProposalReceived"
          ? event.changes.length > 0
          : "objectiveId" in subject && subject.objectiveId !== undefined;
      expect(tags.includes(objective)).toBe(isOfObjective);
      expect(tags.includes(channel)).toBe("channelId" in subject);
      expect(new Set(tags).size).toBe(tags.length);
    }
  });

  unit(
    "a sent message is found by its peer, and by the objective and the channel that it names",
    () => {
      const tagsOfSent = (type: Message["type"]): unknown =>
        sampleEvents.MessageSent.filter(({ message }) => message.type === type).map(tagsOf)[0];

      expect(tagsOfSent("SignedState")).toEqual([peer, objective, channel]);
      expect(tagsOfSent("ObjectiveRejection")).toEqual([peer, objective, channel]);
      expect(tagsOfSent("Prefund")).toEqual([peer]);
    },
  );

  unit("what another node said or confirmed is found by that node", () => {
    const { MessageAcked, MessageDropped, MessageReceived } = sampleEvents;

    for (const event of [...MessageAcked, ...MessageDropped, ...MessageReceived]) {
      expect(tagsOf(event)).toEqual([peer]);
    }
  });

  unit("what is about the log or the chain as such has no tag", () => {
    const { ChainReorged, ClockHeld, SnapshotCreated } = sampleEvents;

    for (const event of [...ChainReorged, ...ClockHeld, ...SnapshotCreated]) {
      expect(tagsOf(event)).toEqual([]);
    }
  });

  unit("a granted wish is found by its key, and by its objective where it has one", () => {
    const tags = sampleEvents.RequestAnswered.map(tagsOf);
    const key = `request:0x${"6b".repeat(32)}` as const;

    expect(tags).toEqual([[key, objective], [key]]);
  });

  unit("gives the right tag for more entities than it remembers, twice over", () => {
    const eventOf = (id: number): NodeEvent => {
      const someone = `0x${id.toString(16).padStart(40, "0")}` as Address;
      return { type: "MessageAcked", peer: someone, upTo: 1, head: undefined };
    };
    const told = (): readonly unknown[] =>
      Array.from({ length: 25_000 }, (_, id) => tagsOf(eventOf(id))[0]);

    const expected = Array.from(
      { length: 25_000 },
      (_, id) => `peer:0x${id.toString(16).padStart(40, "0")}`,
    );
    expect(told()).toEqual(expected);
    expect(told()).toEqual(expected);
  });
});
