/** What the sending half believes of a peer, and what not. */
import { describe, expect } from "bun:test";
import { adversarial, invariant, unit } from "../../test/kind.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { AcknowledgedFrame, DataFrame, Refusal } from "./frame.ts";
import { PAYLOAD_BYTES_MAX, SEND_WINDOW, SEQUENCE_MAX } from "./limits.ts";
import { Outgoing } from "./outgoing.ts";

const message = (sequence: number): { sequence: number; payload: Uint8Array } => ({
  sequence,
  payload: new Uint8Array(1),
});
const messages = (from: number, to: number): ReturnType<typeof message>[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
const acknowledged = (upTo: number, refused: readonly Refusal[] = []): AcknowledgedFrame => ({
  type: "Acknowledged",
  upTo,
  refused,
  head: undefined,
});

/** An outgoing half with what it sent and its timers: what each runs, and after how long. */
function createOutgoing(onSent: (sent: readonly DataFrame[]) => void = () => undefined): {
  readonly outgoing: Outgoing;
  readonly sent: DataFrame[];
  readonly timers: Map<() => void, number>;
  readonly expire: () => number;
} {
  const sent: DataFrame[] = [];
  const timers = new Map<() => void, number>();
  const outgoing = new Outgoing({
    transmit: (frame) => {
      sent.push(frame);
      onSent(sent);
    },
    clock: {
      nowMs: () => 0,
      after: (delayMs, run) => {
        timers.set(run, delayMs);
        return () => timers.delete(run);
      },
    },
    resendAfterMs: 1000,
  });
  const expire = (): number => {
    const [run, delayMs] = assertDefined([...timers][0], "a timer");
    timers.delete(run);
    run();
    return delayMs;
  };
  return { outgoing, sent, timers, expire };
}

describe("outgoing", () => {
  adversarial("answers a thousand greetings with one repetition, until the timer has run", () => {
    const { expire, outgoing, sent, timers } = createOutgoing();
    for (const one of messages(1, 8)) outgoing.send(one);

    for (let n = 0; n < 1_000; n += 1) outgoing.hearGreeting();
    expect(sent.length).toBe(16);

    expire();
    outgoing.hearGreeting();
    expect(sent.length).toBe(32);
    expect(timers.size).toBe(1);
  });

  unit("answers each greeting while a peer settles what it gets", () => {
    const { outgoing, sent } = createOutgoing();

    for (let n = 1; n <= 3; n += 1) {
      outgoing.send(message(n));
      outgoing.hearGreeting();
      outgoing.acknowledge(acknowledged(n));
    }

    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  unit("sends what earlier lives left, and names its lowest in each frame", () => {
    const { outgoing, sent } = createOutgoing();

    outgoing.resume(6, messages(5, 6));
    outgoing.send(message(7));

    expect(sent.map(({ sequence, lowest }) => [sequence, lowest])).toEqual([
      [5, 5],
      [6, 5],
      [7, 5],
    ]);
  });

  unit("lets the rest wait in order and sends it when the window moves", () => {
    const { outgoing, sent } = createOutgoing();

    for (const next of messages(1, 40)) outgoing.send(next);
    const first = sent.length;
    outgoing.acknowledge(acknowledged(3));

    expect(first).toBe(SEND_WINDOW);
    expect(sent.slice(first).map(({ sequence, lowest }) => [sequence, lowest])).toEqual([
      [33, 4],
      [34, 4],
      [35, 4],
    ]);
  });

  unit("keeps one timer while something is under way, and none otherwise", () => {
    const { outgoing, timers } = createOutgoing();
    const counts = [timers.size];

    outgoing.send(message(1));
    outgoing.send(message(2));
    counts.push(timers.size);
    outgoing.acknowledge(acknowledged(1));
    counts.push(timers.size);
    outgoing.acknowledge(acknowledged(2));
    counts.push(timers.size);
    outgoing.send(message(3));
    outgoing.close();

    expect([...counts, timers.size]).toEqual([0, 1, 1, 0, 0]);
  });

  unit("repeats all after 1 s, then the oldest alone after 2, 4, 8, 16, and each 30 s", () => {
    const { outgoing, sent, expire } = createOutgoing();
    for (const next of messages(1, 2)) outgoing.send(next);

    const delaysMs = Array.from({ length: 7 }, expire);

    expect(delaysMs).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 1, 2, 1, 1, 1, 1, 1, 1]);
  });

  unit("repeats the rest at once, and waits 1 s again, when a silent peer is back", () => {
    const { outgoing, sent, expire } = createOutgoing();
    for (const next of messages(1, 3)) outgoing.send(next);
    Array.from({ length: 3 }, expire);
    const before = sent.length;

    outgoing.acknowledge(acknowledged(1));

    expect(sent.slice(before).map(({ sequence, lowest }) => [sequence, lowest])).toEqual([
      [2, 2],
      [3, 2],
    ]);
    expect(expire()).toBe(1000);
  });

  unit("repeats nothing at the end of a wait in which the peer settled something", () => {
    const { outgoing, sent, timers, expire } = createOutgoing();
    for (const next of messages(1, 2)) outgoing.send(next);
    outgoing.acknowledge(acknowledged(1));

    expire();

    expect(sent).toHaveLength(2);
    expect([...timers.values()]).toEqual([1000]);
  });

  unit("settles refused messages apart from accepted ones, and each once", () => {
    const { outgoing } = createOutgoing();
    outgoing.resume(3, messages(1, 3));
    const refused = [{ sequence: 2, code: "Unwanted" }];

    expect(outgoing.acknowledge(acknowledged(2, refused))).toEqual({ type: "Progress", refused });
    expect(outgoing.acknowledge(acknowledged(2, refused))).toEqual({ type: "Stale" });
    expect(outgoing.acknowledge(acknowledged(1))).toEqual({ type: "Stale" });
  });

  unit("believes an answer to what an earlier life may have sent", () => {
    const { outgoing, sent } = createOutgoing();
    outgoing.resume(100, messages(1, 100));

    const settlement = outgoing.acknowledge(acknowledged(100));

    expect(settlement).toEqual({ type: "Progress", refused: [] });
    expect(sent).toHaveLength(SEND_WINDOW);
  });

  unit("believes a refusal of what an earlier life may have sent", () => {
    const { outgoing } = createOutgoing();
    outgoing.resume(40, messages(1, 40));
    const refused = [{ sequence: 40, code: "Unwanted" }];

    expect(outgoing.acknowledge(acknowledged(40, refused))).toEqual({ type: "Progress", refused });
  });

  unit("repeats nothing that was settled by the answer to the frame before", () => {
    const { outgoing, sent, expire, timers } = createOutgoing((frames) => {
      if (frames.length === 4) outgoing.acknowledge(acknowledged(3));
    });
    for (const next of messages(1, 3)) outgoing.send(next);

    expire();

    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 1]);
    expect(timers.size).toBe(0);
  });

  invariant("messages out of order or too large are a bug of this node", () => {
    const { outgoing } = createOutgoing();
    outgoing.send(message(2));
    const payload = new Uint8Array(PAYLOAD_BYTES_MAX + 1);

    expect(() => outgoing.send(message(2))).toThrow("sequences rise");
    expect(() => outgoing.send(message(2.5))).toThrow("sequences rise");
    expect(() => outgoing.send(message(SEQUENCE_MAX + 1))).toThrow("fit the wire");
    expect(() => outgoing.send({ sequence: 3, payload })).toThrow("fit the wire");
  });
});

