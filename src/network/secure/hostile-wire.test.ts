/** Somebody on the wire who reads, changes, repeats and invents frames, and strangers who crowd in. */
import { describe, expect } from "bun:test";
import { keyOf } from "../../../sim/actors.ts";
import { drawBytes } from "../../../sim/keyed-random.ts";
import { adversarial } from "../../../test/kind.ts";
import {
  addressOf,
  createSecureWorld,
  honestly,
  type Passage,
  type SecureNode,
  type SecureWorld,
} from "../../../test/secure-world.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { assertDefined } from "../../primitives/assert.ts";
import { HALF_OPEN_MAX, INITIATION_BYTES, STRANGERS_RATE } from "./secure-limits.ts";

const codes = ({ faults }: SecureNode): ReadonlySet<string> =>
  new Set(faults.map(({ code }) => code));
const connects = ({ changes }: SecureNode): number =>
  changes.filter(({ type }) => type === "Connected").length;

/** Alice and Bob, connected, and everything that they said for it. */
function connected(): { world: SecureWorld; alice: SecureNode; bob: SecureNode } {
  const world = createSecureWorld();
  const alice = world.start("alice");
  const bob = world.start("bob");
  alice.secure.dial(bob.address);
  world.run(100);
  return { world, alice, bob };
}

/** Bytes that nobody can tell from chance. */
const noise = (n: number, size: number): Uint8Array => {
  const parts = Array.from({ length: Math.ceil(size / 32) }, (_, part) => [
    ...drawBytes(7, "noise", `${part}`, n),
  ]);
  return Uint8Array.from(parts.flat().slice(0, size));
};

/** A first frame of a handshake, as a stranger may invent it. */
function inventedInitiation(n: number): Uint8Array {
  const frame = noise(n, INITIATION_BYTES);
  frame[0] = 1;
  return frame;
}

/** Whether Alice and Bob reach each other though one byte of every frame of a type is changed. */
function reachedThough(type: number | undefined, place: number): readonly [boolean, boolean] {
  const world = createSecureWorld();
  world.meddle = (passage) => {
    const frame = passage.frame.slice();
    if (frame[0] === type) frame[place] = (frame[place] ?? 0) ^ 0x40;
    return [{ ...passage, frame, delayMs: 10 }];
  };
  const alice = world.start("alice");
  const bob = world.start("bob", { placesOf: () => [] });
  alice.secure.dial(bob.address);
  world.run(9_000);
  return [connects(alice) > 0, connects(bob) > 0];
}

