/** Short runs in which Eve cheats: two or three channels, a few payments, and an end at which all want their money. */
import type { ActorName } from "../actors.ts";
import type { Plan } from "../search/plan.ts";
import type { AssetAmounts, ChannelWish, Opening, Wish } from "../search/wish.ts";
import type { Move } from "./move.ts";

/** Where Eve is: in channels with others, in a ledger, at the end of a virtual channel, in its middle, or in two games. */
export type StoryName = "direct" | "ledger" | "payer" | "hub" | "game";

/** A plan in which Eve makes these moves. */
export function storyWith(name: StoryName, moves: readonly Move[], seed = 1): Plan {
  const { cast, wishes } = STORIES[name];
  return {
    seed,
    cast,
    fees: {},
    watched: [],
    challengeDurationSec: 300,
    disputeAfterMs: 120_000,
    eventsPerSnapshot: undefined,
    network: {},
    chain: {},
    wishes: wishes.map((wish, id) => ({ ...wish, id })),
    faults: [],
    moves,
    end: "Close",
  };
}

/** The most that somebody may be poorer by at the end: what she wished to pay, and what she brought into games. */
export function paidBy(name: ActorName, { wishes }: Plan): bigint {
  const payments = wishes.map((wish) => {
    if (wish.type === "OpenGame") {
      const place = [wish.by, wish.other].indexOf(name);
      return wish.amounts.reduce((sum, { amounts }) => sum + (amounts[place] ?? 0n), 0n);
    }
    const isPaid = wish.by === name && (wish.type === "Pay" || wish.type === "PayVirtually");
    return isPaid ? wish.amount : 0n;
  });
  return payments.reduce((sum, one) => sum + one, 0n);
}

type Asked = Omit<Wish, "id" | keyof Opening | keyof ChannelWish> & (Opening | ChannelWish);

const STORIES: Readonly<
  Record<StoryName, { readonly cast: readonly ActorName[]; readonly wishes: readonly Asked[] }>
> = {
  direct: {
    cast: ["alice", "bob", "eve"],
    wishes: [
      { atMs: 0, by: "alice", type: "OpenDirect", others: ["eve"], amounts: coins(50n, 50n) },
      {
        atMs: 1_000,
        by: "eve",
        type: "OpenDirect",
        others: ["bob", "alice"],
        amounts: coins(30n, 30n, 30n),
      },
      pay(80_000, "alice", 0, "eve", 5n),
      pay(90_000, "eve", 0, "alice", 9n),
      pay(95_000, "eve", 1, "alice", 3n),
      pay(100_000, "alice", 0, "eve", 2n),
      pay(105_000, "bob", 1, "eve", 1n),
    ],
  },
  ledger: {
    cast: ["alice", "eve"],
    wishes: [
      { atMs: 0, by: "eve", type: "OpenLedger", other: "alice", amounts: coins(50n, 50n) },
      { atMs: 80_000, by: "eve", type: "TopUp", channel: 0, asset: "eth", amount: 20n },
      { atMs: 81_000, by: "alice", type: "TopUp", channel: 0, asset: "eth", amount: 10n },
      { atMs: 160_000, by: "eve", type: "Withdraw", channel: 0, amounts: coins(5n, 0n) },
    ],
  },
  payer: { cast: ["eve", "irene", "bob"], wishes: virtualStory("eve", "irene", "bob") },
  hub: { cast: ["alice", "eve", "bob"], wishes: virtualStory("alice", "eve", "bob") },
  game: {
    cast: ["alice", "eve"],
    wishes: [
      {
        atMs: 0,
        by: "eve",
        type: "OpenGame",
        other: "alice",
        game: "rock-paper-scissors",
        amounts: coins(40n, 60n),
      },
      {
        atMs: 0,
        by: "alice",
        type: "OpenGame",
        other: "eve",
        game: "tactics",
        amounts: coins(30n, 20n),
      },
      move(100_000, "eve", 0),
      move(101_000, "alice", 1),
      move(102_000, "eve", 1),
      move(103_000, "alice", 0),
      move(104_000, "alice", 1),
      move(105_000, "eve", 0),
      { atMs: 110_000, by: "alice", type: "Dispute", channel: 1 },
      move(111_000, "eve", 1),
      move(112_000, "alice", 1),
    ],
  },
};

function virtualStory(payer: ActorName, hub: ActorName, payee: ActorName): readonly Asked[] {
  const payTo = (atMs: number, by: ActorName, amount: bigint): Asked => {
    return { atMs, by, type: "PayVirtually", channel: 2, asset: "eth", amount };
  };
  return [
    { atMs: 0, by: payer, type: "OpenLedger", other: hub, amounts: coins(100n, 100n) },
    { atMs: 0, by: hub, type: "OpenLedger", other: payee, amounts: coins(100n, 100n) },
    {
      atMs: 100_000,
      by: payer,
      type: "OpenVirtual",
      payee,
      via: [hub],
      amounts: coins(20n, 20n),
    },
    payTo(110_000, payer, 3n),
    payTo(112_000, payer, 4n),
    payTo(114_000, payee, 1n),
    payTo(116_000, payer, 2n),
    { atMs: 130_000, by: payer, type: "Close", channel: 2 },
  ];
}

function pay(atMs: number, by: ActorName, channel: number, to: ActorName, amount: bigint): Asked {
  return { atMs, by, type: "Pay", channel, to, asset: "eth", amount };
}

function move(atMs: number, by: ActorName, channel: number): Asked {
  return { atMs, by, type: "Play", channel, move: "Legal", choice: channel };
}

function coins(...amounts: readonly bigint[]): readonly AssetAmounts[] {
  return [{ asset: "eth", amounts }];
}
