/** A peer that has proved who it is, and turns hostile: it floods, and comes again and again. */
import { describe, expect } from "bun:test";
import { adversarial } from "../../../test/kind.ts";
import {
  createSecureWorld,
  type SecureNode,
  type SecureWorld,
} from "../../../test/secure-world.ts";
import type { SecureOptions } from "./secure-options.ts";

const count = ({ faults }: SecureNode, wanted: string): number =>
  faults.filter(({ code }) => code === wanted).length;
const kinds = ({ changes }: SecureNode): readonly string[] =>
  changes.map((change) => (change.type === "Lost" ? change.reason : change.type));

/** Alice and Bob, connected; Bob has dialed. */
function connected(aliceHas?: Partial<SecureOptions>): {
  readonly world: SecureWorld;
  readonly alice: SecureNode;
  readonly bob: SecureNode;
} {
  const world = createSecureWorld();
  const alice = world.start("alice", aliceHas);
  const bob = world.start("bob");
  bob.secure.dial(alice.address);
  world.run(100);
  return { world, alice, bob };
}

describe("a peer", () => {
  adversarial("whose connection brings what proves nothing loses the connection", () => {
    for (const head of [2, 3, 4, 5, 9]) {
      const { alice, bob, world } = connected();
      const frame = new Uint8Array(head === 5 ? 5 : 30);
      frame[0] = head;
      for (let n = 0; n < 2_000 && bob.dropped.length === 0; n += 1) {
        world.deliver({ from: "alice", to: "bob", frame });
      }

      expect([head, bob.dropped.includes("alice")]).toEqual([head, true]);
      expect(kinds(bob)).toEqual(["Connected", "ConnectionLost"]);
      world.run(20_000);
      alice.say(bob, "good morning");
      world.run(100);
      expect(bob.inbox.length).toBe(1);
    }
  });

  adversarial("that floods is dropped, and no longer read", () => {
    const { alice, bob, world } = connected();
    for (let n = 0; n < 50_000; n += 1) alice.say(bob, "");
    world.run(100);

    expect(kinds(bob)).toEqual(["Connected", "Misbehaved"]);
    expect(bob.inbox.length).toBeLessThanOrEqual(20_000);
    expect(count(bob, "PeerTooFast")).toBeLessThanOrEqual(10_001);
  });

  adversarial(
    "that was banned is looked for when the ban is over, where it cannot come by itself",
    () => {
      const { alice, bob, world } = connected({ placesOf: () => [] });
      for (let n = 0; n < 10; n += 1) bob.secure.punish(alice.address, "Undecodable");
      expect(kinds(bob)).toEqual(["Connected", "Misbehaved"]);
      world.run(55_000);
      expect(kinds(bob).length).toBe(2);

      world.run(120_000);
      alice.say(bob, "good morning");
      world.run(100);

      expect(kinds(bob)).toEqual(["Connected", "Misbehaved", "Connected"]);
      expect(bob.inbox.length).toBe(1);
    },
  );

  adversarial(
    "that comes anew from elsewhere, again and again, keeps the last connection only",
    () => {
      const world = createSecureWorld();
      const bob = world.start("bob", { placesOf: () => [] });
      let life = 0;
      // A connection that was accepted has a name of its own, and an old one never says that it is gone.
      world.meddle = ({ frame, from, to }) => [
        {
          frame,
          from: from === "alice" ? `alice ${life}` : from,
          to: to.startsWith("alice") ? "alice" : to,
          delayMs: 1,
        },
      ];
      for (; life < 20; life += 1) {
        world.start("alice").secure.dial(bob.address);
        world.run(2_000);
      }

      expect(bob.secure.peers().map(({ place }) => place)).toEqual(["alice 19"]);
      const old = Array.from({ length: 19 }, (_, n) => `alice ${n}`);
      expect([...new Set(bob.dropped)].sort()).toEqual(old.sort());
    },
  );
});
