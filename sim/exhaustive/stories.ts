/** Stories in which everything is signed that can cost money, told until the honest one is left alone. */

import type { ChannelId } from "../../src/channel/channel-id.ts";
import { neverPayUnasked, type Policy } from "../../src/engine/policy.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import { reject } from "../../src/primitives/result.ts";
import type { ActorName } from "../actors.ts";
import { rockPaperScissors } from "../games.ts";
import type { Actor, Deposits, Stage } from "../scenario.ts";
import type { NetworkConditions } from "../wire.ts";
import type { Fees, World } from "../world.ts";

const { commit, play, reveal } = rockPaperScissors;

/** What a story is told with. */
export type Told = {
  readonly world: World;
  readonly stage: Stage<ActorName>;
  /** From here on it counts where the others stop. */
  readonly begin: () => void;
};

/** One story. */
export type Story = {
  readonly name: string;
  readonly cast: readonly ActorName[];
  /** Whose money is judged, each in cases of her own; everybody's when absent. */
  readonly honest?: readonly ActorName[];
  readonly fees?: Fees;
  readonly network?: NetworkConditions;
  readonly policy?: Policy;
  readonly tell: (told: Told) => Promise<void>;
};

const directFund: Story = {
  name: "direct fund of two",
  cast: ["alice", "bob"],
  tell: async ({ begin, stage: { alice, bob, eth, token } }) => {
    begin();
    await alice.openChannel(
      [bob],
      [
        { asset: eth, amounts: [60n, 40n] },
        { asset: token, amounts: [7n, 5n] },
      ],
    );
  },
};

const directFundOfThree: Story = {
  name: "direct fund of three",
  cast: ["alice", "bob", "irene"],
  tell: async ({ begin, stage: { alice, bob, eth, irene, token } }) => {
    begin();
    await alice.openChannel(
      [bob, irene],
      [
        { asset: token, amounts: [7n, 5n, 3n] },
        { asset: eth, amounts: [60n, 40n, 20n] },
      ],
    );
  },
};

const update: Story = {
  name: "update and direct defund",
  cast: ["alice", "bob"],
  tell: async ({ begin, stage: { alice, bob, eth, token } }) => {
    const deposits = [
      { asset: eth, amounts: [60n, 40n] },
      { asset: token, amounts: [7n, 5n] },
    ];
    const channel = await alice.openChannel([bob], deposits);
    begin();
    await alice.pay(channel, bob, eth, 10n);
    await bob.pay(channel, alice, token, 4n);
    await alice.pay(channel, bob, eth, 50n);
    await bob.closeChannel(channel);
  },
};

const updateOfThree: Story = {
  name: "update and direct defund of three",
  cast: ["alice", "bob", "irene"],
  tell: async ({ begin, stage: { alice, bob, eth, irene } }) => {
    const channel = await alice.openChannel(
      [bob, irene],
      [{ asset: eth, amounts: [60n, 40n, 20n] }],
    );
    begin();
    await irene.pay(channel, bob, eth, 15n);
    await alice.pay(channel, irene, eth, 30n);
    await irene.closeChannel(channel);
  },
};

/** The ledger channels of a line, each with so much from either side. */
async function openLedgers(
  line: readonly Actor[],
  deposits: readonly Deposits[],
): Promise<readonly ChannelId[]> {
  const ledgers: ChannelId[] = [];
  for (const [index, right] of line.slice(1).entries()) {
    const left = assertDefined(line[index], "the left one");
    ledgers.push(await left.openLedger(right, deposits));
  }
  return ledgers;
}

const virtualOverOne: Story = {
  name: "virtual channel over one hub",
  cast: ["alice", "irene", "bob"],
  fees: { irene: 2n },
  tell: async ({ begin, stage: { alice, bob, eth, irene } }) => {
    await openLedgers([alice, irene, bob], [{ asset: eth, amounts: [50n, 50n] }]);
    begin();
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [20n, 10n] }]);
    await alice.payVirtually(channel, eth, 5n);
    await alice.payVirtually(channel, eth, 4n);
    await bob.payVirtually(channel, eth, 3n);
    await bob.closeChannel(channel);
  },
};

