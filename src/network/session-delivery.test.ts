/** Two sessions over a wire that loses, repeats and reorders, while either node crashes. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, crash, property, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import type { Clock } from "../ports/clock.ts";
import type { Endpoint, Transport } from "../ports/transport.ts";
import { assert } from "../primitives/assert.ts";
import { decodeFrame, encodeFrame, type Frame } from "./frame.ts";
import type { Numbered, Verdict } from "./incoming.ts";
import { FRAME_BYTES_MAX, SEQUENCE_MAX } from "./limits.ts";
import { Session, type SessionListener } from "./session.ts";

const ALICE = `0x${"a1".repeat(20)}` as Address;
const BOB = `0x${"b0".repeat(20)}` as Address;

/** What happens to one frame: no copy is a loss, two a repetition; unequal delays reorder. */
type Fate = readonly number[];
const HONEST: Fate = [10];

/** Virtual time and the wire. */
type World = {
  readonly clock: Clock;
  readonly transport: (mine: Endpoint) => Transport;
  /** Frames sent so far. */
  readonly frames: Frame[];
  /** Fates of the next frames; when used up, the wire is honest. */
  readonly fates: Fate[];
  /** Delivers bytes as if `from` had sent them. */
  readonly inject: (from: Endpoint, to: Endpoint, bytes: Uint8Array) => void;
  /** Runs all that is due within `durationMs`; without it, until nothing is due any more. */
  readonly run: (durationMs?: number) => void;
  readonly pending: () => number;
};

function createWorld(): World {
  let nowMs = 0;
  let count = 0;
  const due = new Map<number, { readonly atMs: number; readonly action: () => void }>();
  const listeners = new Map<Endpoint, (from: Endpoint, frame: Uint8Array) => void>();
  const frames: World["frames"] = [];
  const fates: Fate[] = [];

  const after: Clock["after"] = (delayMs, action) => {
    const id = count++;
    due.set(id, { atMs: nowMs + delayMs, action });
    return () => due.delete(id);
  };
  const inject: World["inject"] = (from, to, bytes) => listeners.get(to)?.(from, bytes);
  const send = (from: Endpoint, to: Endpoint, bytes: Uint8Array): void => {
    const frame = decodeFrame(bytes);
    assert(frame.ok, "sessions send frames");
    frames.push(frame.value);
    for (const delayMs of fates.shift() ?? HONEST) after(delayMs, () => inject(from, to, bytes));
  };
  const run = (durationMs = Number.POSITIVE_INFINITY): void => {
    const untilMs = nowMs + durationMs;
    for (let steps = 0; ; steps += 1) {
      assert(steps < 200_000, "the world becomes quiet");
      const atMs = Math.min(...[...due.values()].map((timer) => timer.atMs));
      const next = [...due].find(([, timer]) => timer.atMs === atMs);
      if (next === undefined || atMs > untilMs) break;
      due.delete(next[0]);
      nowMs = atMs;
      next[1].action();
    }
    if (Number.isFinite(untilMs)) nowMs = untilMs;
  };
  return {
    clock: { nowMs: () => nowMs, after },
    transport: (mine) => ({
      send: (to, frame) => send(mine, to, frame),
      listen: (onFrame) => listeners.set(mine, onFrame),
    }),
    frames,
    fates,
    inject,
    run,
    pending: () => due.size,
  };
}

/** A node with a durable log; what it accepts is in the log before it is acknowledged. */
class TestNode {
  readonly accepted: string[] = [];
  readonly refused: { readonly sequence: number; readonly code: string }[] = [];
  readonly faults: string[] = [];
  readonly delivered: number[] = [];
  readonly #world: World;
  readonly #me: Address;
  readonly #peer: Address;
  readonly #unacknowledged = new Map<number, Numbered>();
  #lastSent = 0;
  #lastReceived = 0;
  #session: Session;
  #life = 0;

  constructor(world: World, me: Address, peer: Address) {
    this.#world = world;
    this.#me = me;
    this.#peer = peer;
    this.#session = this.#start();
  }

  get waiting(): number {
    return this.#unacknowledged.size;
  }

  /** Appends a message and sends it a little later, as an outbox does. */
  say(text: string): void {
    const payload = new TextEncoder().encode(text);
    const sequence = ++this.#lastSent;
    this.#unacknowledged.set(sequence, { sequence, payload });
    this.#inThisLife(1, () => this.#session.send(this.#peer, sequence, payload));
  }

  restart(): void {
    this.#session.close();
    this.#session = this.#start();
  }

  close(): void {
    this.#session.close();
  }

