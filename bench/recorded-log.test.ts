/** Recorded logs: the same in every run, nothing repeated, everything of a node's life in them. */
import { describe, expect } from "bun:test";
import { createHistory } from "../src/engine/causal-history.ts";
import { learnEvent } from "../src/engine/causal-rules.ts";
import { evolveNode } from "../src/engine/evolve-node.ts";
import { createNodeState } from "../src/engine/node-state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { integration } from "../test/kind.ts";
import { recordedBatches, recordedEvents } from "./recorded-log.ts";
import { tellStory } from "./recording-story.ts";

const LENGTH = 5_000;

function toldEvents(length: number): readonly NodeEvent[] {
  const events: NodeEvent[] = [];
  tellStory(length, (batch) => events.push(...batch.events));
  return events;
}

describe("recordedEvents", () => {
  integration("gives exactly as many events as asked, which are those of the story", () => {
    expect(recordedEvents(LENGTH)).toEqual(toldEvents(LENGTH));
  });

  integration("gives the beginning of a longer log for a shorter one", () => {
    expect(recordedEvents(LENGTH).slice(0, 500)).toEqual([...toldEvents(500)]);
  });

  integration("breaks none of the rules that an honest node's log keeps", () => {
    const history = createHistory();

    expect(recordedEvents(LENGTH).flatMap((event) => learnEvent(history, event))).toEqual([]);
  });

  integration("gives each event once, and the life of channels from opening to payout", () => {
    const events = recordedEvents(LENGTH);

    const distinct = new Set(events.map((event) => nodeCodec.contentId(event)));
    expect(distinct.size).toBe(LENGTH);
    const types = new Set<NodeEvent["type"]>(events.map(({ type }) => type));
    for (const type of ["ChannelCreated", "StateReceived", "DepositDetected"] as const) {
      expect(types).toContain(type);
    }
    expect(types).toContain("ChannelConcluded");
  });
});

describe("recordedBatches", () => {
  integration("keeps the batches of the engine, in the order of time", () => {
    const batches = [...recordedBatches(LENGTH)];

    const mean = LENGTH / batches.length;
    expect([mean > 2, mean < 10]).toEqual([true, true]);
    const times = batches.map(({ timeMs }) => timeMs);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
  });

  integration("folds into the state of a node with channels of two and three participants", () => {
    const state = recordedEvents(LENGTH).reduce(evolveNode, createNodeState());

    const sizes = [...state.channels.values()].map(
      ({ fixedPart }) => fixedPart.participants.length,
    );
    expect(new Set(sizes)).toEqual(new Set([2, 3]));
  });
});
