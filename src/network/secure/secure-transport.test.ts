/** Two who find each other by a handshake, talk, part, come back, and change their keys. */
import { describe, expect } from "bun:test";
import { concurrency, crash, unit } from "../../../test/kind.ts";
import {
  createSecureWorld,
  honestly,
  type SecureNode,
  type SecureWorld,
} from "../../../test/secure-world.ts";
import { toHex } from "../../primitives/hex.ts";
import type { SecureOptions } from "./secure-options.ts";

/** Alice and Bob, connected. */
function connected(options?: Partial<SecureOptions>) {
  const world = createSecureWorld();
  const alice = world.start("alice", options);
  const bob = world.start("bob", options);
  alice.secure.dial(bob.address);
  world.run(100);
  return { world, alice, bob };
}

const kinds = ({ changes }: SecureNode): readonly string[] =>
  changes.map((change) => (change.type === "Lost" ? change.reason : change.type));
const codes = ({ faults }: SecureNode): readonly string[] =>
  faults.map(({ code, detail }) => (detail === undefined ? code : `${code} ${detail}`));

describe("two nodes", () => {
  unit("know each other after a handshake, and talk both ways", () => {
    const { alice, bob, world } = connected();

    alice.say(bob, "good morning");
    bob.say(alice, "good evening");
    world.run(100);

    expect(kinds(alice)).toEqual(["Connected"]);
    expect(kinds(bob)).toEqual(["Connected"]);
    expect(bob.inbox).toEqual([[alice.address, "good morning"]]);
    expect(alice.inbox).toEqual([[bob.address, "good evening"]]);
    expect([...codes(alice), ...codes(bob)]).toEqual([]);
  });

  unit("dial when there is something to say, which whoever said it says again", () => {
    const world = createSecureWorld();
    const alice = world.start("alice");
    const bob = world.start("bob");

    alice.say(bob, "lost");
    world.run(100);
    alice.say(bob, "heard");
    world.run(100);

    expect(codes(alice)).toEqual(["PeerAway"]);
    expect(bob.inbox).toEqual([[alice.address, "heard"]]);
  });

  unit("say nothing on the wire by which others tell who they are or what they say", () => {
    const { alice, bob, world } = connected();
    alice.say(bob, "a secret of alice");
    world.run(100);

    const seen = world.passages.map(({ frame }) => toHex(frame)).join(" ");
    const secrets = [alice.address, bob.address, toHex(new TextEncoder().encode("a secret"))];

    expect(world.passages.length).toBeGreaterThan(4);
    expect(secrets.filter((secret) => seen.includes(secret.slice(2)))).toEqual([]);
  });

  concurrency("that dial each other at once end with one working pair", () => {
    for (const delays of [
      [10, 10],
      [10, 40],
      [40, 10],
      [5, 6],
    ]) {
      const world = createSecureWorld(delays[0]);
      world.meddle = (passage) => [
        { ...passage, delayMs: delays[passage.from === "alice" ? 0 : 1] ?? 0 },
      ];
      const alice = world.start("alice");
      const bob = world.start("bob");
      alice.secure.dial(bob.address);
      bob.secure.dial(alice.address);
      world.run(1_000);
      for (let n = 0; n < 100; n += 1) {
        alice.say(bob, `${n}`);
        bob.say(alice, `${n}`);
        world.run(1_000);
      }

      expect(bob.inbox.length).toBe(100);
      expect(alice.inbox.length).toBe(100);
      expect([kinds(alice), kinds(bob)]).toEqual([["Connected"], ["Connected"]]);
      expect([alice.secure.kept().sessions, bob.secure.kept().sessions]).toEqual([1, 1]);
    }
  });

  unit("have the wire trust the place by which they talk, before they talk", () => {
    const world = createSecureWorld();
    const trusted: string[] = [];
    const alice = world.start("alice", { trust: (place) => trusted.push(`alice trusts ${place}`) });
    const bob = world.start("bob", { trust: (place) => trusted.push(`bob trusts ${place}`) });
    alice.secure.dial(bob.address);
    world.run(35);
    expect(trusted).toEqual(["bob trusts alice"]);
    world.run(10);
    expect(trusted).toEqual(["bob trusts alice", "alice trusts bob"]);
  });

  concurrency("that dial each other at once go on, though the second session begins late", () => {
    const world = createSecureWorld();
    world.meddle = (passage) => {
      const isLate = passage.from === "bob" && passage.frame[0] === 3;
      return [{ ...passage, delayMs: isLate ? 300 : 10 }];
    };
    const alice = world.start("alice");
    const bob = world.start("bob");
    alice.secure.dial(bob.address);
    bob.secure.dial(alice.address);
    world.run(400);
    alice.say(bob, "here");
    bob.say(alice, "there");
    world.run(100);

    expect(bob.inbox).toEqual([[alice.address, "here"]]);
    expect(alice.inbox).toEqual([[bob.address, "there"]]);
    expect(alice.secure.kept().sessions).toBe(2);
    world.run(60_000);
    expect(alice.secure.kept().sessions).toBe(1);
  });

  unit("measure how far the other is, and count what goes through", () => {
    const { alice, bob, world } = connected();
    alice.say(bob, "12345");
    world.run(100);

    expect(alice.secure.peers()).toEqual([
      {
        address: bob.address,
        place: "bob",
        connectedSinceMs: 1_700_000_000_020,
        profiles: ["enforceable"],
        roundTripMs: 20,
        bytesIn: 16,
        bytesOut: 5,
        messagesIn: 0,
        messagesOut: 1,
        refused: 0,
      },
    ]);
  });

  unit("say goodbye: the other one knows at once, and keeps calling for a while", () => {
    const { alice, bob, world } = connected();

    alice.secure.close();
    alice.say(bob, "unheard");
    world.run(100);

    expect(kinds(bob)).toEqual(["Connected", "Left"]);
    expect(bob.inbox).toEqual([]);
    const again = world.start("alice");
    world.run(2_000);
    again.say(bob, "back");
    world.run(100);
    expect(bob.inbox).toEqual([[again.address, "back"]]);
  });

  unit("leave no timer behind when they end", () => {
    const { alice, bob, world } = connected();
    alice.secure.close();
    bob.secure.close();
    world.run(60_000);

    expect(world.timeline.nextMs).toBeUndefined();
    expect(alice.secure.kept()).toMatchObject({ handshakes: 0, sessions: 0 });
  });
});

