/** Alice and Bob pay each other in one virtual channel, in coins and in tokens, and with money that came back. */
import type { ActorName } from "../sim/actors.ts";
import { virtualClosing, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import { type Sequence, sequence } from "../sim/sequence.ts";

const LINE = ["alice", "irene", "bob"] as const;

/** A ledger channel in both assets, in which each puts so much of either. */
function ledgerInBoth(
  [leader, byLeader]: readonly [ActorName, number],
  [follower, byFollower]: readonly [ActorName, number],
): Sequence {
  return [
    ...sequence`
      ${leader} ->> ${follower}: prefund
      ${follower} ->> ${leader}: prefund
    `,
    ...depositOfBoth(leader, byLeader, byLeader),
    ...depositOfBoth(follower, byFollower, byLeader + byFollower),
    ...sequence`
      par
        ${leader} ->> ${follower}: postfund
        ${follower} ->> ${leader}: postfund
      end
    `,
  ];
}

function depositOfBoth(depositor: ActorName, amount: number, held: number): Sequence {
  return sequence`
    ${depositor} ->> chain: deposit ${amount} wei
    ${depositor} ->> chain: approve ${amount} units
    ${depositor} ->> chain: deposit ${amount} units
    chain -->> all: holds ${held} wei
    chain -->> all: holds ${held} units
  `;
}

const payout = (leader: ActorName, follower: ActorName): Sequence => sequence`
  ${leader} ->> ${follower}: final state
  ${follower} ->> ${leader}: final state
  ${leader} ->> chain: conclude and pay out
  chain -->> all: concluded
  chain -->> all: pays out 100 wei
  chain -->> all: pays out 100 units
`;

export const scenario: Scenario = defineScenario({
  name: "virtual-pay-both-ways",
  summary: "Alice and Bob pay each other in one channel; money that came back is paid again",
  cast: ["alice", "irene", "bob"],
  diagram: [
    ...ledgerInBoth(["alice", 60], ["irene", 40]),
    ...ledgerInBoth(["irene", 50], ["bob", 50]),
    ...virtualOpening(LINE),
    ...sequence`
      alice ->> bob:   voucher 6 and 0
      bob   ->> alice: voucher 10 and 0
      bob   ->> alice: voucher 10 and 4
      alice ->> bob:   voucher 15 and 0
      alice ->> bob:   voucher 15 and 10
      par
        alice ->> bob:   voucher 16 and 10
        bob   ->> alice: voucher 12 and 4
        bob   ->> alice: voucher 12 and 5
      end
    `,
    ...virtualClosing(LINE),
    ...payout("alice", "irene"),
    ...payout("irene", "bob"),
  ],
  script: async ({ alice, bob, irene, check, eth, token }) => {
    const actors = [alice, irene, bob];
    const wallets = () =>
      Promise.all(actors.flatMap((actor) => [actor.wallet(eth), actor.wallet(token)]));
    const before = await wallets();
    const both = (one: bigint, other: bigint) => [
      { asset: eth, amounts: [one, other] },
      { asset: token, amounts: [one, other] },
    ];
    const left = await alice.openLedger(irene, both(60n, 40n));
    const right = await irene.openLedger(bob, both(50n, 50n));
    const channel = await alice.openVirtual(bob, both(6n, 4n), { via: [irene] });

    await alice.payVirtually(channel, eth, 6n);
    const tooMuch = await alice.tryToPayVirtually(channel, eth, 1n);
    check(tooMuch === "InsufficientFunds", "nobody pays more than she has");
    await bob.payVirtually(channel, eth, 10n);
    await bob.payVirtually(channel, token, 4n);
    await alice.payVirtually(channel, eth, 9n);
    await alice.payVirtually(channel, token, 10n);
    await Promise.all([
      alice.payVirtually(channel, eth, 1n),
      bob.payVirtually(channel, eth, 2n),
      bob.payVirtually(channel, token, 1n),
    ]);
    await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);

    const after = await wallets();
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n)).join();
    check(gains === "-4,-5,0,0,4,5", `the vouchers do not say that ${gains} are won`);
  },
});