const virtualOverTwo: Story = {
  name: "virtual channel over two hubs",
  cast: ["alice", "irene", "ivan", "bob"],
  fees: { irene: 2n, ivan: 3n },
  tell: async ({ begin, stage: { alice, bob, eth, irene, ivan, token } }) => {
    const deposits = [
      { asset: eth, amounts: [50n, 50n] },
      { asset: token, amounts: [30n, 30n] },
    ];
    await openLedgers([alice, irene, ivan, bob], deposits);
    begin();
    const shares = [
      { asset: token, amounts: [20n, 0n] },
      { asset: eth, amounts: [7n, 6n] },
    ];
    const channel = await alice.openVirtual(bob, shares);
    await alice.payVirtually(channel, token, 9n);
    await alice.closeChannel(channel);
  },
};

/** Everything comes back and is paid again, so that vouchers carry receipts. */
const payments: Story = {
  name: "payments both ways",
  cast: ["alice", "irene", "bob"],
  honest: ["alice", "bob"],
  tell: async ({ begin, stage: { alice, bob, eth, irene } }) => {
    await openLedgers([alice, irene, bob], [{ asset: eth, amounts: [50n, 50n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [20n, 10n] }]);
    begin();
    await alice.payVirtually(channel, eth, 15n);
    await bob.payVirtually(channel, eth, 25n);
    await alice.payVirtually(channel, eth, 30n);
    await bob.payVirtually(channel, eth, 8n);
  },
};

/** Several channels at once, so that ledger states carry several changes, and guarantees stay beside others. */
const batches: Story = {
  name: "several virtual channels at once",
  cast: ["alice", "irene", "bob"],
  fees: { irene: 1n },
  tell: async ({ begin, stage: { alice, bob, eth, irene } }) => {
    await openLedgers([alice, irene, bob], [{ asset: eth, amounts: [60n, 60n] }]);
    begin();
    const [first, second, third] = await Promise.all([
      alice.openVirtual(bob, [{ asset: eth, amounts: [9n, 4n] }]),
      alice.openVirtual(bob, [{ asset: eth, amounts: [6n, 0n] }]),
      bob.openVirtual(alice, [{ asset: eth, amounts: [5n, 5n] }]),
    ]);
    await alice.payVirtually(first, eth, 8n);
    await bob.payVirtually(third, eth, 2n);
    await Promise.all([
      bob.closeChannel(first),
      alice.closeChannel(second),
      alice.openVirtual(bob, [{ asset: eth, amounts: [3n, 3n] }]),
    ]);
  },
};

/** Bob closes the channel while Irene has yet to hear that it is open: Alice's word to her takes long. */
const closedEarly: Story = {
  name: "virtual channel closed before everybody knows that it is open",
  cast: ["alice", "irene", "bob"],
  network: { links: { "alice>irene": { latencyMs: [3_000, 3_000] } } },
  tell: async ({ begin, stage: { alice, bob, eth, irene }, world }) => {
    await openLedgers([alice, irene, bob], [{ asset: eth, amounts: [30n, 30n] }]);
    begin();
    const isOpen = world.node("bob").next((record) => record.event.type === "ObjectiveCompleted");
    const opening = alice.openVirtual(bob, [{ asset: eth, amounts: [8n, 4n] }]);
    // It fails where somebody stops before it is over.
    opening.catch(() => {});
    const { event } = await isOpen;
    const { channelId } = event as typeof event & { readonly channelId: ChannelId };
    await Promise.all([bob.closeChannel(channelId), opening]);
  },
};

/** Nobody lets the other one put more into a ledger: what the leader signed for it is passed over. */
const refusal: Story = {
  name: "top-ups that are refused",
  cast: ["alice", "irene"],
  policy: (proposal) =>
    proposal.objective.goal.type === "TopUp"
      ? reject({ code: "PolicyRefused", why: "there is enough in it" })
      : neverPayUnasked(proposal),
  tell: async ({ begin, stage: { alice, eth, irene, pause }, world }) => {
    const channelId = await alice.openLedger(irene, [{ asset: eth, amounts: [30n, 20n] }]);
    begin();
    for (const name of ["alice", "irene"] as const) {
      const wish = { type: "TopUp", channelId, asset: eth.address, amount: 5n } as const;
      await world.node(name).engine.submit(wish);
      await pause(10_000);
    }
  },
};

const topUp: Story = {
  name: "top-up beside a virtual channel",
  cast: ["alice", "irene", "bob"],
  honest: ["alice", "irene"],
  tell: async ({ begin, stage: { alice, bob, eth, irene, token } }) => {
    const deposits = [
      { asset: eth, amounts: [30n, 30n] },
      { asset: token, amounts: [10n, 10n] },
    ];
    const [ledger] = await openLedgers([alice, irene, bob], deposits);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [8n, 4n] }]);
    begin();
    await Promise.all([
      alice.topUp(assertDefined(ledger, "hers"), token, 25n),
      alice.payVirtually(channel, eth, 3n),
    ]);
    await irene.topUp(assertDefined(ledger, "hers"), eth, 5n);
  },
};