/** The first word after a restart is lost, and brings a new session about. */
function expectHeardAgain(world: SecureWorld, alice: SecureNode, bob: SecureNode): void {
  alice.say(bob, "lost");
  world.run(100);
  alice.say(bob, "heard");
  world.run(100);

  expect(kinds(alice)).toEqual(["Connected", "Restarted", "Connected"]);
  expect(bob.inbox).toEqual([[alice.address, "heard"]]);
}

describe("a peer that is gone", () => {
  crash("and comes back with no keys is noticed at the next word, and greeted anew", () => {
    const { alice, world } = connected();
    const bob = world.start("bob", { placesOf: () => [] });
    world.run(100);
    expect(kinds(alice)).toEqual(["Connected"]);

    expectHeardAgain(world, alice, bob);
  });

  crash("and has no place is called where it was last", () => {
    const world = createSecureWorld();
    const alice = world.start("alice", { placesOf: () => [] });
    const first = world.start("bob");
    first.secure.dial(alice.address);
    world.run(100);
    const bob = world.start("bob", { placesOf: () => [] });
    expectHeardAgain(world, alice, bob);
  });

  crash("and comes back by itself replaces its old session at once", () => {
    const { bob, world } = connected();
    const alice = world.start("alice");
    alice.secure.dial(bob.address);
    world.run(100);
    bob.say(alice, "welcome back");
    world.run(100);

    expect(kinds(bob)).toEqual(["Connected", "Restarted", "Connected"]);
    expect(alice.inbox).toEqual([[bob.address, "welcome back"]]);
    expect(bob.secure.kept().sessions).toBe(1);
  });

  unit("is lost after 45 seconds of silence, and called until it answers", () => {
    const { alice, bob, world } = connected();
    world.meddle = () => [];
    world.run(44_000);
    expect(kinds(alice)).toEqual(["Connected"]);
    world.run(1_500);
    expect(kinds(alice)).toEqual(["Connected", "Silent"]);

    world.run(600_000);
    const calls = world.passages.length;
    world.run(600_000);
    // Each attempt has five frames and lasts 10 s, with at most a minute between two, from both sides.
    expect(world.passages.length - calls).toBeLessThan(2 * 5 * 20);
    expect(world.passages.length - calls).toBeGreaterThan(2 * 5 * 7);
    world.meddle = honestly;
    world.run(80_000);
    bob.say(alice, "there");
    world.run(100);

    expect(kinds(alice)).toEqual(["Connected", "Silent", "Connected"]);
    expect(alice.inbox).toEqual([[bob.address, "there"]]);
  });

  unit("is called again at once when the wire says that its connection is lost", () => {
    const { alice, bob, world } = connected();
    world.run(20_000);

    world.cut("alice", "bob");
    world.cut("bob", "alice");
    world.run(100);

    expect(kinds(alice)).toEqual(["Connected", "ConnectionLost", "Connected"]);
    bob.say(alice, "there");
    world.run(60_000);
    expect(alice.inbox).toEqual([[bob.address, "there"]]);
    expect(alice.secure.kept().sessions).toBe(1);
  });

  unit("is called less and less often while its connection does not hold", () => {
    const world = createSecureWorld();
    const bob = world.start("bob", { placesOf: () => [] });
    const alice = world.start("alice");
    alice.secure.dial(bob.address);
    for (let tenth = 0; tenth < 1_200; tenth += 1) {
      world.run(100);
      if (alice.secure.peers().length > 0) world.cut("alice", "bob");
    }

    const count = kinds(alice).filter((kind) => kind === "Connected").length;
    expect(count).toBeGreaterThan(4);
    expect(count).toBeLessThan(15);
  });
});

