/**
 * A hub falls silent while a channel over it is opened. Where nothing is promised yet the others take their
 * money back without it; what it has a part in waits until it is there again.
 */
import { ledgerClosing, ledgerOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

/** Long enough for everybody to give the opening up. */
const AWAY_MS = 300_000;

/** Longer than the slowest repetition of what the silent one has missed. */
const CATCHING_UP_MS = 60_000;

export const scenario: Scenario = defineScenario({
  name: "hop-silent",
  summary:
    "Ivan falls silent so many milliseconds (--set after=0) after Alice asks for a channel over Irene and him",
  cast: ["alice", "irene", "ivan", "bob"],
  parameters: { after: "0" },
  // Every frame takes as long as any other, and longer than a first look at the chain, so that one seed tells
  // the same as the next.
  network: { latencyMs: [100, 100], slowFraction: 0 },
  diagram: ({ after }) =>
    after === "0"
      ? [
          ...ledgerOpening("alice", "irene", ["50 wei", "50 wei", "100 wei"]),
          ...ledgerOpening("irene", "ivan", ["50 wei", "50 wei", "100 wei"]),
          ...ledgerOpening("ivan", "bob", ["50 wei", "50 wei", "100 wei"]),
          ["Note over ivan: crash", "alice->>irene: prefund"],
          ["irene->>ivan: prefund"],
          ["alice->>irene: refuse, TimedOut"],
          ["irene->>ivan: refuse, TimedOut"],
          ...ledgerClosing("alice", "irene", "100 wei"),
          ["Note over ivan: restart"],
          ...ledgerClosing("irene", "ivan", "100 wei"),
          ...ledgerClosing("ivan", "bob", "100 wei"),
        ]
      : undefined,
  script: async ({ alice, bob, check, eth, irene, ivan, parameters, pause }) => {
    const deposits = [{ asset: eth, amounts: [50n, 50n] }];
    const left = await alice.openLedger(irene, deposits);
    const middle = await irene.openLedger(ivan, deposits);
    const right = await ivan.openLedger(bob, deposits);
    const opening = alice.tryToOpenVirtual(bob, [{ asset: eth, amounts: [6n, 4n] }], {
      via: [irene, ivan],
    });
    await pause(Number(parameters["after"]));
    ivan.crash();
    await pause(AWAY_MS);
    const isAtOnce = parameters["after"] === "0";
    if (isAtOnce) await alice.closeChannel(left);
    await ivan.restart();
    const ended = await opening;
    check(typeof ended !== "string", "the opening began");
    if (typeof ended !== "string" && ended.status === "Completed") {
      await bob.closeChannel(ended.channelId);
    }
    await pause(CATCHING_UP_MS);
    if (!isAtOnce) await alice.closeChannel(left);
    await irene.closeChannel(middle);
    await ivan.closeChannel(right);
  },
});
