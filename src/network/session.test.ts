/** One session alone: what it does with each frame, and in which order. */
import { describe, expect } from "bun:test";
import { invariant, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import type { Endpoint } from "../ports/transport.ts";
import { assertDefined } from "../primitives/assert.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";
import { Session } from "./session.ts";

const ALICE = `0x${"a1".repeat(20)}` as Address;
const BOB = `0x${"b0".repeat(20)}` as Address;

const data = (sequence: number, lowest: number): Uint8Array =>
  encodeFrame({ type: "Data", sequence, lowest, payload: new Uint8Array(8) });

/** Bob's session, with all it does in order; `endpoint` is where Alice is. */
function createLoneSession({
  endpoint,
  resendAfterMs = 1000,
  onDeliver = () => undefined,
}: {
  readonly endpoint: Endpoint | undefined;
  readonly resendAfterMs?: number;
  readonly onDeliver?: (session: Session) => void;
}) {
  const log: string[] = [];
  const timers = new Set<() => void>();
  let receive: (bytes: Uint8Array) => void = () => undefined;
  const session: Session = new Session(
    {
      transport: {
        send: (_, bytes) => {
          const frame = decodeFrame(bytes);
          log.push(`send ${frame.ok ? frame.value.type : frame.reason.code}`);
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
      endpointOf: () => endpoint,
      peerAt: () => ALICE,
      resendAfterMs,
    },
    {
      deliver: (_, sequence) => {
        log.push(`deliver ${sequence}`);
        onDeliver(session);
      },
      welcomed: (_, { lastReceived, lastSent, settledUpTo }) =>
        log.push(`welcomed ${lastSent} ${settledUpTo} ${lastReceived}`),
      doubted: () => log.push("doubted"),
      acknowledged: (_, upTo) => log.push(`acknowledged ${upTo}`),
      refused: (_, sequence, code) => log.push(`refused ${sequence} ${code}`),
      report: ({ code }) => log.push(code),
    },
  );
  const expire = (): void => assertDefined([...timers][0], "a timer")();
  return { session, log, expire, receive: (bytes: Uint8Array) => receive(bytes) };
}

describe("session", () => {
  unit("neither acknowledges nor delivers again what the engine has not settled", () => {
    const { session, receive, log } = createLoneSession({ endpoint: ALICE });
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });

    receive(data(1, 1));
    receive(data(1, 1));
    const before = [...log];
    session.settle(ALICE, 1, { type: "Accepted" });

    expect(before).toEqual(["deliver 1"]);
    expect(log).toEqual(["deliver 1", "send Acknowledged"]);
  });

  unit("drops and reports frames of a peer that it has not resumed", () => {
    const { session, receive, log } = createLoneSession({ endpoint: ALICE });

    receive(data(1, 1));
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });
    receive(data(1, 1));

    expect(log).toEqual(["NotResumed", "deliver 1"]);
  });

  unit("reports a peer without endpoint and goes on trying", () => {
    const { session, log, expire } = createLoneSession({ endpoint: undefined });

    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });
    session.send(ALICE, 1, new Uint8Array());
    expire();

    expect(log).toEqual(["PeerUnreachable", "PeerUnreachable"]);
  });

  unit("tells refusals first, then how far the peer has settled", () => {
    const { session, receive, log } = createLoneSession({ endpoint: ALICE });
    const payload = new Uint8Array();
    const unacknowledged = [
      { sequence: 4, payload },
      { sequence: 5, payload },
    ];
    session.resume(ALICE, { lastSent: 5, lastReceived: 0, unacknowledged });
    const refused = [{ sequence: 4, code: "WrongTurn" }];

    receive(encodeFrame({ type: "Acknowledged", upTo: 5, refused, head: undefined }));
    receive(encodeFrame({ type: "Acknowledged", upTo: 5, refused, head: undefined }));

    expect(log).toEqual(["send Data", "send Data", "refused 4 WrongTurn", "acknowledged 5"]);
  });

  unit("answers a frame again that it settled before, and does not deliver it", () => {
    const { session, receive, log } = createLoneSession({ endpoint: ALICE });
    session.resume(ALICE, { lastSent: 0, lastReceived: 9, unacknowledged: [] });

    receive(data(9, 9));

    expect(log).toEqual(["send Acknowledged"]);
  });

  unit("delivers nothing more when the engine closes it over a message", () => {
    const { session, receive, log } = createLoneSession({
      endpoint: ALICE,
      onDeliver: (mine) => mine.close(),
    });
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });

    receive(data(2, 1));
    receive(data(1, 1));
    receive(data(3, 1));

    expect(log).toEqual(["deliver 1"]);
  });

  unit("ignores what an engine still asks for after the end", () => {
    const { session, receive, log } = createLoneSession({ endpoint: ALICE });
    session.resume(ALICE, { lastSent: 0, lastReceived: 0, unacknowledged: [] });
    receive(data(1, 1));

    session.close();
    session.settle(ALICE, 1, { type: "Accepted" });
    session.send(ALICE, 1, new Uint8Array());
    const unacknowledged = [{ sequence: 1, payload: new Uint8Array() }];
    session.resume(BOB, { lastSent: 1, lastReceived: 0, unacknowledged });

    expect(log).toEqual(["deliver 1"]);
  });

  invariant("a conversation that is not resumed, or twice, is a bug of this node", () => {
    const { session } = createLoneSession({ endpoint: ALICE });
    const resumption = { lastSent: 0, lastReceived: 0, unacknowledged: [] };

    expect(() => session.send(ALICE, 1, new Uint8Array())).toThrow("must exist");
    session.resume(ALICE, resumption);
    expect(() => session.resume(ALICE, resumption)).toThrow("resumes once");
    expect(() => createLoneSession({ endpoint: ALICE, resendAfterMs: 0 })).toThrow("1 ms");
  });
});
