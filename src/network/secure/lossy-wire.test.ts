/** Whatever a wire loses, repeats and reorders, two find each other, and no word comes twice. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property } from "../../../test/kind.ts";
import { type Arrival, createSecureWorld, type Passage } from "../../../test/secure-world.ts";

/** What happens to one frame: when its copies arrive; none is a loss. */
const fate = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 3 });

/** Fates of the first frames; after them the wire is honest, so that it can end. */
const fates = fc.array(fate, { maxLength: 60 });

/** Who is dialed by whom: one by the other, or each by the other. */
const dialing = fc.constantFrom("alice", "bob", "both");

type Step = { readonly type: "Say"; readonly by: "alice" | "bob" } | { readonly type: "Restart" };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>({ type: "Say", by: "alice" }) },
  { weight: 8, arbitrary: fc.constant<Step>({ type: "Say", by: "bob" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ type: "Restart" }) },
);

function wireOf(fatesLeft: (readonly number[])[]): (passage: Passage) => readonly Arrival[] {
  return (passage) => (fatesLeft.shift() ?? [10]).map((delayMs) => ({ ...passage, delayMs }));
}

describe("a secure transport over a lossy wire", () => {
  property("two get together, and each word comes at most once and as it was said", () => {
    fc.assert(
      fc.property(fates, dialing, fc.array(step, { maxLength: 30 }), (drawn, who, steps) => {
        const world = createSecureWorld();
        world.meddle = wireOf([...drawn]);
        let alice = world.start("alice");
        const bob = world.start("bob");
        const dial = (): void => {
          if (who !== "bob") alice.secure.dial(bob.address);
          if (who !== "alice") bob.secure.dial(alice.address);
        };
        dial();
        const inboxes = [bob.inbox, alice.inbox];
        const said = new Set<string>();
        for (const [index, one] of steps.entries()) {
          world.run(400);
          if (one.type === "Restart") {
            alice = world.start("alice");
            inboxes.push(alice.inbox);
            dial();
          } else if (one.by === "alice") alice.say(bob, `alice ${index}`);
          else bob.say(alice, `bob ${index}`);
          said.add(one.type === "Say" ? `${one.by} ${index}` : "");
        }
        world.run(240_000);
        alice.say(bob, "at last");
        bob.say(alice, "at last");
        world.run(1_000);

        const heard = inboxes.flat().map(([, text]) => text);
        const words = heard.filter((text) => text !== "at last");
        expect(words.filter((word) => !said.has(word))).toEqual([]);
        expect(new Set(words).size).toBe(words.length);
        expect([alice.inbox.at(-1)?.[1], bob.inbox.at(-1)?.[1]]).toEqual(["at last", "at last"]);
        expect([alice.secure.kept().sessions, bob.secure.kept().sessions]).toEqual([1, 1]);
      }),
      { numRuns: 300 },
    );
  });
});
