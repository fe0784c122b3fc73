/** The same story in go-nitro's encodings: what its nodes sign, with ledgers that hold its kind of guarantee. */
import { ledgerClosing, ledgerOpening, virtualClosing, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-go-nitro",
  summary:
    "Alice opens and closes a virtual channel in the go-nitro profile, which no contract would enforce",
  cast: ["alice", "irene", "bob"],
  diagram: [
    ...ledgerOpening("alice", "irene", ["60 wei", "40 wei", "100 wei"]),
    ...ledgerOpening("irene", "bob", ["50 wei", "50 wei", "100 wei"]),
    ...virtualOpening(["alice", "irene", "bob"]),
    ...virtualClosing(["alice", "irene", "bob"]),
    ...ledgerClosing("alice", "irene", "100 wei"),
    ...ledgerClosing("irene", "bob", "100 wei"),
  ],
  script: async ({ alice, bob, check, eth, irene }) => {
    const profile = "go-nitro" as const;
    const deposits = [{ asset: eth, amounts: [6n, 4n] }];
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [60n, 40n] }], profile);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [50n, 50n] }], profile);
    const mixed = await alice.tryToOpenVirtual(bob, deposits, { via: [irene] });
    check(mixed === "NoLedgerWithPeer", "the profiles are never mixed");
    const channel = await alice.openVirtual(bob, deposits, { via: [irene], profile });
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);
  },
});
