/**
 * Bob is away. Irene shows the chain their ledger channel as it was before Alice's payments, and the virtual channel as
 * it was opened. The tower that Igor keeps has what Bob's node gave it: it answers both, and when Irene lets the newest
 * state run out it takes Bob's money off the chain. He comes back and has it.
 */
import { ledgerClosing, ledgerOpening, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

/** Seconds that a challenge can be answered: ten minutes, 50 blocks. */
const WINDOW_SEC = 600;

/** Virtual milliseconds until what is in a block is confirmed, and was acted upon: ten blocks. */
const SOON_MS = 120_000;

const LINE = ["alice", "irene", "bob"] as const;

export const scenario: Scenario = defineScenario({
  name: "watchtower",
  summary: "While Bob is away his tower answers Irene's old states, reclaims, and has him paid",
  cast: ["alice", "irene", "bob"],
  watched: ["bob"],
  challengeDurationSec: WINDOW_SEC,
  network: { latencyMs: [20, 20], slowFraction: 0 },
  diagram: [
    ...ledgerOpening("alice", "irene", ["600 wei", "400 wei", "1000 wei"]),
    ...ledgerOpening("irene", "bob", ["500 wei", "500 wei", "1000 wei"]),
    ...virtualOpening(LINE),
    ...[30, 60, 90].map((paid) => [`alice->>bob: voucher ${paid}`]),
    ...sequence`
      Note over bob: crash
      Note over irene: crash
      eve   ->>  chain: irene's challenge with turn 1
      chain -->> all:   challenged with turn 1
      eve   ->>  chain: irene's challenge with turn 1
      chain -->> all:   challenged with turn 1
      igor  ->>  chain: checkpoint with turn 2
      chain -->> all:   open again from turn 2
      igor  ->>  chain: challenge with turn 4
      chain -->> all:   challenged with turn 4
      eve   ->>  chain: irene's challenge with turn 2
      chain -->> all:   challenged with turn 2
      alice ->>  irene: propose release
      igor  ->>  chain: reclaim a guarantee
      chain -->> all:   guarantee reclaimed
      igor  ->>  chain: pay out
      chain -->> all:   pays out 1000 wei
      Note over bob: restart
      Note over irene: restart
      irene ->>  alice: agree
    `,
    ...ledgerClosing("alice", "irene", "1000 wei"),
  ],
  script: async ({ alice, bob, irene, chain, check, eth, pause }) => {
    const actors = [alice, irene, bob];
    const before = await Promise.all(actors.map((actor) => actor.wallet(eth)));
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [600n, 400n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [500n, 500n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [310n, 7n] }], {
      via: [irene],
    });
    for (let paid = 0; paid < 3; paid++) await alice.payVirtually(channel, eth, 30n);
    await pause(SOON_MS);

    bob.crash();
    irene.crash();
    // Before there was a guarantee for the virtual channel; and before anything was paid in it.
    await irene.challengeWith(right, 1);
    await irene.challengeWith(channel, 1);
    await pause(SOON_MS);
    await irene.challengeWith(right, 2);
    await chain.mineUntil(chain.newestSec() + 2 * WINDOW_SEC);
    check((await bob.wallet(eth)) === (before[2] ?? 0n) + 90n, "Bob is paid while he is away");

    await bob.restart();
    await bob.sawEnd(right);
    await irene.restart();
    await alice.sawEnd(channel);
    await alice.closeChannel(left);
    const after = await Promise.all(actors.map((actor) => actor.wallet(eth)));
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n));
    check(gains.join() === "-90,0,90", `the vouchers say -90, 0 and 90, not ${gains.join()}`);
  },
});