describe("keys", () => {
  unit("change after so many frames, in the middle of a flow, and no frame is lost over it", () => {
    const { alice, bob, world } = connected({ rekeyFrames: 100 });
    for (let n = 0; n < 1_000; n += 1) {
      alice.say(bob, `${n}`);
      world.run(3);
    }
    world.run(100);

    const told = Array.from({ length: 1_000 }, (_, n) => `${n}`);
    expect(bob.inbox.map(([, text]) => text)).toEqual(told);
    expect(world.passages.filter(({ frame }) => frame[0] === 1).length).toBeGreaterThan(8);
    expect(bob.secure.kept().sessions).toBe(4);
    expect([kinds(alice), kinds(bob)]).toEqual([["Connected"], ["Connected"]]);
  });

  unit("change after an hour, and no frame is lost over it", () => {
    const { alice, bob, world } = connected();
    const before = alice.secure.peers()[0]?.connectedSinceMs;
    for (let second = 0; second < 4_000; second += 1) {
      alice.say(bob, `${second}`);
      bob.say(alice, `${second}`);
      world.run(1_000);
    }

    const told = Array.from({ length: 4_000 }, (_, n) => `${n}`);
    expect(bob.inbox.map(([, text]) => text)).toEqual(told);
    expect(alice.inbox.map(([, text]) => text)).toEqual(told);
    expect(world.passages.filter(({ frame }) => frame[0] === 1).length).toBe(2);
    expect([kinds(alice), kinds(bob)]).toEqual([["Connected"], ["Connected"]]);
    expect(alice.secure.peers()[0]?.connectedSinceMs).toBe(before);
    expect(alice.secure.kept().sessions).toBe(1);
  });
});
