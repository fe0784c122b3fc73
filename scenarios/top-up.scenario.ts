/** A ledger channel gets more money, tokens and coins, while virtual channels open and run over it. */
import type { ActorName } from "../sim/actors.ts";
import { virtualClosing, virtualOpening } from "../sim/diagrams.ts";
import { defineScenario, type Scenario } from "../sim/scenario.ts";
import type { Sequence } from "../sim/sequence.ts";

const LINE = ["alice", "irene", "bob"] as const;

export const scenario: Scenario = defineScenario({
  name: "top-up",
  summary:
    "Alice and Irene put more into their ledger channel, in two assets, while virtual channels run",
  cast: LINE,
  diagram: [
    ...opening("alice", "irene", [10, 10, 20]),
    ...opening("irene", "bob", [50, 10, 60]),
    ...virtualOpening(LINE),
    // The second virtual channel opens, and the first one pays, while the ledger waits for Alice's deposit.
    [
      "alice->>bob: voucher 3",
      ...virtualOpening(LINE).flat(),
      ...toppingUp("alice", "irene").flat(),
      "alice->>chain: approve 25 units",
      "alice->>chain: deposit 25 units",
    ],
    ["chain-->>all: holds 45 units"],
    ...merging("alice", "irene"),
    ["irene->>alice: ask to top up"],
    ...toppingUp("alice", "irene").slice(1),
    ["irene->>chain: deposit 5 wei"],
    ["chain-->>all: holds 25 wei"],
    ...merging("alice", "irene"),
    ...virtualOpening(LINE),
    ...virtualClosing(LINE),
    ...virtualClosing(LINE),
    ...virtualClosing(LINE),
    ...closing("alice", "irene", [25, 45]),
    ...closing("irene", "bob", [20, 60]),
  ],
  script: async ({ alice, bob, check, irene, eth, token }) => {
    const actors = [alice, irene, bob];
    const before = await Promise.all(actors.map((actor) => actor.wallet(eth)));
    const left = await alice.openLedger(irene, [
      { asset: eth, amounts: [10n, 10n] },
      { asset: token, amounts: [10n, 10n] },
    ]);
    const right = await irene.openLedger(bob, [
      { asset: eth, amounts: [10n, 10n] },
      { asset: token, amounts: [50n, 10n] },
    ]);
    const coins = await alice.openVirtual(bob, [{ asset: eth, amounts: [8n, 4n] }]);
    const tooMuch = await alice.tryToOpenVirtual(bob, [{ asset: token, amounts: [30n, 0n] }]);
    check(typeof tooMuch === "string", "Alice has 10 tokens in her ledger channel");
    const [meanwhile] = await Promise.all([
      alice.openVirtual(bob, [{ asset: token, amounts: [3n, 2n] }]),
      alice.topUp(left, token, 25n),
      alice.payVirtually(coins, eth, 3n),
    ]);
    await irene.topUp(left, eth, 5n);
    const tokens = await alice.openVirtual(bob, [{ asset: token, amounts: [30n, 0n] }]);
    for (const channel of [coins, meanwhile, tokens]) await bob.closeChannel(channel);
    await alice.closeChannel(left);
    await irene.closeChannel(right);
    const after = await Promise.all(actors.map((actor) => actor.wallet(eth)));
    const gains = after.map((amount, index) => amount - (before[index] ?? 0n));
    check(gains.join() === "-3,0,3", `the voucher says -3, 0 and 3, not ${gains.join()}`);
  },
});

/** Two open a ledger channel with ten coins of each, and with tokens of the first, of the second, and in all. */
function opening(
  leader: ActorName,
  follower: ActorName,
  [byLeader, byFollower, both]: readonly [number, number, number],
): Sequence {
  return [
    [`${leader}->>${follower}: prefund`],
    [`${follower}->>${leader}: prefund`],
    [`${leader}->>chain: deposit 10 wei`],
    [`${leader}->>chain: approve ${byLeader} units`],
    [`${leader}->>chain: deposit ${byLeader} units`],
    ["chain-->>all: holds 10 wei", `chain-->>all: holds ${byLeader} units`],
    [`${follower}->>chain: deposit 10 wei`],
    [`${follower}->>chain: approve ${byFollower} units`],
    [`${follower}->>chain: deposit ${byFollower} units`],
    ["chain-->>all: holds 20 wei", `chain-->>all: holds ${both} units`],
    [`${leader}->>${follower}: postfund`, `${follower}->>${leader}: postfund`],
  ];
}

/** The leader asks, or signs what the follower has asked for. */
function toppingUp(leader: ActorName, follower: ActorName): Sequence {
  return [
    [`${leader}->>${follower}: ask to top up`],
    [`${leader}->>${follower}: propose top-up`],
    [`${follower}->>${leader}: agree`],
  ];
}

function merging(leader: ActorName, follower: ActorName): Sequence {
  return [[`${leader}->>${follower}: propose merge`], [`${follower}->>${leader}: agree`]];
}

function closing(
  leader: ActorName,
  follower: ActorName,
  [coins, tokens]: readonly [number, number],
): Sequence {
  return [
    [`${leader}->>${follower}: final state`],
    [`${follower}->>${leader}: final state`],
    [`${leader}->>chain: conclude and pay out`],
    ["chain-->>all: concluded"],
    [`chain-->>all: pays out ${coins} wei`],
    [`chain-->>all: pays out ${tokens} units`],
  ];
}
