/** A virtual channel over five intermediaries, each of whom takes a fee. */
import type { ActorName } from "../sim/actors.ts";
import {
  hopsOf,
  ledgerClosing,
  ledgerOpening,
  virtualClosing,
  virtualOpening,
} from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const LINE: readonly ActorName[] = ["alice", "irene", "ivan", "isaac", "iris", "igor", "bob"];

export const scenario: Scenario = defineScenario({
  name: "virtual-five-hops",
  summary:
    "Alice opens a virtual channel with Bob over five hubs, pays each a fee, and Bob closes it",
  cast: ["alice", "irene", "ivan", "isaac", "iris", "igor", "bob"],
  fees: { irene: 5n, ivan: 4n, isaac: 3n, iris: 2n, igor: 1n },
  diagram: [
    ...hopsOf(LINE).flatMap(([left, right]) =>
      ledgerOpening(left, right, ["100 wei", "100 wei", "200 wei"]),
    ),
    ...virtualOpening(LINE),
    ...virtualClosing(LINE),
    ...hopsOf(LINE).flatMap(([left, right]) => ledgerClosing(left, right, "200 wei")),
  ],
  script: async ({ alice, bob, eth, igor, iris, irene, isaac, ivan }) => {
    const line = [alice, irene, ivan, isaac, iris, igor, bob];
    const ledgers = [];
    for (const [left, right] of hopsOf(line)) {
      ledgers.push(await left.openLedger(right, [{ asset: eth, amounts: [100n, 100n] }]));
    }
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [50n, 10n] }], {
      via: [irene, ivan, isaac, iris, igor],
    });
    await bob.closeChannel(channel);
    for (const [index, ledger] of ledgers.entries()) await line[index]?.closeChannel(ledger);
  },
});
