/** A session on top of the secure transport: every message once and in order, and no waiting once a peer is back. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { crash, property, unit } from "../../../test/kind.ts";
import {
  type Arrival,
  createSecureWorld,
  honestly,
  type Passage,
  type SecureNode,
  type SecureWorld,
} from "../../../test/secure-world.ts";
import type { Address } from "../../crypto/address.ts";
import type { Numbered } from "../incoming.ts";
import { Session, type SessionFault } from "../session.ts";
import { misbehaviourOf } from "./session-faults.ts";

/** A node whose log is the two lists. */
type Talker = SecureNode & {
  readonly session: Session;
  readonly sent: Numbered[];
  readonly received: Numbered[];
  readonly sessionFaults: SessionFault[];
};

/** Starts a node with what earlier lives left, and resumes its conversation. */
function startTalker(
  world: SecureWorld,
  name: "alice" | "bob",
  peer: Address,
  log: Pick<Talker, "sent" | "received"> = { sent: [], received: [] },
): Talker {
  const node = world.start(name);
  const sessionFaults: SessionFault[] = [];
  const { received, sent } = log;
  const { timeline } = world;
  const clock = {
    nowMs: () => timeline.nowMs,
    after: (delayMs: number, run: () => void) => timeline.after(delayMs, run),
  };
  let settledUpTo = 0;
  const session: Session = new Session(
    {
      transport: node.secure.transport,
      clock,
      endpointOf: (address) => address,
      peerAt: (endpoint) => endpoint as Address,
    },
    {
      deliver: (from, sequence, payload) => {
        received.push({ sequence, payload });
        session.settle(from, sequence, { type: "Accepted" });
      },
      acknowledged: (_, upTo) => {
        settledUpTo = upTo;
      },
      refused: () => undefined,
      welcomed: () => undefined,
      doubted: () => undefined,
      report: (fault) => {
        sessionFaults.push(fault);
        const misbehaviour = misbehaviourOf(fault);
        if (misbehaviour !== undefined) node.secure.punish(misbehaviour.peer, misbehaviour.code);
      },
    },
  );
  session.resume(peer, {
    lastSent: sent.length,
    lastReceived: received.length,
    unacknowledged: sent.filter(({ sequence }) => sequence > settledUpTo),
  });
  return { ...node, session, sent, received, sessionFaults };
}

function say(talker: Talker, peer: Address): void {
  const sequence = talker.sent.length + 1;
  const message = { sequence, payload: Uint8Array.of(sequence % 256) };
  talker.sent.push(message);
  talker.session.send(peer, sequence, message.payload);
}

function pair() {
  const world = createSecureWorld();
  const [a, b] = [world.start("alice").address, world.start("bob").address];
  const alice = startTalker(world, "alice", b);
  const bob = startTalker(world, "bob", a);
  return { world, alice, bob };
}

const fates = fc.array(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 3 }), {
  maxLength: 80,
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant("alice" as const) },
  { weight: 6, arbitrary: fc.constant("bob" as const) },
  { weight: 1, arbitrary: fc.constant("restart" as const) },
);

describe("a session over the secure transport", () => {
  property("brings every message once and in order, over a lossy wire and restarts", () => {
    fc.assert(
      fc.property(fates, fc.array(step, { maxLength: 40 }), (drawn, steps) => {
        const { alice, bob: first, world } = pair();
        const left = [...drawn];
        world.meddle = (passage: Passage): readonly Arrival[] =>
          (left.shift() ?? [10]).map((delayMs) => ({ ...passage, delayMs }));
        let bob = first;
        for (const one of steps) {
          world.run(150);
          if (one === "alice") say(alice, bob.address);
          else if (one === "bob") say(bob, alice.address);
          else {
            bob.session.close();
            bob = startTalker(world, "bob", alice.address, bob);
          }
        }
        world.run(300_000);

        expect(bob.received).toEqual(alice.sent);
        expect(alice.received).toEqual(bob.sent);
      }),
      { numRuns: 200 },
    );
  });

  crash("sends at once what was left when a peer is back, however long it was away", () => {
    const { alice, bob, world } = pair();
    say(alice, bob.address);
    world.run(100);
    bob.session.close();
    world.meddle = () => [];
    say(alice, bob.address);
    world.run(3_600_000);
    expect(bob.received.length).toBe(alice.sent.length - 1);

    world.meddle = honestly;
    const back = startTalker(world, "bob", alice.address, bob);
    back.secure.dial(alice.address);
    // Three frames of the handshake, the acceptance, and the message: far from the 30 s between repetitions.
    world.run(60);

    expect(back.received).toEqual(alice.sent);
  });

  unit("repeats its greeting at once when the peer is there", () => {
    const { alice, bob, world } = pair();
    world.meddle = () => [];
    alice.session.greet(bob.address, 7, { lastSent: 0, settledUpTo: 0, lastReceived: 0 });
    world.run(3_600_000);
    const quiet = world.passages.length;
    world.meddle = honestly;
    bob.secure.dial(alice.address);
    world.run(100);

    expect(alice.secure.peers()[0]?.messagesOut).toBe(1);
    expect(alice.secure.peers()[0]?.messagesIn).toBe(1);
    expect(world.passages.length).toBeGreaterThan(quiet);
  });

  unit("has who breaks its rules punished, and ends with her ban", () => {
    const { alice, bob, world } = pair();
    say(alice, bob.address);
    world.run(100);
    say(alice, bob.address);
    world.run(2_000);
    for (let fault = 0; fault < 10; fault += 1) alice.say(bob, "no frame of a session");
    world.run(100);

    expect(bob.sessionFaults.map(({ code }) => code)).toEqual(Array(10).fill("Undecodable"));
    expect(bob.changes.at(-1)).toEqual({ type: "Lost", peer: alice.address, reason: "Misbehaved" });
  });
});
