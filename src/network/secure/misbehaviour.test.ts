/** A peer that breaks rules, or sends too much, is dropped, banned and counted; others do not notice. */
import { describe, expect } from "bun:test";
import type { ActorName } from "../../../sim/actors.ts";
import { adversarial, unit } from "../../../test/kind.ts";
import {
  addressOf,
  createSecureWorld,
  type SecureNode,
  type SecureWorld,
} from "../../../test/secure-world.ts";
import type { Address } from "../../crypto/address.ts";
import { Misbehaviour } from "./misbehaviour.ts";
import { PEER_RECORDS_MAX } from "./secure-limits.ts";

const peer = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}` as Address;

const codes = ({ faults }: SecureNode): ReadonlySet<string> =>
  new Set(faults.map(({ code }) => code));

/** Alice and Bob, connected. */
function connected(): { world: SecureWorld; alice: SecureNode; bob: SecureNode } {
  const world = createSecureWorld();
  const alice = world.start("alice");
  const bob = world.start("bob");
  alice.secure.dial(bob.address);
  world.run(100);
  return { world, alice, bob };
}

describe("Misbehaviour", () => {
  unit("bans for a minute, then for twice as long each time, at most for a day", () => {
    const misbehaviour = new Misbehaviour();
    const bans: number[] = [];
    let nowMs = 0;
    for (let ban = 0; ban < 13; ban += 1) {
      while (!misbehaviour.note(peer(1), "Undecodable", nowMs));
      const begunMs = nowMs;
      while (misbehaviour.isBanned(peer(1), nowMs)) nowMs += 60_000;
      bans.push((nowMs - begunMs) / 60_000);
    }

    expect(bans).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_440, 1_440]);
    expect(misbehaviour.isBanned(peer(2), nowMs)).toBe(false);
  });

  unit("forgives all when the clock is set back", () => {
    const misbehaviour = new Misbehaviour();
    const yearMs = 365 * 86_400_000;
    while (!misbehaviour.note(peer(1), "Undecodable", yearMs));

    expect(misbehaviour.isBanned(peer(1), yearMs)).toBe(true);
    expect(misbehaviour.isBanned(peer(1), 0)).toBe(false);
  });

  unit("counts ten windows exceeded as one fault", () => {
    const misbehaviour = new Misbehaviour();
    const banned = Array.from({ length: 110 }, () =>
      misbehaviour.note(peer(1), "WindowExceeded", 0),
    );

    expect(banned.indexOf(true)).toBeGreaterThan(95);
  });

  adversarial("remembers no more peers than it may", () => {
    const misbehaviour = new Misbehaviour();
    for (let n = 0; n < PEER_RECORDS_MAX + 500; n += 1)
      misbehaviour.note(peer(n), "Undecodable", 0);

    expect(misbehaviour.size).toBe(PEER_RECORDS_MAX);
  });
});

describe("a peer that misbehaves", () => {
  unit("is dropped and banned for a minute, then for two, and told so", () => {
    const { alice, bob, world } = connected();
    for (let fault = 0; fault < 9; fault += 1) bob.secure.punish(alice.address, "Undecodable");
    expect(bob.secure.peers().length).toBe(1);

    bob.secure.punish(alice.address, "Undecodable");
    world.run(58_000);
    expect(bob.secure.peers().length).toBe(0);
    expect(bob.changes.at(-1)).toMatchObject({ type: "Lost", reason: "Misbehaved" });
    expect(alice.faults.map(({ detail }) => detail)).toContain("Misbehaved");
    expect(alice.faults.map(({ detail }) => detail)).toContain("NotWelcome");
    expect(codes(bob)).toContain("NotWelcome");

    world.run(63_000);
    expect(bob.secure.peers().length).toBe(1);
    for (let fault = 0; fault < 10; fault += 1) bob.secure.punish(alice.address, "Undecodable");
    world.run(115_000);
    expect(bob.secure.peers().length).toBe(0);
    world.run(65_000);
    expect(bob.secure.peers().length).toBe(1);
    expect(bob.faults.filter(({ code }) => code === "Punished").length).toBe(20);
  });

  unit("is forgiven a fault in every ten seconds", () => {
    const { alice, bob, world } = connected();
    for (let fault = 0; fault < 100; fault += 1) {
      bob.secure.punish(alice.address, "Undecodable");
      world.run(10_000);
    }

    expect(bob.secure.peers().length).toBe(1);
  });

  adversarial("and floods is heard as far as its rate goes, and others as ever", () => {
    const { alice, bob, world } = connected();
    const irene = world.start("irene");
    irene.secure.dial(bob.address);
    world.run(100);
    for (let n = 0; n < 30_000; n += 1) alice.say(bob, "flood");
    irene.say(bob, "a word");
    world.run(100);

    const from = (name: ActorName): number =>
      bob.inbox.filter(([sender]) => sender === addressOf(name)).length;
    expect(from("alice")).toBeLessThan(21_000);
    expect(from("alice")).toBeGreaterThan(19_000);
    expect(from("irene")).toBe(1);
    expect(bob.secure.peers()[0]?.refused).toBe(30_000 - from("alice") - 2 + 2);
    expect(codes(bob)).toEqual(new Set(["PeerTooFast"]));
  });
});
