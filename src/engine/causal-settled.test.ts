/** What is remembered of updates that are over is all that the rules ask for, in two bits. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, invariant, property } from "../../test/kind.ts";
import { toldEvents } from "../../test/told-log.ts";
import { parseUpdateId } from "../channel/objective-id.ts";
import type { NodeEvent } from "../events/event.ts";
import { assertDefined } from "../primitives/assert.ts";
import { createHistory, type History } from "./causal-history.ts";
import { learnEvent } from "./causal-rules.ts";
import {
  type SettledStatus,
  type SettledUpdates,
  settle,
  settledStatus,
} from "./causal-settled.ts";

const EVENTS = 3_000;

const log = toldEvents(EVENTS);

function learned(events: readonly NodeEvent[]): History {
  const history = createHistory();
  for (const event of events) expect(learnEvent(history, event)).toEqual([]);
  return history;
}

type Ending = NodeEvent & { readonly type: "ObjectiveCompleted" | "ObjectiveRejected" };
type CreatedUpdate = NodeEvent & { readonly type: "ObjectiveCreated" };

/** Updates of the log that are over at its end. */
function settledIn(events: readonly NodeEvent[], type: Ending["type"]): CreatedUpdate[] {
  const endings = events.filter((event): event is Ending => event.type === type);
  const over = new Set(endings.map(({ objectiveId }) => objectiveId));
  return events.filter(
    (event): event is CreatedUpdate =>
      event.type === "ObjectiveCreated" &&
      event.goal.type === "Update" &&
      over.has(event.objectiveId),
  );
}

describe("settledStatus", () => {
  property("gives what was settled last, and nothing for other updates", () => {
    const name = fc.record({
      by: fc.nat(3),
      count: fc.oneof(fc.nat(2_000), fc.nat(Number.MAX_SAFE_INTEGER)),
    });
    const status = fc.constantFrom<SettledStatus>("Completed", "Rejected");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, status)), fc.array(name), (settled, asked) => {
        const updates: SettledUpdates = new Map();
        const expected = new Map<string, SettledStatus>();
        for (const [one, how] of settled) {
          settle(updates, one, how);
          expected.set(`${one.by} ${one.count}`, how);
        }

        for (const one of [...asked, ...settled.map(([known]) => known)]) {
          expect(settledStatus(updates, one)).toBe(expected.get(`${one.by} ${one.count}`));
        }
      }),
    );
  });
});

describe("a history", () => {
  invariant("holds no update that is over, in a log with hundreds of them", () => {
    const { channels, objectives } = learned(log);

    const over = settledIn(log, "ObjectiveCompleted");
    expect(over.length).toBeGreaterThan(100);
    expect(over.filter(({ objectiveId }) => objectives.has(objectiveId))).toEqual([]);
    const open = [...objectives].filter(([id, { channelId }]) => parseUpdateId(channelId, id));
    expect(open.length).toBeLessThan(channels.size * 4);
  });

  adversarial("finds an update that begins again, goes on, or is signed after its end", () => {
    const [first] = settledIn(log, "ObjectiveCompleted");
    const { channelId, objectiveId } = assertDefined(first, "an update that is over");
    const signed = log.findLast((event) => event.type === "StateSigned");
    const again: readonly (readonly [NodeEvent, string])[] = [
      [assertDefined(first, "it"), "ObjectiveTwice"],
      [{ type: "ObjectiveApproved", channelId, objectiveId }, "ObjectiveOutOfOrder"],
      [{ type: "ObjectiveCompleted", channelId, objectiveId }, "ObjectiveOutOfOrder"],
      [
        { ...assertDefined(signed, "a state"), channelId, objectiveId } as NodeEvent,
        "SignedUnapproved",
      ],
    ];
    for (const [event, code] of again) {
      const codes = learnEvent(learned(log), event).map((rule) => rule.code as string);

      expect(codes).toContain(code);
    }
  });
});
