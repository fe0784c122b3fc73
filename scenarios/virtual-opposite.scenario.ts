/** Alice and Bob open a virtual channel each, at once, over the same two ledgers. */
import { ledgerClosing, ledgerOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { sequence } from "../sim/sequence.ts";

export const scenario: Scenario = defineScenario({
  name: "virtual-opposite",
  summary:
    "Two virtual channels in opposite directions over one ledger at once: neither waits for the other",
  network: { latencyMs: [10, 10], slowFraction: 0 },
  cast: ["alice", "irene", "bob"],
  diagram: [
    ...ledgerOpening("alice", "irene", ["100 wei", "100 wei", "200 wei"]),
    ...ledgerOpening("bob", "irene", ["100 wei", "100 wei", "200 wei"]),
    ...sequence`
      par
        alice ->>  irene: prefund
        bob   ->>  irene: prefund
      end
      par
        irene ->>  bob:   prefund
        irene ->>  alice: prefund
      end
      par
        bob   ->>  alice: complete prefund
        bob   ->>  irene: complete prefund
        alice ->>  bob:   complete prefund
        alice ->>  irene: complete prefund
        alice ->>  irene: propose guarantee
        alice ->>  irene: propose guarantee
        irene ->>  alice: agree
        irene ->>  alice: agree
        bob   ->>  irene: propose guarantee
        bob   ->>  irene: propose guarantee
        irene ->>  bob:   agree
        irene ->>  bob:   agree
        alice ->>  irene: postfund
        alice ->>  irene: postfund
        alice ->>  bob:   postfund
        alice ->>  bob:   postfund
        irene ->>  alice: postfund
        irene ->>  alice: postfund
        irene ->>  bob:   postfund
        irene ->>  bob:   postfund
        bob   ->>  alice: postfund
        bob   ->>  alice: postfund
        bob   ->>  irene: postfund
        bob   ->>  irene: postfund
      end
      par
        irene ->>  alice: ask to close
        irene ->>  bob:   ask to close
        irene ->>  alice: ask to close
        irene ->>  bob:   ask to close
      end
      par
        bob   ->>  alice: ask to close
        alice ->>  bob:   ask to close
      end
      par
        alice ->>  irene: final state
        alice ->>  bob:   final state
        bob   ->>  irene: final state
        bob   ->>  alice: final state
      end
      par
        irene ->>  alice: final state
        irene ->>  bob:   final state
        irene ->>  alice: final state
        irene ->>  bob:   final state
        alice ->>  bob:   final state
        alice ->>  irene: final state
        bob   ->>  alice: final state
        bob   ->>  irene: final state
        alice ->>  irene: propose release
        alice ->>  irene: propose release
        irene ->>  alice: agree
        irene ->>  alice: agree
        bob   ->>  irene: propose release
        bob   ->>  irene: propose release
        irene ->>  bob:   agree
        irene ->>  bob:   agree
      end
    `,
    ...ledgerClosing("alice", "irene", "200 wei"),
    ...ledgerClosing("bob", "irene", "200 wei"),
  ],
  script: async ({ alice, bob, check, eth, irene }) => {
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [100n, 100n] }]);
    const right = await bob.openLedger(irene, [{ asset: eth, amounts: [100n, 100n] }]);
    const deposits = [{ asset: eth, amounts: [60n, 0n] }];
    const channels = await Promise.all([
      alice.openVirtual(bob, deposits, { via: [irene] }),
      bob.openVirtual(alice, deposits, { via: [irene] }),
    ]);
    check(new Set(channels).size === 2, "both channels are open");
    await Promise.all(channels.map((channel) => irene.closeChannel(channel)));
    await alice.closeChannel(left);
    await bob.closeChannel(right);
  },
});
