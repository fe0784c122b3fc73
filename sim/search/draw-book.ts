/** What a generator expects of the channels that its wishes open: enough to draw wishes that can mostly be met. */

import type { GameName } from "../../src/chain/played-games.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { ActorName } from "../actors.ts";
import type { AssetAmounts, AssetName, Wish } from "./wish.ts";

/** A channel as it will be if nothing goes wrong. */
export type BookChannel = {
  /** The wish that opens it. */
  readonly id: number;
  readonly type: "Direct" | "Ledger" | "Virtual" | "Game";
  readonly participants: readonly ActorName[];
  /** By participant; of a virtual channel, what the first and the last have. */
  readonly funds: readonly AssetAmounts[];
  /** Virtual milliseconds from the start at which it runs. */
  readonly readyMs: number;
  readonly isClosed: boolean;
  /** What intermediaries get of the first asset, in their order; nobody gets anything in other channels. */
  readonly fees: readonly bigint[];
  /** Which game is played in it, and how many moves have been made; undefined in other channels. */
  readonly game?: { readonly name: GameName; readonly moves: number } | undefined;
  /** Until when a deposit or a withdrawal of it is under way, in virtual milliseconds from the start. */
  readonly busyUntilMs: number;
};

/** All channels of a plan, oldest first. */
export type Book = readonly BookChannel[];

/** Who can pay in a channel, and be paid: everybody, or the ends of a virtual one. */
export function endsOf({ participants, type }: BookChannel): readonly ActorName[] {
  return type === "Virtual"
    ? [...participants.slice(0, 1), ...participants.slice(-1)]
    : participants;
}

/** Who has to move in a game. */
export function moverOf({ game, participants }: BookChannel): ActorName {
  return assertDefined(participants[(game?.moves ?? 0) % 2], "a player");
}

/** What an end of a channel has of an asset. */
export function fundsOf(channel: BookChannel, name: ActorName, asset: AssetName): bigint {
  const amounts = channel.funds.find((one) => one.asset === asset)?.amounts ?? [];
  return amounts[endsOf(channel).indexOf(name)] ?? 0n;
}

/** The book with somebody's part of an asset changed by so much. */
export function moved(book: Book, { asset, by, channel, name }: Movement): Book {
  return book.map((one) => {
    if (one.id !== channel) return one;
    const index = endsOf(one).indexOf(name);
    const funds = one.funds.map((part) => {
      const amounts = part.amounts.map((amount, at) => (at === index ? amount + by : amount));
      return part.asset === asset ? { asset, amounts } : part;
    });
    return { ...one, funds };
  });
}

type Movement = {
  readonly channel: number;
  readonly name: ActorName;
  readonly asset: AssetName;
  readonly by: bigint;
};

/** The book when a wish is met. A wish that opens something is entered by `entered`. */
export function afterWish(book: Book, wish: Wish): Book {
  switch (wish.type) {
    case "Pay":
    case "PayVirtually": {
      const { amount, asset, by, channel } = wish;
      const at = book.find(({ id }) => id === channel);
      const to = wish.type === "Pay" ? wish.to : endsOfSome(at).find((name) => name !== by);
      if (at === undefined || to === undefined || fundsOf(at, by, asset) < amount) return book;
      const less = moved(book, { channel, name: by, asset, by: -amount });
      return moved(less, { channel, name: to, asset, by: amount });
    }
    case "TopUp":
      return moved(book, { ...wish, name: wish.by, by: wish.amount });
    case "Withdraw":
      return book.map((one) => (one.id === wish.channel ? reduced(one, wish.amounts) : one));
    case "Play":
      return wish.move === "Legal" ? played(book, wish) : book;
    case "Dispute": {
      // A game goes on before the chain.
      const isGame = book.some(({ id, type }) => id === wish.channel && type === "Game");
      return isGame ? book : closed(book, wish.channel);
    }
    case "Close":
      return closed(book, wish.channel);
    default:
      return book;
  }
}

/** The book with a channel that a wish opens; what a virtual one takes is taken from its ledgers. */
export function entered(book: Book, channel: BookChannel): Book {
  if (channel.type !== "Virtual") return [...book, channel];
  return [...withGuarantees(book, channel, -1n), channel];
}

/** The ledger channel of two that is open, if any. */
export function ledgerOf(book: Book, one: ActorName, other: ActorName): BookChannel | undefined {
  return book.find(
    ({ isClosed, participants, type }) =>
      type === "Ledger" && !isClosed && participants.includes(one) && participants.includes(other),
  );
}

function endsOfSome(channel: BookChannel | undefined): readonly ActorName[] {
  return channel === undefined ? [] : endsOf(channel);
}

/** In both games the players move in turn: a move of the other one is none. */
function played(
  book: Book,
  { by, channel }: Pick<Wish, "by"> & { readonly channel: number },
): Book {
  return book.map((one) => {
    const { game } = one;
    const isIt = one.id === channel && game !== undefined && moverOf(one) === by;
    return isIt ? { ...one, game: { ...game, moves: game.moves + 1 } } : one;
  });
}

function reduced(channel: BookChannel, amounts: readonly AssetAmounts[]): BookChannel {
  const funds = channel.funds.map((part) => {
    const taken = amounts.find(({ asset }) => asset === part.asset)?.amounts ?? [];
    return { ...part, amounts: part.amounts.map((amount, at) => amount - (taken[at] ?? 0n)) };
  });
  return { ...channel, funds };
}

function closed(book: Book, id: number): Book {
  const channel = book.find((one) => one.id === id);
  if (channel === undefined || channel.isClosed) return book;
  const freed = channel.type === "Virtual" ? withGuarantees(book, channel, 1n) : book;
  return freed.map((one) => (one.id === id ? { ...one, isClosed: true } : one));
}

/** In each ledger of the way, the one nearer to the payer stands for what she has, the other for what the payee has. */
function withGuarantees(book: Book, channel: BookChannel, sign: bigint): Book {
  const { fees, funds, participants } = channel;
  let after = book;
  participants.slice(1).forEach((farther, index) => {
    const nearer = participants[index] ?? farther;
    const ledger = ledgerOf(after, nearer, farther);
    if (ledger === undefined) return;
    funds.forEach(({ amounts: [left = 0n, right = 0n], asset }, place) => {
      const at = { channel: ledger.id, asset };
      const passed = place === 0 ? feesFrom(fees, index) : 0n;
      after = moved(after, { ...at, name: nearer, by: sign * left - (sign < 0n ? passed : 0n) });
      const kept = sign > 0n ? passed : 0n;
      after = moved(after, { ...at, name: farther, by: sign * right + kept });
    });
  });
  return after;
}

/** What the intermediaries from this place of the way on get together. */
export function feesFrom(fees: readonly bigint[], index: number): bigint {
  return fees.slice(index).reduce((sum, fee) => sum + fee, 0n);
}
