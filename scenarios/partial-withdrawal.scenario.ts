/** Part of a ledger channel's money is paid out, in two assets, while virtual channels open and run over it. */
import { virtualClosing, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { type Sequence, sequence } from "../sim/sequence.ts";

const LINE = ["alice", "irene", "bob"] as const;

const openings: Sequence = sequence`
  alice ->>  irene: prefund
  irene ->>  alice: prefund
  alice ->>  chain: deposit 20 wei
  alice ->>  chain: approve 10 units
  alice ->>  chain: deposit 10 units
  chain -->> all:   holds 20 wei
  chain -->> all:   holds 10 units
  irene ->>  chain: deposit 20 wei
  irene ->>  chain: approve 30 units
  irene ->>  chain: deposit 30 units
  chain -->> all:   holds 40 wei
  chain -->> all:   holds 40 units
  par
    alice ->>  irene: postfund
    irene ->>  alice: postfund
  end
  irene ->>  bob:   prefund
  bob   ->>  irene: prefund
  irene ->>  chain: deposit 20 wei
  irene ->>  chain: approve 10 units
  irene ->>  chain: deposit 10 units
  chain -->> all:   holds 20 wei
  chain -->> all:   holds 10 units
  bob   ->>  chain: deposit 10 wei
  bob   ->>  chain: approve 10 units
  bob   ->>  chain: deposit 10 units
  chain -->> all:   holds 30 wei
  chain -->> all:   holds 20 units
  par
    irene ->>  bob:   postfund
    bob   ->>  irene: postfund
  end
`;

const rollingOver: Sequence = sequence`
  irene ->>  alice: ask to withdraw
  alice ->>  irene: sign the next ledger
  irene ->>  alice: sign the next ledger
  alice ->>  irene: final state
  irene ->>  alice: final state
  alice ->>  chain: conclude and pay out
`;

const closings: Sequence = sequence`
  irene ->>  alice: ask to close
  alice ->>  irene: final state
  irene ->>  alice: final state
  alice ->>  chain: conclude and pay out
  chain -->> all:   concluded
  chain -->> all:   pays out 30 wei
  chain -->> all:   pays out 18 units
  irene ->>  bob:   final state
  bob   ->>  irene: final state
  irene ->>  chain: conclude and pay out
  chain -->> all:   concluded
  chain -->> all:   pays out 30 wei
  chain -->> all:   pays out 20 units
`;

export const scenario: Scenario = defineScenario({
  name: "partial-withdrawal",
  summary: "Irene withdraws coins and tokens from a ledger channel under running virtual channels",
  cast: LINE,
  diagram: [
    ...openings,
    ...virtualOpening(LINE),
    // What is opened meanwhile gets its guarantee in the new ledger, once that was paid; what is open pays on.
    [
      "alice->>bob: voucher 5 and 0",
      "bob->>alice: voucher 0 and 2",
      ...rollingOver.flat(),
      ...virtualOpening(LINE).flat(),
      "chain-->>all: concluded",
      "chain-->>all: pays out 40 wei",
      "chain-->>all: pays out 40 units",
    ],
    ...virtualClosing(LINE),
    ...virtualClosing(LINE),
    ...closings,
  ],
  script: async ({ alice, bob, check, irene, eth, token }) => {
    const actors = [alice, irene, bob];
    const wallets = () =>
      Promise.all([eth, token].flatMap((asset) => actors.map((actor) => actor.wallet(asset))));
    const before = await wallets();
    const left = await alice.openLedger(irene, [
      { asset: eth, amounts: [20n, 20n] },
      { asset: token, amounts: [10n, 30n] },
    ]);
    const right = await irene.openLedger(bob, [
      { asset: eth, amounts: [20n, 10n] },
      { asset: token, amounts: [10n, 10n] },
    ]);
    const running = await alice.openVirtual(bob, [
      { asset: eth, amounts: [6n, 4n] },
      { asset: token, amounts: [0n, 3n] },
    ]);
    const [next, meanwhile] = await Promise.all([
      irene.withdraw(left, [
        { asset: eth, amounts: [0n, 10n] },
        { asset: token, amounts: [2n, 20n] },
      ]),
      alice.openVirtual(bob, [{ asset: eth, amounts: [5n, 0n] }]),
      alice.payVirtually(running, eth, 5n),
      bob.payVirtually(running, token, 2n),
    ]);
    await bob.closeChannel(running);
    await bob.closeChannel(meanwhile);
    await irene.closeChannel(next);
    await irene.closeChannel(right);
    const gains = (await wallets()).map((amount, index) => amount - (before[index] ?? 0n));
    check(gains.join() === "-5,0,5,2,0,-2", `the vouchers say otherwise than ${gains.join()}`);
  },
});
