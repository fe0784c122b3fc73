/** What the receiving half keeps, and what it drops. */
import { describe, expect } from "bun:test";
import { adversarial, invariant, unit } from "../../test/kind.ts";
import type { DataFrame } from "./frame.ts";
import { Incoming, type Reception } from "./incoming.ts";
import { EARLY_BYTES_MAX, PAYLOAD_BYTES_MAX, RECEIVE_WINDOW } from "./limits.ts";

const data = (sequence: number, lowest = 1, sizeBytes = 1): DataFrame => ({
  type: "Data",
  sequence,
  lowest,
  payload: new Uint8Array(sizeBytes),
});

function takeAll(incoming: Incoming): number[] {
  const taken: number[] = [];
  for (let next = incoming.take(); next !== undefined; next = incoming.take()) {
    taken.push(next.sequence);
  }
  return taken;
}

/** What became of the frames, without repetition. */
const outcomes = (incoming: Incoming, frames: readonly DataFrame[]): Reception[] => [
  ...new Set(frames.map((frame) => incoming.receive(frame))),
];

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("incoming", () => {
  unit("keeps early frames until the missing one is here", () => {
    const incoming = new Incoming(4);

    incoming.receive(data(7));
    incoming.receive(data(6));
    const early = takeAll(incoming);
    incoming.receive(data(5));

    expect(early).toEqual([]);
    expect(takeAll(incoming)).toEqual([5, 6, 7]);
  });

  unit("acknowledges up to the oldest message without verdict, with its refusals", () => {
    const incoming = new Incoming(0);
    for (const sequence of range(1, 3)) incoming.receive(data(sequence));
    takeAll(incoming);

    const none = incoming.answer();
    incoming.settle(1, { type: "Refused", code: "Unwanted" });
    incoming.settle(2, { type: "Accepted" });

    expect(none).toEqual({ type: "Acknowledged", upTo: 0, refused: [] });
    expect(incoming.answer()).toEqual({
      type: "Acknowledged",
      upTo: 2,
      refused: [{ sequence: 1, code: "Unwanted" }],
    });
  });

  unit("forgets a refusal once the sender shows that it knows of it", () => {
    const incoming = new Incoming(0);
    for (const sequence of range(1, 2)) incoming.receive(data(sequence));
    takeAll(incoming);
    incoming.settle(1, { type: "Refused", code: "Unwanted" });
    incoming.settle(2, { type: "Refused", code: "Unwanted" });

    incoming.receive(data(3, 2));

    expect(incoming.answer().refused).toEqual([{ sequence: 2, code: "Unwanted" }]);
  });

  unit("tells repeated from settled frames", () => {
    const incoming = new Incoming(0);
    const first = incoming.receive(data(1));
    const early = incoming.receive(data(1));
    takeAll(incoming);
    const delivered = incoming.receive(data(1));
    incoming.settle(1, { type: "Accepted" });

    expect([first, early, delivered]).toEqual(["Held", "Repeated", "Repeated"]);
    expect(incoming.receive(data(1))).toBe("Settled");
  });

  unit("skips to the sender's lowest and drops what it kept below it", () => {
    const incoming = new Incoming(0);
    incoming.receive(data(3));
    incoming.receive(data(11, 10));
    const skipped = incoming.answer().upTo;
    incoming.receive(data(10, 10));

    expect(skipped).toBe(9);
    expect(takeAll(incoming)).toEqual([10, 11]);
  });

  unit("never goes back when an older frame names an older lowest", () => {
    const incoming = new Incoming(0);
    incoming.receive(data(10, 10));
    takeAll(incoming);

    expect(incoming.receive(data(5, 1))).toBe("Settled");
    expect(takeAll(incoming)).toEqual([]);
    expect(incoming.receive(data(11, 1))).toBe("Held");
  });

  unit("has room again for early frames once it skipped those it kept", () => {
    const incoming = new Incoming(0);
    const count = EARLY_BYTES_MAX / PAYLOAD_BYTES_MAX;
    for (const sequence of range(2, 1 + count)) {
      incoming.receive(data(sequence, 1, PAYLOAD_BYTES_MAX));
    }

    const full = incoming.receive(data(30, 1, PAYLOAD_BYTES_MAX));
    const skipped = range(101, 100 + count).map((sequence) =>
      data(sequence, 100, PAYLOAD_BYTES_MAX),
    );

    expect(full).toBe("WindowExceeded");
    expect(outcomes(incoming, skipped)).toEqual(["Held"]);
  });

  invariant("verdicts in another order than the deliveries are a bug of this node", () => {
    const incoming = new Incoming(0);
    for (const sequence of range(1, 2)) incoming.receive(data(sequence));
    takeAll(incoming);

    expect(() => incoming.settle(2, { type: "Accepted" })).toThrow("order of delivery");
    expect(() => new Incoming(0).settle(1, { type: "Accepted" })).toThrow("must exist");
  });

  invariant("a code that is no plain word is a bug of this node", () => {
    const incoming = new Incoming(0);
    incoming.receive(data(1));
    takeAll(incoming);

    expect(() => incoming.settle(1, { type: "Refused", code: "a\nb" })).toThrow("plain words");
  });
});

describe("attacks on incoming", () => {
  adversarial("a flood of future sequences leaves a window of them", () => {
    const incoming = new Incoming(0);

    const within = outcomes(
      incoming,
      range(2, RECEIVE_WINDOW).map((sequence) => data(sequence)),
    );
    const beyond = outcomes(
      incoming,
      range(65, 10_000).map((sequence) => data(sequence)),
    );
    incoming.receive(data(1));

    expect(within).toEqual(["Held"]);
    expect(beyond).toEqual(["SequenceOutOfRange"]);
    expect(takeAll(incoming)).toEqual(range(1, RECEIVE_WINDOW));
  });

  adversarial("a flood of large early frames leaves 1 MiB, and the next in order has room", () => {
    const incoming = new Incoming(0);

    for (const sequence of range(2, RECEIVE_WINDOW)) {
      incoming.receive(data(sequence, 1, PAYLOAD_BYTES_MAX));
    }
    const next = incoming.receive(data(1, 1, PAYLOAD_BYTES_MAX));

    expect(next).toBe("Held");
    expect(takeAll(incoming)).toEqual(range(1, 1 + EARLY_BYTES_MAX / PAYLOAD_BYTES_MAX));
    expect(incoming.receive(data(60, 1, PAYLOAD_BYTES_MAX))).toBe("Held");
  });

  adversarial("a sender that claims acknowledgements cannot fill a stalled engine", () => {
    const incoming = new Incoming(0);
    const delivered: number[] = [];

    for (const sequence of range(1, 10_000)) {
      incoming.receive(data(sequence, sequence));
      delivered.push(...takeAll(incoming));
    }

    expect(delivered).toEqual(range(1, RECEIVE_WINDOW));
    expect(incoming.answer().upTo).toBe(0);
  });

  adversarial("refusals that nobody asks about stay within a window", () => {
    const incoming = new Incoming(0);

    for (const sequence of range(1, 10_000)) {
      incoming.receive(data(sequence, Math.max(1, sequence - RECEIVE_WINDOW + 1)));
      takeAll(incoming);
      incoming.settle(sequence, { type: "Refused", code: "Unwanted" });
    }

    expect(incoming.answer().upTo).toBe(10_000);
    expect(incoming.answer().refused).toHaveLength(RECEIVE_WINDOW);
  });
});