const withdrawal: Story = {
  name: "withdrawal beside a virtual channel",
  cast: ["alice", "irene", "bob"],
  honest: ["alice", "irene"],
  tell: async ({ begin, stage: { alice, bob, eth, irene } }) => {
    const [ledger] = await openLedgers([alice, irene, bob], [{ asset: eth, amounts: [60n, 50n] }]);
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [8n, 4n] }]);
    await alice.payVirtually(channel, eth, 3n);
    begin();
    const next = await irene.withdraw(assertDefined(ledger, "hers"), [
      { asset: eth, amounts: [20n, 15n] },
    ]);
    await bob.closeChannel(channel);
    await alice.withdraw(next, [{ asset: eth, amounts: [1n, 2n] }]);
  },
};

/** A peer vanishes behind an update, and her dispute is itself interrupted. */
const dispute: Story = {
  name: "dispute of a direct channel",
  cast: ["alice", "bob"],
  honest: ["alice"],
  tell: async ({ begin, stage: { alice, bob, eth, token } }) => {
    const deposits = [
      { asset: eth, amounts: [60n, 40n] },
      { asset: token, amounts: [7n, 5n] },
    ];
    const channel = await alice.openChannel([bob], deposits);
    await alice.pay(channel, bob, eth, 10n);
    bob.crash();
    begin();
    await alice.dispute(channel);
  },
};

/** A hub vanishes with open virtual channels over it. */
const disputeOfLedgers: Story = {
  name: "dispute of ledgers",
  cast: ["alice", "irene", "bob"],
  honest: ["alice", "bob"],
  tell: async ({ begin, stage: { alice, bob, eth, irene } }) => {
    const [left, right] = await openLedgers(
      [alice, irene, bob],
      [{ asset: eth, amounts: [60n, 60n] }],
    );
    const channel = await alice.openVirtual(bob, [{ asset: eth, amounts: [9n, 4n] }]);
    await alice.openVirtual(bob, [{ asset: eth, amounts: [3n, 3n] }]);
    await alice.payVirtually(channel, eth, 8n);
    irene.crash();
    begin();
    await Promise.all([
      alice.dispute(assertDefined(left, "hers")),
      bob.dispute(assertDefined(right, "his")),
    ]);
  },
};

/** Each move is money: whoever does not make hers in time loses what she has brought in. */
const game: Story = {
  name: "game for money",
  cast: ["alice", "bob"],
  tell: async ({ begin, stage: { alice, bob, eth } }) => {
    const deposits = [{ asset: eth, amounts: [60n, 40n] }];
    const channel = await alice.openGame(bob, deposits, "rock-paper-scissors");
    begin();
    await alice.play(channel, commit(channel, 0, "paper"));
    await bob.play(channel, play("rock"));
    await alice.play(channel, reveal("paper"));
    await bob.closeChannel(channel);
  },
};

/** All stories. */
export const STORIES: readonly Story[] = [
  directFund,
  directFundOfThree,
  update,
  updateOfThree,
  virtualOverOne,
  virtualOverTwo,
  payments,
  batches,
  closedEarly,
  refusal,
  topUp,
  withdrawal,
  dispute,
  disputeOfLedgers,
  game,
];