  #start(): Session {
    this.#life += 1;
    const session = new Session(
      {
        transport: this.#world.transport(this.#me),
        clock: this.#world.clock,
        endpointOf: (peer) => peer,
        peerAt: (endpoint) => (endpoint === this.#peer ? this.#peer : undefined),
      },
      this.#listener(),
    );
    const unacknowledged = [...this.#unacknowledged.values()];
    session.resume(this.#peer, {
      lastSent: this.#lastSent,
      lastReceived: this.#lastReceived,
      unacknowledged,
    });
    return session;
  }

  #listener(): SessionListener {
    return {
      deliver: (_, sequence, payload) => {
        this.delivered.push(sequence);
        this.#decide(sequence, new TextDecoder().decode(payload));
      },
      welcomed: () => undefined,
      doubted: () => undefined,
      acknowledged: (_, upTo) => {
        for (const sequence of this.#unacknowledged.keys()) {
          if (sequence <= upTo) this.#unacknowledged.delete(sequence);
        }
      },
      refused: (_, sequence, code) => {
        this.#unacknowledged.delete(sequence);
        this.refused.push({ sequence, code });
      },
      report: ({ code }) => this.faults.push(code),
    };
  }

  /** A crash may fall before the append, or between the append and the verdict. */
  #decide(sequence: number, text: string): void {
    const verdict: Verdict = text.startsWith("bad")
      ? { type: "Refused", code: "Unwanted" }
      : { type: "Accepted" };
    this.#inThisLife(3, () => {
      if (verdict.type === "Refused") return;
      assert(sequence > this.#lastReceived, "the log never takes a message twice");
      this.#lastReceived = sequence;
      this.accepted.push(text);
    });
    this.#inThisLife(5, () => this.#session.settle(this.#peer, sequence, verdict));
  }

  #inThisLife(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.#world.clock.after(delayMs, () => {
      if (life === this.#life) run();
    });
  }
}

function createPair(fates: readonly Fate[] = []): { world: World; alice: TestNode; bob: TestNode } {
  const world = createWorld();
  const alice = new TestNode(world, ALICE, BOB);
  const bob = new TestNode(world, BOB, ALICE);
  world.fates.push(...fates);
  return { world, alice, bob };
}

const data = (sequence: number, lowest: number): Uint8Array =>
  encodeFrame({ type: "Data", sequence, lowest, payload: new Uint8Array(8) });

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

describe("session", () => {
  unit("delivers in order, acknowledges, and then is quiet", () => {
    const { world, alice, bob } = createPair();

    for (const text of texts(100)) alice.say(text);
    bob.say("answer");
    world.run();

    expect(bob.accepted).toEqual(texts(100));
    expect(alice.accepted).toEqual(["answer"]);
    expect([alice.waiting, bob.waiting, world.pending()]).toEqual([0, 0, 0]);
    expect(world.frames.filter(({ type }) => type === "Data")).toHaveLength(101);
    expect([...alice.faults, ...bob.faults]).toEqual([]);
  });

  unit("sends nothing, sets no timer and takes no frame once it is closed", () => {
    const { world, alice, bob } = createPair([[]]);

    alice.say("late");
    world.run(10);
    alice.close();
    bob.close();
    bob.say("nothing");
    world.run();
    world.inject(ALICE, BOB, data(1, 1));

    expect(world.frames).toHaveLength(1);
    expect(bob.delivered).toEqual([]);
  });
});

describe("sessions of nodes that crash", () => {
  crash("goes on from the log when the sender restarts with messages under way", () => {
    const { world, alice, bob } = createPair();

    for (const text of texts(50)) alice.say(text);
    world.run(5);
    alice.restart();
    world.run();

    expect(bob.accepted).toEqual(texts(50));
    expect([alice.waiting, world.pending()]).toEqual([0, 0]);
  });

  crash("delivers again what was not durable when the receiver crashed", () => {
    const { world, alice, bob } = createPair();

    alice.say("early");
    world.run(12);
    bob.restart();
    world.run();

    expect(bob.delivered).toEqual([1, 1]);
    expect(bob.accepted).toEqual(["early"]);
    expect(alice.waiting).toBe(0);
  });

  crash("acknowledges what was durable, though the verdict was lost in the crash", () => {
    const { world, alice, bob } = createPair();

    alice.say("kept");
    world.run(15);
    bob.restart();
    world.run();

    expect(bob.delivered).toEqual([1]);
    expect(bob.accepted).toEqual(["kept"]);
    expect(alice.waiting).toBe(0);
  });

  crash("skips what it had refused and forgot, since the sender knows of the refusal", () => {
    const { world, alice, bob } = createPair();

    for (const text of ["good", ...Array.from({ length: 200 }, () => "bad")]) alice.say(text);
    world.run();
    bob.restart();
    alice.say("fine");
    world.run(100);

    expect(alice.refused).toHaveLength(200);
    expect(bob.accepted).toEqual(["good", "fine"]);
    expect(alice.waiting).toBe(0);
  });
});

