/** The virtual network loses, doubles and delays as it was told to, and tells the trace. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../test/kind.ts";
import { Timeline } from "./timeline.ts";
import { Trace } from "./trace.ts";
import { conditionsOf, type NetworkConditions, Wire } from "./wire.ts";

type Arrival = { readonly from: string; readonly byte: number | undefined; readonly atMs: number };

/** Sends `count` frames of one byte from a to b, and lets all of them arrive. */
function send(network: NetworkConditions, count: number, seed = 1) {
  const timeline = new Timeline(500);
  const trace = new Trace();
  const wire = new Wire({
    seed,
    timeline,
    trace,
    startMs: 500,
    conditionsOf: (from, to) => conditionsOf(network, from, to),
  });
  const arrivals: Arrival[] = [];
  wire.transportOf("b").listen((from, frame) => {
    arrivals.push({ from, byte: frame[0], atMs: timeline.nowMs - 500 });
  });
  const { send: sendFrame } = wire.transportOf("a");
  for (let n = 0; n < count; n++) sendFrame("b", Uint8Array.of(n % 256));
  const arrive = (): void => {
    while (timeline.step());
  };
  return { wire, trace, arrivals, arrive, sendFrame };
}

const EXACT = { latencyMs: [20, 20], slowFraction: 0 } as const;

describe("Wire", () => {
  unit("brings a frame to the one it is for, after the latency, from the one who sent it", () => {
    const { arrivals, arrive, trace } = send(EXACT, 1);

    arrive();

    expect(arrivals).toEqual([{ from: "a", byte: 0, atMs: 20 }]);
    expect(trace.entries).toEqual([
      { type: "Frame", atMs: 0, from: "a", to: "b", arrivesAtMs: [20], bytes: "0x00" },
    ]);
  });

  unit("loses every frame where all are lost, and says so in the trace", () => {
    const { arrivals, arrive, trace } = send({ ...EXACT, dropFraction: 1 }, 3);

    arrive();

    expect(arrivals).toEqual([]);
    expect(trace.entries.map((entry) => entry.type === "Frame" && entry.arrivesAtMs)).toEqual([
      [],
      [],
      [],
    ]);
  });

  unit("brings every frame twice where all are doubled", () => {
    const { arrivals, arrive } = send({ ...EXACT, duplicateFraction: 1 }, 2);

    arrive();

    expect(arrivals.map(({ byte }) => byte).sort()).toEqual([0, 0, 1, 1]);
  });

  unit("loses about the fraction that it was told to, and lets frames overtake each other", () => {
    const { arrivals, arrive } = send({ latencyMs: [1, 100], dropFraction: 0.3 }, 200);

    arrive();

    const order = arrivals.map(({ byte }) => byte ?? 0);
    expect(Math.abs(order.length - 140)).toBeLessThan(35);
    expect(order).not.toEqual(order.toSorted((one, other) => one - other));
  });

  unit("treats one direction of one link by its own conditions", () => {
    const links = { "a>b": { dropFraction: 1 } } as const;

    expect(conditionsOf({ ...EXACT, links }, "a", "b").dropFraction).toBe(1);
    expect(conditionsOf({ ...EXACT, links }, "b", "a").dropFraction).toBe(0);
  });

  unit("brings nothing to a node that is off the network, nor back what it missed", () => {
    const { arrivals, arrive, wire } = send(EXACT, 1);

    wire.disconnect("b");
    arrive();
    wire.transportOf("b").listen(() => arrivals.push({ from: "?", byte: 0, atMs: 0 }));
    arrive();

    expect(arrivals).toEqual([]);
  });

  unit("keeps the bytes as they were sent, whatever the sender does with them later", () => {
    const { arrivals, arrive, sendFrame } = send(EXACT, 0);
    const bytes = Uint8Array.of(7);

    sendFrame("b", bytes);
    bytes[0] = 8;
    arrive();

    expect(arrivals[0]?.byte).toBe(7);
  });

  property("gives the n-th frame of a link its fate, however many follow", () => {
    const conditions = {
      dropFraction: 0.3,
      duplicateFraction: 0.3,
      latencyMs: [1, 5_000],
    } as const;
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), (seed, count) => {
        const few = send(conditions, count, seed).trace.entries;
        const many = send(conditions, count + 5, seed).trace.entries;
        expect(many.slice(0, count)).toEqual(few);
      }),
    );
  });
});
