/** A hundred virtual channels over one hub at once: each ledger signs them in few states. */
import type { ActorName } from "../sim/actors.ts";
import {
  hopsOf,
  ledgerClosing,
  ledgerOpening,
  virtualClosing,
  virtualOpening,
} from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import type { Arrow, Sequence } from "../sim/sequence.ts";

const COUNT = 100;
const LINE: readonly ActorName[] = ["alice", "irene", "bob"];

/** How many changes each leader puts into each of its states, when every frame takes 10 ms. */
const GUARANTEES: readonly (readonly number[])[] = [
  [1, 1, 32, 30, 31, 1, 4],
  [1, 1, 30, 1, 31, 3, 32, 1],
];
const RELEASES: readonly (readonly number[])[] = [
  [1, 1, 30, 1, 31, 1, 31, 1, 3],
  [1, 1, 32, 32, 32, 2],
];

/** The arrows of one channel, as often as there are channels, but with the proposals in batches. */
function inBatches(one: Sequence, batches: readonly (readonly number[])[], label: string): Arrow[] {
  const own = one.flat().filter((arrow) => !/: (propose|agree)/.test(arrow));
  const proposals = hopsOf(LINE).flatMap(([left, right], hop) =>
    (batches[hop] ?? []).flatMap((count) => [
      `${left}->>${right}: propose ${count === 1 ? label : `${count} ${label}s`}`,
      `${right}->>${left}: agree`,
    ]),
  );
  return [...Array.from({ length: COUNT }, () => own).flat(), ...proposals];
}

export const scenario: Scenario = defineScenario({
  name: "virtual-hundred",
  summary:
    "Alice opens a hundred virtual channels with Bob over Irene at once, and closes them at once",
  network: { latencyMs: [10, 10], slowFraction: 0 },
  cast: ["alice", "irene", "bob"],
  diagram: [
    ...hopsOf(LINE).flatMap(([left, right]) =>
      ledgerOpening(left, right, ["1000 wei", "1000 wei", "2000 wei"]),
    ),
    inBatches(virtualOpening(LINE), GUARANTEES, "guarantee"),
    inBatches(virtualClosing(LINE), RELEASES, "release"),
    ...hopsOf(LINE).flatMap(([left, right]) => ledgerClosing(left, right, "2000 wei")),
  ],
  script: async ({ alice, bob, check, eth, irene }) => {
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [1_000n, 1_000n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [1_000n, 1_000n] }]);
    const one = [{ asset: eth, amounts: [10n, 10n] }];
    const channels = await Promise.all(
      Array.from({ length: COUNT }, () => alice.openVirtual(bob, one, { via: [irene] })),
    );
    const tooMany = await alice.tryToOpenVirtual(bob, one, { via: [irene] });
    check(tooMany === "LedgerTooSmall", "the ledger is full");
    await Promise.all(channels.map((channel) => bob.closeChannel(channel)));
    await alice.closeChannel(left);
    await irene.closeChannel(right);
  },
});
