/** A virtual channel is closed by its intermediary: the two who pay each other agree to what they have. */
import { ledgerClosing, ledgerOpening, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-defund",
  summary: "Irene closes the virtual channel of Alice and Bob, and the ledgers are free again",
  cast: ["alice", "irene", "bob"],
  diagram: [
    ...ledgerOpening("alice", "irene", ["60 wei", "40 wei", "100 wei"]),
    ...ledgerOpening("irene", "bob", ["50 wei", "50 wei", "100 wei"]),
    ...virtualOpening(["alice", "irene", "bob"]),
    ...sequence`
      par
        irene ->>  alice: ask to close
        irene ->>  bob:   ask to close
      end
      bob   ->>  alice: ask to close
      par
        alice ->>  irene: final state
        alice ->>  bob:   final state
      end
      par
        irene ->>  alice: final state
        irene ->>  bob:   final state
        bob   ->>  alice: final state
        bob   ->>  irene: final state
        alice ->>  irene: propose release
        irene ->>  alice: agree
        irene ->>  bob:   propose release
        bob   ->>  irene: agree
      end
    `,
    ...ledgerClosing("alice", "irene", "100 wei"),
    ...ledgerClosing("irene", "bob", "100 wei"),
  ],
  script: async ({ alice, bob, irene, eth }) => {
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [60n, 40n] }]);
    const right = await irene.openLedger(bob, [{ asset: eth, amounts: [50n, 50n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [6n, 4n] }], {
      via: [irene],
    });
    await irene.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);
  },
});
