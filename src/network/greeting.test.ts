/** How two sessions begin: one greets, the other says how far the two are, and then messages flow. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import type { RecordHash } from "../events/record.ts";
import type { LogHead } from "../events/record-head.ts";
import { decodeFrame, encodeFrame, type Frame } from "./frame.ts";
import type { Standing } from "./greeter.ts";
import { FRAME_BYTES_MAX, RECEIVE_WINDOW, SEQUENCE_CLAIM_MAX } from "./limits.ts";
import { Session, type SessionHeads } from "./session.ts";

const ALICE = `0x${"a1".repeat(20)}` as Address;
const FRESH: Standing = { lastSent: 0, settledUpTo: 0, lastReceived: 0 };
const NONCE = 77;

const headOf = (length: number): LogHead => ({
  length,
  hash: `0x${"4d".repeat(32)}` as RecordHash,
});
/** Of a node whose log is empty. */
const NO_HEADS: SessionHeads = { mine: () => headOf(0), heldOf: () => undefined };

/** Bob's session towards Alice, with all it does in order. */
function createSession(heads: SessionHeads = NO_HEADS) {
  const log: string[] = [];
  const timers = new Set<() => void>();
  let receive: (bytes: Uint8Array) => void = () => undefined;
  const session = new Session(
    {
      transport: {
        send: (_, bytes) => {
          const frame = decodeFrame(bytes);
          log.push(frame.ok ? textOf(frame.value) : "no frame");
        },
        listen: (onFrame) => {
          receive = (bytes) => onFrame(ALICE, bytes);
        },
      },
      clock: {
        nowMs: () => 0,
        after: (_, run) => {
          timers.add(run);
          return () => timers.delete(run);
        },
      },
      endpointOf: () => ALICE,
      peerAt: () => ALICE,
      heads,
    },
    {
      deliver: (_, sequence) => log.push(`deliver ${sequence}`),
      acknowledged: (_, upTo, head) => log.push(`acknowledged ${upTo}${textOfHead(head)}`),
      refused: () => undefined,
      welcomed: (_, { lastReceived, lastSent, settledUpTo }, head) =>
        log.push(`welcomed ${lastSent} ${settledUpTo} ${lastReceived}${textOfHead(head)}`),
      doubted: () => log.push("doubted"),
      report: ({ code }) => log.push(code),
    },
  );
  const expire = (): void => {
    const [timer] = timers;
    if (timer === undefined) throw new Error("no timer");
    timers.delete(timer);
    timer();
  };
  return { session, log, timers, expire, take: (frame: Frame) => receive(encodeFrame(frame)) };
}

/** Logs without a record are the rule here, and not told. */
const textOfHead = (head: LogHead | undefined): string =>
  head === undefined || head.length === 0 ? "" : `, head ${head.length}`;

function textOf(frame: Frame): string {
  switch (frame.type) {
    case "Data":
      return `send ${frame.sequence}`;
    case "Acknowledged":
      return `acknowledge ${frame.upTo}${textOfHead(frame.head)}`;
    case "Greeting":
      return `greet ${frame.nonce} ${frame.lastSent} ${frame.lastReceived}`;
    case "Welcome":
      return `welcome ${frame.nonce} ${frame.lastSent} ${frame.settledUpTo} ${frame.lastReceived}${textOfHead(frame.head)}`;
  }
}

const data = (sequence: number): Frame => ({
  type: "Data",
  sequence,
  lowest: 1,
  payload: new Uint8Array(8),
});
const welcome = (nonce: number, lastReceived = 0, head?: LogHead): Frame => ({
  type: "Welcome",
  nonce,
  lastSent: 4,
  settledUpTo: 3,
  lastReceived,
  head,
});

