/**
 * Payments over a wire on which nothing can be trusted: frames are lost, doubled and late, a stranger sends garbage
 * and begins handshakes, and Bob's node comes back with new keys. The nodes prove to each other who they are, and
 * every payment arrives once.
 */
import { defineScenario, type Scenario } from "../sim/scenario.ts";

/** Vouchers before Bob's node is down, and after. */
const PAYMENTS = 5;

/** Long enough that Alice has nobody to send to. */
const DOWN_MS = 20_000;

/** Frames of the stranger between two payments. */
const GARBAGE = 20;

export const scenario: Scenario = defineScenario({
  name: "secure-wire",
  summary:
    "Alice pays Bob over Irene through the secure transport, over a bad wire, with strangers and a restart",
  cast: ["alice", "irene", "bob"],
  secure: true,
  network: {
    latencyMs: [10, 200],
    slowFraction: 0.05,
    slowLatencyMs: [200, 3_000],
    dropFraction: 0.1,
    duplicateFraction: 0.1,
  },
  script: async ({ alice, bob, check, eth, irene, pause, strangerSends }) => {
    const before = await bob.wallet(eth);
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [100n, 100n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [100n, 100n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [50n, 0n] }], {
      via: [irene],
    });
    let sent = 0;
    const disturb = (): void => {
      for (const actor of [alice, irene, bob]) {
        for (let frame = 0; frame < GARBAGE; frame += 1) strangerSends(actor, garbage(sent++));
      }
    };
    for (let paid = 0; paid < PAYMENTS; paid += 1) {
      disturb();
      await alice.payVirtually(channel, eth, 2n);
    }
    bob.crash();
    const payment = alice.payVirtually(channel, eth, 2n);
    await pause(DOWN_MS);
    disturb();
    await bob.restart();
    await payment;
    for (let paid = 1; paid < PAYMENTS; paid += 1) {
      disturb();
      await alice.payVirtually(channel, eth, 2n);
    }
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);
    const gain = (await bob.wallet(eth)) - before;
    check(gain === 20n, `ten payments of 2 wei are 20 wei, not ${gain}`);
  },
});

/** Bytes that look like each type of frame in turn, and like none. */
function garbage(n: number): Uint8Array {
  const sizes = [512, 300, 200, 90, 5, 1_200];
  const frame = new Uint8Array(sizes[n % sizes.length] ?? 0);
  for (let place = 1; place < frame.length; place += 1) frame[place] = (n * 31 + place * 7) % 251;
  frame[0] = 1 + (n % sizes.length);
  return frame;
}