describe("somebody in the middle", () => {
  adversarial("who changes any one byte of a handshake keeps the two apart", () => {
    const { world } = connected();
    for (const { frame } of world.passages.slice(0, 3)) {
      for (let place = 1; place < frame.length; place += 7) {
        const reached = reachedThough(frame[0], place);

        // The ticket is the one thing that anybody may write, since it proves nothing.
        const isTicket = frame[0] === 1 && place >= 5 && place < 21;
        expect([frame[0], place, ...reached]).toEqual([frame[0], place, isTicket, isTicket]);
      }
    }
  });

  adversarial(
    "who answers in the place of the one who is called is found out by her signature",
    () => {
      const world = createSecureWorld();
      const eve = world.start("eve", {
        identity: {
          address: addressOf("bob"),
          signDigest: (digest) => signatureBackend.signDigest(digest, keyOf("eve")),
        },
      });
      const alice = world.start("alice", { placesOf: () => ["eve"] });
      alice.secure.dial(addressOf("bob"));
      world.run(5_000);

      expect(codes(alice)).toContain("SignatureWrong");
      expect([connects(alice), connects(eve)]).toEqual([0, 0]);
    },
  );

  adversarial("who calls in the name of another is found out by the signature", () => {
    const world = createSecureWorld();
    const bob = world.start("bob");
    const eve = world.start("eve", {
      identity: {
        address: addressOf("alice"),
        signDigest: (digest) => signatureBackend.signDigest(digest, keyOf("eve")),
      },
    });
    eve.secure.dial(bob.address);
    world.run(5_000);

    expect(codes(bob)).toContain("SignatureWrong");
    expect([connects(bob), connects(eve)]).toEqual([0, 0]);
  });

  adversarial("who has one side sign for her cannot use that with the other", () => {
    const world = createSecureWorld();
    const bob = world.start("bob");
    const seen: Uint8Array[] = [];
    // Eve shows Bob what Alice wants signed, and Alice what Bob signed for another handshake.
    const eve = world.start("eve", {
      identity: {
        address: addressOf("bob"),
        signDigest: (digest) => {
          seen.push(Uint8Array.fromHex(digest.slice(2)));
          return signatureBackend.signDigest(`0x${"11".repeat(32)}` as typeof digest, keyOf("bob"));
        },
      },
    });
    const alice = world.start("alice", { placesOf: () => ["eve"] });
    alice.secure.dial(bob.address);
    world.run(5_000);

    expect(seen.length).toBeGreaterThan(0);
    expect(codes(alice)).toContain("SignatureWrong");
    expect(connects(alice) + connects(eve)).toBe(0);
  });

  adversarial("who sends everything of one back to her meets no peer", () => {
    const world = createSecureWorld();
    world.meddle = ({ frame, from, to }) => [{ frame, from: to, to: from, delayMs: 10 }];
    const alice = world.start("alice");
    alice.secure.dial(addressOf("bob"));
    world.run(9_000);

    expect(connects(alice)).toBe(0);
    expect(codes(alice)).toContain("TalksToItself");
  });

  adversarial(
    "who relays all of it learns nothing, and the two still reach each other alone",
    () => {
      const world = createSecureWorld();
      world.meddle = (passage) => {
        const [from, to] = [passage.from, passage.to];
        const through = to === "eve" ? (from === "alice" ? "bob" : "alice") : to;
        return [{ frame: passage.frame, from: "eve", to: through, delayMs: 20 }];
      };
      const alice = world.start("alice", { placesOf: () => ["eve"] });
      const bob = world.start("bob", { placesOf: () => [] });
      alice.secure.dial(bob.address);
      world.run(1_000);
      alice.say(bob, "for bob alone");
      world.run(1_000);

      expect(bob.inbox).toEqual([[alice.address, "for bob alone"]]);
      const seen = world.passages.map(({ frame }) => new TextDecoder().decode(frame)).join(" ");
      expect(seen).not.toContain("bob alone");
    },
  );

  adversarial("who says everything again, later and to a new life, is heard not once", () => {
    const { alice, bob, world } = connected();
    alice.say(bob, "pay eve");
    world.run(1_000);
    const recorded = [...world.passages];

    for (const passage of recorded) world.deliver(passage);
    world.run(1_000);
    expect(bob.inbox.length).toBe(1);
    expect(codes(bob)).toContain("FrameReplayed");

    const later = world.start("bob", { placesOf: () => [] });
    for (const passage of recorded) world.deliver(passage);
    world.run(20_000);
    expect(later.inbox).toEqual([]);
    expect(connects(later)).toBe(1);
    expect(codes(later)).toContain("SessionUnknown");
  });

  adversarial("who changes a word is not heard, and the session goes on", () => {
    const { alice, bob, world } = connected();
    world.meddle = (passage) => {
      const frame = passage.frame.slice();
      const last = frame.length - 1;
      frame[last] = (frame[last] ?? 0) ^ 1;
      return [{ ...passage, frame, delayMs: 10 }];
    };
    alice.say(bob, "changed");
    world.run(100);
    world.meddle = honestly;
    alice.say(bob, "unchanged");
    world.run(100);

    expect(bob.inbox.map(([, text]) => text)).toEqual(["unchanged"]);
    expect(codes(bob)).toEqual(new Set(["FrameForged"]));
  });

  adversarial("who makes a ping of a word, or a word of a ping, is not heard", () => {
    const { alice, bob, world } = connected();
    world.meddle = (passage) => {
      const frame = passage.frame.slice();
      frame[13] = frame[13] === 0 ? 1 : 0;
      return [{ ...passage, frame, delayMs: 10 }];
    };
    alice.say(bob, "a word");
    world.run(16_000);

    expect(bob.inbox).toEqual([]);
    expect(codes(bob)).toEqual(new Set(["FrameForged"]));
  });

  adversarial(
    "who claims that sessions are unknown has no more of it than a handshake now and then",
    () => {
      const { alice, bob, world } = connected();
      let begun = 0;
      for (let n = 0; n < 1_000; n += 1) {
        // She always knows the newest session.
        const sealed = world.passages.findLast(
          ({ frame, from }) => from === "alice" && frame[0] === 4,
        );
        const hint = assertDefined(sealed, "a frame of the session").frame.slice(0, 5);
        hint[0] = 5;
        world.passages.length = 0;
        world.deliver({ from: "bob", to: "alice", frame: hint });
        alice.say(bob, `${n}`);
        world.run(10);
        begun += world.passages.filter(
          ({ frame, from }) => from === "alice" && frame[0] === 1,
        ).length;
      }
      world.run(100);

      expect(begun).toBeGreaterThan(0);
      expect(begun).toBeLessThanOrEqual(3);
      expect(bob.inbox.length).toBe(1_000);
      expect([connects(alice), connects(bob)]).toEqual([1, 1]);
    },
  );
});