describe("a greeting", () => {
  unit("is repeated until it is answered, and the answer is told once", () => {
    const { session, log, timers, expire, take } = createSession();

    session.greet(ALICE, NONCE, { lastSent: 9, settledUpTo: 8, lastReceived: 5 });
    expire();
    take(welcome(NONCE, 9));
    take(welcome(NONCE, 9));

    expect(log).toEqual(["greet 77 9 5", "greet 77 9 5", "welcomed 4 3 9"]);
    expect(timers.size).toBe(0);
  });

  unit("takes no answer to an earlier one", () => {
    const { session, log, take } = createSession();

    session.greet(ALICE, NONCE, FRESH);
    session.greet(ALICE, NONCE + 1, FRESH);
    take(welcome(NONCE));

    expect(log).toEqual(["greet 77 0 0", "greet 78 0 0"]);
  });

  unit("is answered with how far the conversation is, and wakes what is under way", () => {
    const { session, log, take } = createSession();
    const unacknowledged = [{ sequence: 6, payload: new Uint8Array() }];
    session.resume(ALICE, { lastSent: 6, lastReceived: 2, unacknowledged });

    take({ type: "Greeting", nonce: 5, lastSent: 2, lastReceived: 6 });

    expect(log).toEqual(["send 6", "welcome 5 6 5 2", "send 6"]);
  });

  unit(
    "ends with a peer who is forgotten: nothing of it is left, and a new one begins as the first",
    () => {
      const { session, log, take, timers } = createSession();

      session.greet(ALICE, NONCE, FRESH);
      take(data(1));
      expect(session.isGreeting(ALICE)).toBe(true);
      session.forget(ALICE);
      expect(session.isGreeting(ALICE)).toBe(false);
      expect(timers.size).toBe(0);
      take({ type: "Welcome", nonce: NONCE, ...FRESH, head: undefined });
      session.greet(ALICE, NONCE + 1, FRESH);
      session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });
      take(data(1));
      session.forget(ALICE);
      session.settle(ALICE, 1, { type: "Accepted" });

      expect(session.isSilent(ALICE)).toBe(true);
      expect(log).toEqual(["greet 77 0 0", "greet 78 0 0", "deliver 1"]);
    },
  );

  unit("is answered by one who greets as well, so that nobody waits for the other", () => {
    const { session, log, take } = createSession();

    session.greet(ALICE, NONCE, { lastSent: 3, settledUpTo: 1, lastReceived: 2 });
    take({ type: "Greeting", nonce: 5, lastSent: 0, lastReceived: 0 });

    expect(log).toEqual(["greet 77 3 2", "welcome 5 3 1 2", "greet 77 3 2"]);
  });

  unit(
    "is answered by another one a few times only, or two that never agree would go on for ever",
    () => {
      const { session, log, expire, take } = createSession();
      const greeting = { type: "Greeting", nonce: 5, lastSent: 0, lastReceived: 0 } as const;
      const greetings = (): number => log.filter((line) => line.startsWith("greet ")).length;

      session.greet(ALICE, NONCE, FRESH);
      for (let n = 0; n < 10; n += 1) take(greeting);
      expect(greetings()).toBe(5);

      expire();
      expire();
      take(greeting);
      expect(greetings()).toBe(7);
    },
  );

  unit("keeps what comes before the conversation, and hands it over once that begins", () => {
    const { session, log, take } = createSession();

    session.greet(ALICE, NONCE, FRESH);
    take(data(2));
    take(data(1));
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });

    expect(log).toEqual(["greet 77 0 0", "deliver 1", "deliver 2"]);
  });

  unit("ends the conversation before it, whose verdicts are then heard by nobody", () => {
    const { session, log, take } = createSession();
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });
    take(data(1));

    session.greet(ALICE, NONCE, FRESH);
    expect(session.isSilent(ALICE)).toBe(true);
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });
    session.settle(ALICE, 1, { type: "Accepted" });
    take(data(1));
    session.settle(ALICE, 1, { type: "Accepted" });

    expect(log).toEqual(["deliver 1", "greet 77 0 0", "deliver 1", "acknowledge 1"]);
  });

  unit("that has heard more of me than I have sent puts my log in doubt", () => {
    const { session, log, take } = createSession();
    session.resume(ALICE, { lastSent: 3, lastReceived: 0, unacknowledged: [] });

    take({ type: "Greeting", nonce: 5, lastSent: 0, lastReceived: 4 });

    expect(log).toEqual(["welcome 5 3 3 0", "AcknowledgedUnsent", "doubted"]);
  });

  unit("is not needed for an acknowledgement to put my log in doubt", () => {
    const { session, log, take } = createSession();
    session.resume(ALICE, { lastSent: 3, lastReceived: 0, unacknowledged: [] });

    take({ type: "Acknowledged", upTo: 4, refused: [], head: undefined });

    expect(log).toEqual(["AcknowledgedUnsent", "doubted"]);
  });
});