const side = fc.constantFrom("alice" as const, "bob" as const);
const say = fc.record({ type: fc.constant("Say" as const), side, bad: fc.boolean() });
const wait = fc.record({ type: fc.constant("Wait" as const), ms: fc.nat({ max: 2500 }) });
const restart = fc.record({ type: fc.constant("Restart" as const), side });
const stories = fc.array(fc.oneof({ weight: 6, arbitrary: say }, wait, restart), {
  maxLength: 120,
  size: "max",
});
const fateLists = fc.array(
  fc.oneof(fc.constant(HONEST), fc.array(fc.nat({ max: 3000 }), { maxLength: 3 })),
  { maxLength: 300, size: "max" },
);
type Story = typeof stories extends fc.Arbitrary<infer Value> ? Value : never;

/** Runs a story on a faulty wire, then heals it and waits for quiet. Returns also what each said. */
function live(story: Story, fates: readonly Fate[]) {
  const pair = createPair(fates);
  const said = { alice: [] as string[], bob: [] as string[] };
  for (const [index, deed] of story.entries()) {
    if (deed.type === "Wait") pair.world.run(deed.ms);
    if (deed.type === "Restart") pair[deed.side].restart();
    if (deed.type === "Say") {
      const text = `${deed.bad ? "bad" : "good"} ${index}`;
      said[deed.side].push(text);
      pair[deed.side].say(text);
    }
  }
  pair.world.fates.length = 0;
  pair.world.run();
  return { ...pair, said };
}

const isGood = (text: string): boolean => text.startsWith("good");
const refusedOf = (said: readonly string[]): number[] =>
  said.flatMap((text, index) => (isGood(text) ? [] : [index + 1]));

describe("any wire", () => {
  property(
    "each message enters the log in order and once, through crashes, then all is quiet",
    () => {
      fc.assert(
        fc.property(stories, fateLists, (story, fates) => {
          const { world, alice, bob, said } = live(story, fates);

          expect(bob.accepted).toEqual(said.alice.filter(isGood));
          expect(alice.accepted).toEqual(said.bob.filter(isGood));
          expect([alice.waiting, bob.waiting, world.pending()]).toEqual([0, 0, 0]);
          const faults = new Set([...alice.faults, ...bob.faults]);
          faults.delete("WindowExceeded");
          expect([...faults]).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );

  property("without crashes each refusal is told to its sender, once and in order", () => {
    fc.assert(
      fc.property(stories, fateLists, (story, fates) => {
        const calm = story.filter(({ type }) => type !== "Restart");
        const { alice, bob, said } = live(calm, fates);

        expect(alice.refused.map(({ sequence }) => sequence)).toEqual(refusedOf(said.alice));
        expect(bob.refused.map(({ sequence }) => sequence)).toEqual(refusedOf(said.bob));
      }),
      { numRuns: 300 },
    );
  });
});

describe("attacks on a session", () => {
  adversarial("honest traffic completes between garbage, giants, strangers and lies", () => {
    const { world, alice, bob } = createPair();
    const forged = encodeFrame({
      type: "Acknowledged",
      upTo: SEQUENCE_MAX,
      refused: [],
      head: undefined,
    });
    const hostile: readonly (readonly [Endpoint, Uint8Array, string])[] = [
      [ALICE, new Uint8Array(), "Undecodable"],
      [ALICE, new Uint8Array(100).fill(0xc1), "Undecodable"],
      [ALICE, new Uint8Array(FRAME_BYTES_MAX + 1), "FrameTooLarge"],
      ["stranger", data(1, 1), "EndpointUnknown"],
      [ALICE, data(SEQUENCE_MAX, 1), "SequenceOutOfRange"],
      [ALICE, data(0, 0), "SequenceOutOfRange"],
      [ALICE, data(1, 2), "SequenceOutOfRange"],
      [ALICE, forged, "AcknowledgedUnsent"],
    ];

    for (const text of texts(40)) {
      alice.say(text);
      bob.say(text);
      world.run(4);
      for (const [from, bytes] of hostile) world.inject(from, BOB, bytes);
    }
    world.run();

    const codes = hostile.map(([, , code]) => code);
    expect(bob.faults).toEqual(Array.from({ length: 40 }, () => codes).flat());
    expect(bob.accepted).toEqual(texts(40));
    expect(alice.accepted).toEqual(texts(40));
    expect([alice.waiting, bob.waiting, world.pending()]).toEqual([0, 0, 0]);
  });
});