describe("strangers", () => {
  adversarial("who send garbage of any kind are not answered, and leave nothing behind", () => {
    const { alice, bob, world } = connected();
    const before = bob.secure.kept();
    world.passages.length = 0;
    for (let n = 0; n < 5_000; n += 1) {
      const frame = noise(n, n % 1_400);
      if (frame.length > 0 && frame[0] === 1 && frame.length === INITIATION_BYTES) frame[0] = 9;
      world.deliver({ from: `stranger ${n % 100}`, to: "bob", frame });
    }

    expect(bob.secure.kept()).toEqual(before);
    expect(world.passages.length).toBeLessThan(30);
    expect(bob.dropped.length).toBeGreaterThan(4_000);
    world.deliver({ from: "alice", to: "bob", frame: noise(0, 1_400) });
    expect(bob.dropped).not.toContain("alice");
    alice.say(bob, "good morning");
    world.run(100);
    expect(bob.inbox.length).toBe(1);
  });

  adversarial("who begin handshakes without end cost a bounded memory and a bounded time", () => {
    const { bob, world } = connected();
    world.passages.length = 0;
    const sizes: number[] = [];
    for (let n = 0; n < 20_000; n += 1) {
      world.deliver({ from: `stranger ${n}`, to: "bob", frame: inventedInitiation(n) });
      if (n % 20 === 0) world.run(10);
      sizes.push(bob.secure.kept().bytes);
    }
    const { handshakes } = bob.secure.kept();
    const answers = world.passages.filter(({ frame }) => frame[0] === 2);

    expect(handshakes).toBeLessThanOrEqual(HALF_OPEN_MAX);
    expect(Math.max(...sizes)).toBeLessThan(4 * 2 ** 20);
    expect(sizes.at(-1)).toBe(Math.max(...sizes.slice(10_000)));
    // Ten seconds of what is served in one, and what is served at once.
    expect(answers.length).toBeLessThanOrEqual(
      10 * STRANGERS_RATE.perSecond + STRANGERS_RATE.burst,
    );
    expect(codes(bob)).toContain("HandshakesTooFast");
    world.run(20_000);
    expect(bob.secure.kept().handshakes).toBe(0);
  });

  adversarial("who answer a dial with forged frames are read eight times, and then no more", () => {
    const world = createSecureWorld();
    world.meddle = (passage) => (passage.from === "bob" ? [] : honestly(passage));
    const alice = world.start("alice");
    world.start("bob");
    alice.secure.dial(addressOf("bob"));
    world.run(100);
    const answer = assertDefined(
      world.passages.find(({ frame, from }) => from === "bob" && frame[0] === 2),
      "an answer",
    );
    const forged = answer.frame.slice();
    forged[100] = (forged[100] ?? 0) ^ 1;
    for (let n = 0; n < 8; n += 1) world.deliver({ ...answer, frame: forged });
    world.deliver(answer);
    world.run(100);

    expect(world.passages.filter(({ frame }) => frame[0] === 3)).toEqual([]);
    expect(codes(alice)).toEqual(new Set(["FrameForged"]));
    world.meddle = honestly;
    world.run(20_000);
    expect(connects(alice)).toBe(1);
  });

  adversarial("are never sent more than they sent", () => {
    const { world } = connected();
    const sizes = world.passages.map(({ frame }) => [frame[0], frame.length]);

    const largest = Math.max(...sizes.filter(([type]) => type === 2).map(([, size = 0]) => size));
    expect(largest).toBeGreaterThan(200);
    expect(largest).toBeLessThanOrEqual(INITIATION_BYTES);
  });

  /** Strangers begin as many handshakes as they can, some thousands in a second, until the time is over. */
  function crowd(world: SecureWorld, durationMs: number): void {
    for (let elapsedMs = 0, n = 0; elapsedMs < durationMs; elapsedMs += 10) {
      for (let many = 0; many < 30; many += 1, n += 1) {
        world.deliver({ from: `stranger ${n}`, to: "bob", frame: inventedInitiation(n) });
      }
      world.run(10);
    }
  }

  adversarial("who crowd in keep nobody out who is called from here", () => {
    const world = createSecureWorld();
    const bob = world.start("bob");
    const alice = world.start("alice", { placesOf: () => [] });
    crowd(world, 1_000);
    bob.secure.dial(alice.address);
    crowd(world, 1_000);

    expect(connects(bob)).toBe(1);
  });

  adversarial("who crowd in keep nobody out who was here before, wherever she comes from", () => {
    const { bob, world } = connected();
    // Alice's connection is lost, and she comes by another one, which bob cannot call.
    const rename = (name: string): string => (name === "alice" ? "alice-2" : name);
    const back = (name: string): string => (name === "alice-2" ? "alice" : name);
    world.meddle = (passage: Passage) => [
      { frame: passage.frame, from: rename(passage.from), to: back(passage.to), delayMs: 10 },
    ];
    crowd(world, 1_000);
    world.cut("bob", "alice");
    world.cut("alice", "bob");
    crowd(world, 1_000);

    expect(connects(bob)).toBe(2);
    expect(bob.secure.peers()[0]?.place).toBe("alice-2");
  });
});