describe("a head", () => {
  unit("goes with each acknowledgement, also when that is said again, and is that of now", () => {
    let length = 7;
    const { session, log, take } = createSession({ ...NO_HEADS, mine: () => headOf(length) });
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });

    take(data(1));
    length = 8;
    session.settle(ALICE, 1, { type: "Accepted" });
    length = 9;
    take(data(1));

    expect(log).toEqual(["deliver 1", "acknowledge 1, head 8", "acknowledge 1, head 9"]);
  });

  unit("that the peer has told is told back to it when it greets", () => {
    const { session, log, take } = createSession({ ...NO_HEADS, heldOf: () => headOf(44) });
    session.resume(ALICE, { lastSent: 0, lastReceived: 2, unacknowledged: [] });

    take({ type: "Greeting", nonce: 5, lastSent: 2, lastReceived: 0 });

    expect(log).toEqual(["welcome 5 0 0 2, head 44"]);
  });

  unit("is handed to the engine with the acknowledgement and with the welcome", () => {
    const { session, log, take } = createSession();
    session.greet(ALICE, NONCE, FRESH);
    take(welcome(NONCE, 0, headOf(55)));
    const unacknowledged = [{ sequence: 1, payload: new Uint8Array() }];
    session.resume(ALICE, { lastSent: 1, lastReceived: 0, unacknowledged });

    take({ type: "Acknowledged", upTo: 1, refused: [], head: headOf(66) });

    expect(log).toEqual([
      "greet 77 0 0",
      "welcomed 4 3 0, head 55",
      "send 1",
      "acknowledged 1, head 66",
    ]);
  });
});

describe("attacks on a greeting", () => {
  adversarial("an answer with numbers that nobody reaches is reported, and not believed", () => {
    const { session, log, take } = createSession();

    session.greet(ALICE, NONCE, FRESH);
    take(welcome(NONCE, SEQUENCE_CLAIM_MAX + 1));
    take(welcome(NONCE, SEQUENCE_CLAIM_MAX));

    expect(log).toEqual([
      "greet 77 0 0",
      "SequenceOutOfRange",
      `welcomed 4 3 ${SEQUENCE_CLAIM_MAX}`,
    ]);
  });

  adversarial("a flood before the conversation leaves a window of frames", () => {
    const { session, log, take } = createSession();

    session.greet(ALICE, NONCE, FRESH);
    for (let count = 0; count < 1_000; count++) take(data(1 + (count % RECEIVE_WINDOW)));

    expect(log.filter((line) => line === "NotResumed")).toHaveLength(1_000 - RECEIVE_WINDOW);
  });

  adversarial("large frames before the conversation leave a mebibyte", () => {
    const { session, log, take } = createSession();
    const payload = new Uint8Array(FRAME_BYTES_MAX - 1_024);

    session.greet(ALICE, NONCE, FRESH);
    for (let count = 0; count < 20; count++) {
      take({ type: "Data", sequence: 1 + count, lowest: 1, payload });
    }

    expect(log.filter((line) => line === "NotResumed")).toHaveLength(4);
  });

  adversarial("a stranger to both greeting and conversation gets no answer", () => {
    const { log, take } = createSession();

    take({ type: "Greeting", nonce: 5, lastSent: 0, lastReceived: 0 });

    expect(log).toEqual(["NotResumed"]);
  });
});
