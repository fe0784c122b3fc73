/** Two ways lead from Alice to Bob; nobody says which. The cheaper one has more hops. */
import type { ActorName } from "../sim/actors.ts";
import { hopsOf, ledgerOpening, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const LEDGERS = [
  ["alice", "irene"],
  ["irene", "bob"],
  ["alice", "ivan"],
  ["ivan", "isaac"],
  ["isaac", "bob"],
] as const;
const ROUTE: readonly ActorName[] = ["alice", "ivan", "isaac", "bob"];

export const scenario: Scenario = defineScenario({
  name: "virtual-cheapest-route",
  summary: "Alice names nobody: her node finds the route over two hubs that ask less than one",
  cast: ["alice", "irene", "ivan", "isaac", "bob"],
  fees: { irene: 9n, ivan: 3n, isaac: 4n },
  diagram: [
    ...LEDGERS.flatMap(([left, right]) =>
      ledgerOpening(left, right, ["100 wei", "100 wei", "200 wei"]),
    ),
    ...virtualOpening(ROUTE),
  ],
  script: async (stage) => {
    const { alice, bob, check, eth } = stage;
    for (const [left, right] of LEDGERS) {
      await stage[left].openLedger(stage[right], [{ asset: eth, amounts: [100n, 100n] }]);
    }
    await alice.openVirtual(bob, [{ asset: eth, amounts: [50n, 10n] }]);
    const tooMuch = await alice.tryToOpenVirtual(bob, [{ asset: eth, amounts: [150n, 0n] }]);
    check(tooMuch === "NoRoute", "no ledger carries that much");
    check(hopsOf(ROUTE).length === 3, "two hubs are three hops");
  },
});
