/** What a handshake comes to: an agreement, or a refusal that both sides hear. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import { createSecureWorld, honestly, type SecureNode } from "../../../test/secure-world.ts";
import type { Address } from "../../crypto/address.ts";
import type { SecureOptions } from "./secure-options.ts";

const kinds = ({ changes }: SecureNode): readonly string[] =>
  changes.map((change) => (change.type === "Lost" ? change.reason : change.type));
const codes = ({ faults }: SecureNode): readonly string[] =>
  faults.map(({ code, detail }) => (detail === undefined ? code : `${code} ${detail}`));

describe("a handshake", () => {
  type Case = readonly [string, Partial<SecureOptions>];
  const cases: readonly Case[] = [
    ["VersionUnknown", { versions: [7] }],
    ["OtherChain", { chainId: 2n }],
    ["OtherAdjudicator", { adjudicator: `0x${"ee".repeat(20)}` as Address }],
    ["NoCommonProfile", { profiles: ["go-nitro"] }],
  ];

  for (const [code, options] of cases) {
    unit(`is refused with ${code}, which both sides hear`, () => {
      const world = createSecureWorld();
      const alice = world.start("alice");
      const bob = world.start("bob", options);
      alice.secure.dial(bob.address);
      world.run(5_000);

      expect(codes(alice)).toEqual([code]);
      expect(codes(bob)).toEqual([`RefusedByPeer ${code}`]);
      expect([...alice.changes, ...bob.changes]).toEqual([]);
    });
  }

  unit("is refused with NotWelcome, also when the refusal has to be said twice", () => {
    const world = createSecureWorld();
    let lost = 0;
    world.meddle = (passage) => {
      const isRefusal = passage.from === "bob" && passage.frame[0] === 4;
      lost += isRefusal ? 1 : 0;
      return isRefusal && lost < 3 ? [] : honestly(passage);
    };
    const alice = world.start("alice");
    const bob = world.start("bob", { isWelcome: () => false });
    alice.secure.dial(bob.address);
    world.run(5_000);

    expect(codes(bob)).toEqual(["NotWelcome"]);
    expect(codes(alice)).toEqual(["RefusedByPeer NotWelcome"]);
    expect([...alice.changes, ...bob.changes]).toEqual([]);
  });

  unit("ends well within a second when the acceptance is lost", () => {
    const world = createSecureWorld();
    let lost = 0;
    world.meddle = (passage) => {
      const isAcceptance = passage.from === "bob" && passage.frame[0] === 4 && lost < 2;
      lost += isAcceptance ? 1 : 0;
      return isAcceptance ? [] : honestly(passage);
    };
    const alice = world.start("alice");
    const bob = world.start("bob");
    alice.secure.dial(bob.address);
    world.run(1_000);

    expect(lost).toBe(2);
    expect([kinds(alice), kinds(bob)]).toEqual([["Connected"], ["Connected"]]);
  });

  unit("comes to the highest version and to all profiles that both speak", () => {
    const world = createSecureWorld();
    const alice = world.start("alice", {
      versions: [1, 2, 3],
      profiles: ["go-nitro", "enforceable"],
    });
    const bob = world.start("bob", { versions: [2, 3, 4], profiles: ["enforceable", "go-nitro"] });
    alice.secure.dial(bob.address);
    world.run(100);

    expect(alice.changes).toEqual([
      {
        type: "Connected",
        peer: bob.address,
        place: "bob",
        profiles: ["go-nitro", "enforceable"],
      },
    ]);
  });

  unit("is not begun with one who is not welcome here, nor where nobody knows a place", () => {
    const world = createSecureWorld();
    const bob = world.start("bob");
    const shy = world.start("alice", { isWelcome: () => false });
    shy.secure.dial(bob.address);
    world.run(100_000);
    const lost = world.start("alice", { placesOf: () => [] });
    lost.say(bob, "where are you");
    world.run(100_000);

    expect(world.passages).toEqual([]);
  });

  unit("tries one place after the other", () => {
    const world = createSecureWorld();
    const bob = world.start("bob");
    const alice = world.start("alice", { placesOf: () => ["nowhere", "bob"] });
    alice.secure.dial(bob.address);
    world.run(12_000);

    expect(kinds(alice)).toEqual(["Connected"]);
    expect(codes(alice)).toEqual(["HandshakeTimedOut"]);
  });

  adversarial(
    "with somebody else than the one who was called ends before she is told who calls",
    () => {
      const world = createSecureWorld();
      const eve = world.start("eve");
      const alice = world.start("alice", { placesOf: () => ["eve"] });
      const bob = world.start("bob");
      alice.secure.dial(bob.address);
      world.run(1_000);

      expect(codes(alice)).toEqual(["WrongPeer"]);
      expect(codes(eve)).toEqual(["RefusedByPeer WrongPeer"]);
      expect([...alice.changes, ...eve.changes]).toEqual([]);
    },
  );
});
