/** The oracle is alive: it names who broke which rule, and where. */
import { describe, expect } from "bun:test";
import type { NodeEvent } from "../../src/events/event.ts";
import { unit } from "../../test/kind.ts";
import { SAMPLE_ADDRESS } from "../../test/sample-messages.ts";
import { checkCausality } from "./causality.ts";

const acked = (upTo: number): NodeEvent => ({
  type: "MessageAcked",
  peer: SAMPLE_ADDRESS,
  upTo,
  head: undefined,
});

/** A node of which the oracle sees no more than its name and its log. */
function nodeWith(events: readonly NodeEvent[]): Parameters<typeof checkCausality>[0] {
  const readFrom = async function* (): AsyncGenerator<unknown> {
    for (const [offset, event] of events.entries()) yield { offset, event };
  };
  return { parts: { name: "alice" }, store: { readFrom } } as never;
}

describe("checkCausality", () => {
  unit("finds nothing in a log that keeps the rules", async () => {
    expect(await checkCausality(nodeWith([{ type: "ClockHeld", askedMs: 1, heldMs: 2 }]))).toEqual(
      [],
    );
  });

  unit("names the node, the offset and the rule", async () => {
    const node = nodeWith([{ type: "ClockHeld", askedMs: 1, heldMs: 2 }, acked(1)]);

    expect(await checkCausality(node)).toEqual([
      {
        oracle: "causal rules",
        message: `alice's log at offset 1: ${SAMPLE_ADDRESS} acknowledges message 1, the last one sent was 0 (AcknowledgedUnsent)`,
      },
    ]);
  });
});
