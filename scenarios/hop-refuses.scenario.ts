/** A route over two hubs is refused wherever it can be, and each refusal leaves everything as it was. */
import { ledgerClosing, ledgerOpening, virtualClosing, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";

const LINE = ["alice", "irene", "ivan", "bob"] as const;

export const scenario: Scenario = defineScenario({
  name: "hop-refuses",
  summary:
    "The first hub refuses for its fee, the last for want of money, Bob for want of his own; the fourth try opens",
  cast: LINE,
  fees: { irene: 1n },
  diagram: [
    ...ledgerOpening("alice", "irene", ["60 wei", "40 wei", "100 wei"]),
    ...ledgerOpening("irene", "ivan", ["50 wei", "50 wei", "100 wei"]),
    ...ledgerOpening("ivan", "bob", ["8 wei", "2 wei", "10 wei"]),
    ["alice->>irene: prefund"],
    ["Note over irene: refuses FeeTooLow"],
    ["alice->>irene: prefund"],
    ["irene->>ivan: prefund"],
    ["Note over ivan: refuses LedgerTooSmall"],
    ["irene->>alice: refuse, LedgerTooSmall"],
    ["alice->>irene: prefund"],
    ["irene->>ivan: prefund"],
    ["ivan->>bob: prefund"],
    ["Note over bob: refuses InsufficientFunds"],
    ["ivan->>irene: refuse, InsufficientFunds", "ivan->>alice: refuse, InsufficientFunds"],
    ...virtualOpening(LINE),
    ...virtualClosing(LINE),
    ...ledgerClosing("alice", "irene", "100 wei"),
    ...ledgerClosing("irene", "ivan", "100 wei"),
    ...ledgerClosing("ivan", "bob", "10 wei"),
  ],
  script: async ({ alice, bob, check, eth, irene, ivan }) => {
    const via = [irene, ivan];
    const left = await alice.openLedger(irene, [{ asset: eth, amounts: [60n, 40n] }]);
    const middle = await irene.openLedger(ivan, [{ asset: eth, amounts: [50n, 50n] }]);
    const right = await ivan.openLedger(bob, [{ asset: eth, amounts: [8n, 2n] }]);
    const refusalOf = async (amounts: readonly bigint[], fees: readonly bigint[]) => {
      const ended = await alice.tryToOpenVirtual(bob, [{ asset: eth, amounts }], { via, fees });
      return typeof ended === "string" ? ended : ended.rejectionCode;
    };

    check((await refusalOf([6n, 1n], [0n, 0n])) === "FeeTooLow", "Irene works for nothing");
    check(
      (await refusalOf([20n, 1n], [1n, 0n])) === "LedgerTooSmall",
      "Ivan has no 20 wei for Bob",
    );
    check((await refusalOf([6n, 4n], [1n, 0n])) === "InsufficientFunds", "Bob has no 4 wei");

    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [8n, 2n] }], { via });
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(middle);
    await ivan.closeChannel(right);
  },
});
