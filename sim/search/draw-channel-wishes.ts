/** Draws wishes in a channel that an earlier wish opens. */
import type { ActorName } from "../actors.ts";
import { drawPart } from "./draw-amounts.ts";
import { type Book, type BookChannel, endsOf, fundsOf, moverOf } from "./draw-book.ts";
import { between, type Chance, happens, pick } from "./draw-chance.ts";
import type { Sketch } from "./draw-sketch.ts";
import type { AssetAmounts, AssetName, ChannelWish } from "./wish.ts";

/** A wish in a channel, and when that runs, in virtual milliseconds from the start. */
export type DrawnChannelWish = {
  readonly asked: ChannelWish & { readonly by: ActorName };
  readonly readyMs: number;
};

/** Which channels a kind of wish is about. */
const SUBJECTS: Readonly<Record<ChannelWish["type"], readonly BookChannel["type"][]>> = {
  Pay: ["Direct"],
  PayVirtually: ["Virtual"],
  TopUp: ["Ledger"],
  Withdraw: ["Ledger"],
  Play: ["Game"],
  Close: ["Direct", "Ledger", "Virtual", "Game"],
  Dispute: ["Direct", "Ledger", "Virtual", "Game"],
};

/** How many moves that are wished for are none. */
const ILLEGAL_FRACTION = 0.15;

/** How many are wished for by who has to move, if all goes well. */
const IN_TURN_FRACTION = 0.92;

/** How many wishes are about the channel that was opened last. */
const NEWEST_FRACTION = 0.4;

/** How many payments in virtual channels are its payer's whoever else may pay. */
const PAYER_FRACTION = 0.4;

/** How many payments are asked of who has something to pay with, if all goes well. */
const ABLE_FRACTION = 0.85;

/** How many payments are little, and of which part of what there is. */
const LITTLE_FRACTION = 0.7;
const LITTLE_PART = 8n;

/** Choices in one move: as many as the tactics game has, and more. */
const CHOICES_MAX = 999;

/** What is not to be met asks for so much more than there is. */
const TOO_MUCH_MAX = 1_000;

/** The channels that such a wish can be about. */
export function targetsOf(book: Book, kind: ChannelWish["type"]): readonly BookChannel[] {
  return book.filter(({ isClosed, type }) => !isClosed && SUBJECTS[kind].includes(type));
}

/** Draws one. There is a channel for it. */
export function drawChannelWish(
  { book, features, topology }: Sketch,
  chance: Chance,
  kind: ChannelWish["type"],
): DrawnChannelWish {
  const isStrange = happens(chance, "strange", features.strangeFraction);
  const oddity = isStrange ? pick(chance, "oddity", ["Closed", "Stranger", "TooMuch"]) : undefined;
  const all = book.filter(({ type }) => SUBJECTS[kind].includes(type));
  const open = targetsOf(book, kind);
  // What many wishes are about has more to lose than what each of them is about alone.
  const few = happens(chance, "the newest", NEWEST_FRACTION) ? open.slice(-1) : open;
  const target = pick(chance, "channel", oddity === "Closed" ? all : few);
  const askers = drawAskers(chance, kind, target);
  const by = pick(chance, "by", oddity === "Stranger" ? topology.cast : askers);
  const more = oddity === "TooMuch" ? BigInt(between(chance, "more", [1, TOO_MUCH_MAX])) : 0n;
  return {
    asked: { ...askedIn(chance, kind, { target, by, more }), by },
    readyMs: target.readyMs,
  };
}

/** Those of whom one wishes it. */
function drawAskers(
  chance: Chance,
  kind: ChannelWish["type"],
  target: BookChannel,
): readonly ActorName[] {
  if (kind === "Play") {
    const inTurn = happens(chance, "in turn", IN_TURN_FRACTION);
    return inTurn ? [moverOf(target)] : target.participants;
  }
  if (kind !== "Pay" && kind !== "PayVirtually") return target.participants;
  const able = endsOf(target).filter((name) => assetsWith(target, name).length > 0);
  const isAble = able.length > 0 && happens(chance, "able", ABLE_FRACTION);
  const askers = isAble ? able : endsOf(target);
  const isPayer = kind === "PayVirtually" && happens(chance, "payer", PAYER_FRACTION);
  return isPayer ? askers.slice(0, 1) : askers;
}

type Subject = { readonly target: BookChannel; readonly by: ActorName; readonly more: bigint };

function askedIn(chance: Chance, type: ChannelWish["type"], subject: Subject): ChannelWish {
  const { by, more, target } = subject;
  const channel = target.id;
  const asset = pick(chance, "asset", assetsFor(type, subject));
  const available = fundsOf(target, by, asset);
  switch (type) {
    case "Pay": {
      const others = endsOf(target).filter((name) => name !== by);
      const amount = payable(chance, available) + more;
      return { type, channel, to: pick(chance, "to", others), asset, amount };
    }
    case "PayVirtually":
      return { type, channel, asset, amount: payable(chance, available) + more };
    case "TopUp":
      return { type, channel, asset, amount: BigInt(between(chance, "amount", [1, 500])) };
    case "Withdraw":
      return { type, channel, amounts: drawWithdrawal(chance, target, more) };
    case "Play": {
      const move = happens(chance, "no move", ILLEGAL_FRACTION) ? "Illegal" : "Legal";
      return { type, channel, move, choice: between(chance, "choice", [0, CHOICES_MAX]) };
    }
    case "Close":
    case "Dispute":
      return { type, channel };
  }
}

/** Mostly so little that others can follow. Who has nothing asks to pay the least there is. */
function payable(chance: Chance, available: bigint): bigint {
  const isLittle = available >= LITTLE_PART && happens(chance, "little", LITTLE_FRACTION);
  const part = drawPart(chance, "amount", isLittle ? available / LITTLE_PART : available);
  return part === 0n ? 1n : part;
}

function drawWithdrawal(
  chance: Chance,
  { funds }: BookChannel,
  more: bigint,
): readonly AssetAmounts[] {
  const chosen = funds.filter((_, at) => at === 0 || happens(chance, `also ${at}`, 0.5));
  return chosen.map(({ amounts, asset }) => {
    const parts = amounts.map((amount, at) => {
      const isLeftOut = happens(chance, `nothing of ${asset} to ${at}`, 0.4);
      return isLeftOut ? 0n : drawPart(chance, `${asset} to ${at}`, amount);
    });
    const isNothing = parts.every((amount) => amount === 0n);
    const richer = amounts.findIndex((amount) => amounts.every((other) => other <= amount));
    return {
      asset,
      amounts: parts.map((amount, at) =>
        at === richer ? amount + (isNothing ? 1n : 0n) + more : amount,
      ),
    };
  });
}

function assetsOf({ funds }: BookChannel): readonly AssetName[] {
  return funds.map(({ asset }) => asset);
}

/** What a wish can be about: a payment of what there is something of, where there is anything. */
function assetsFor(type: ChannelWish["type"], { by, target }: Subject): readonly AssetName[] {
  const own = type === "Pay" || type === "PayVirtually" ? assetsWith(target, by) : [];
  return own.length > 0 ? own : assetsOf(target);
}

/** Those of which somebody has something. */
function assetsWith(channel: BookChannel, name: ActorName): readonly AssetName[] {
  return assetsOf(channel).filter((asset) => fundsOf(channel, name, asset) > 0n);
}