describe("attacks on outgoing", () => {
  adversarial("an acknowledgement of what was never sent settles nothing", () => {
    const { outgoing } = createOutgoing();
    for (const next of messages(1, 40)) outgoing.send(next);
    const refused = [{ sequence: 40, code: "Unwanted" }];

    const beyondAll = outgoing.acknowledge(acknowledged(SEQUENCE_MAX));
    const beyondSent = outgoing.acknowledge(acknowledged(33, refused));

    expect([beyondAll.type, beyondSent.type]).toEqual(["AcknowledgedUnsent", "AcknowledgedUnsent"]);
    expect(outgoing.acknowledge(acknowledged(32, refused))).toEqual({
      type: "Progress",
      refused: [],
    });
  });

  adversarial(
    "an acknowledgement before anything was sent tells of a log that lost it, or lies",
    () => {
      const { outgoing, timers } = createOutgoing();

      expect(outgoing.acknowledge(acknowledged(7))).toEqual({ type: "AcknowledgedUnsent" });
      expect(timers.size).toBe(0);
    },
  );

  adversarial("a refusal named twice is told once", () => {
    const { outgoing } = createOutgoing();
    outgoing.send(message(1));
    const refusal = { sequence: 1, code: "Unwanted" };

    const settlement = outgoing.acknowledge(acknowledged(1, [refusal, refusal]));

    expect(settlement).toEqual({ type: "Progress", refused: [refusal] });
  });
});
