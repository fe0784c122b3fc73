/** The payments of a story: who pays whom in which channel, when, and what was paid in the end. */
import type { Channel } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { finalStateOf } from "../src/channel/final-state.ts";
import { virtualDefundId, virtualFundId } from "../src/channel/objective-id.ts";
import type { Voucher } from "../src/channel/voucher.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import { law } from "./broken-law.ts";
import { assetAt, type Wish, type WishedPayment } from "./ledger-story.ts";
import type { PureNetwork } from "./pure-network.ts";

/** A payment that its payer's node has made. */
export type MadePayment = {
  readonly channelId: ChannelId;
  /** Nodes, by number. */
  readonly payer: number;
  readonly payee: number;
  /** Number of the asset, and how much of its smallest unit. */
  readonly asset: number;
  readonly amount: bigint;
};

/** A channel with what is still to be paid in it, the first first. */
type Open = {
  readonly channelId: ChannelId;
  readonly route: readonly number[];
  readonly rest: WishedPayment[];
  /** Nobody waits with paying until what the other one paid has arrived. */
  readonly isHasty: boolean;
};

/** What is still to be paid, and what was. */
export class ToldPayments {
  readonly made: MadePayment[] = [];
  /** Why a payment was not made, in the order of the story. */
  readonly refused: string[] = [];
  readonly #open = new Map<ChannelId, Open>();

  /** Somebody wants a channel from the first to the last of a route, in order to pay. */
  add(channelId: ChannelId, route: readonly number[], { isHasty, payments }: Wish): void {
    const open = { channelId, route, rest: [...payments], isHasty };
    if (payments.length > 0) this.#open.set(channelId, open);
  }

  /** True when nothing is left to be paid in a channel. */
  isDone(channelId: ChannelId): boolean {
    return !this.#open.has(channelId);
  }

  /** True when there is a payment that can be made now. */
  hasMore(network: PureNetwork): boolean {
    return [...this.#open.values()].some((one) => canPay(network, one));
  }

  /** Makes the next payment of one of the channels; mostly of one that is open. */
  makeOne(network: PureNetwork, draw: (below: number) => number): void {
    const all = [...this.#open.values()];
    const candidates = draw(8) === 0 ? all : all.filter((each) => canPay(network, each));
    const one = candidates[draw(Math.max(1, candidates.length))];
    if (one !== undefined) this.#make(network, one);
  }

  #make(network: PureNetwork, one: Open): void {
    const { channelId, rest, route } = one;
    const wished = assertDefined(rest[0], "a payment that is wished for");
    const { payee, payer } = endsOf(route, wished);
    const channel = network.node(payer).state.channels.get(channelId);
    if (channel === undefined || mustWait(network, one)) return;
    const asset = wished.asset % channel.fundingOutcome.length;
    const { amount } = wished;
    const due = this.#refusalDue(network, channel, { channelId, payer, payee, asset, amount });
    const verdict = network.decide(payer, {
      type: "Payment",
      channelId,
      payment: { asset: assetAt(asset), amount },
      answer: () => {},
    });
    const code = verdict.ok ? undefined : verdict.reason.code;
    law(code === due, `a payment is made when it can be, and only then: ${code}, not ${due}`);
    if (code === undefined) this.made.push({ channelId, payer, payee, asset, amount });
    else this.refused.push(code);
    if (code !== "NotOpen") rest.shift();
    if (rest.length === 0 || isRejected(network, one)) this.#open.delete(channelId);
  }

  /** Why a payment must be refused, by what was paid so far; undefined when it must be made. */
  #refusalDue(network: PureNetwork, channel: Channel, payment: MadePayment): string | undefined {
    const { amount, asset, payer } = payment;
    const { objectives } = network.node(payer).state;
    const { fundingOutcome, myIndex, use, vouchers } = channel;
    assert(use.type === "Virtual", "payments are made in virtual channels");
    if (objectives.has(virtualDefundId(channel.id))) return "PaymentsOver";
    if (!channel.wasOpen) return "NotOpen";
    if (finalStateOf(channel) !== undefined) return "PaymentsOver";
    if (use.profile === "go-nitro" && myIndex > 0) return "PaysOneWay";
    const mine = fundingOutcome[asset]?.allocations[myIndex === 0 ? 0 : 1]?.amount ?? 0n;
    const received = vouchers.received?.amounts[asset] ?? 0n;
    return amount > mine + received - this.#paid(payment) ? "InsufficientFunds" : undefined;
  }

  #paid({ asset, channelId, payer }: MadePayment): bigint {
    const mine = this.made.filter(
      (one) => one.channelId === channelId && one.payer === payer && one.asset === asset,
    );
    return mine.reduce((sum, { amount }) => sum + amount, 0n);
  }
}

function endsOf(
  route: readonly number[],
  { isBack }: WishedPayment,
): { readonly payer: number; readonly payee: number } {
  const ends = [route[0], route.at(-1)].map((index) => assertDefined(index, "an end"));
  const [left = 0, right = 0] = ends;
  return isBack ? { payer: right, payee: left } : { payer: left, payee: right };
}

function canPay(network: PureNetwork, one: Open): boolean {
  const { channelId, rest, route } = one;
  if (mustWait(network, one)) return false;
  const { payer } = endsOf(route, assertDefined(rest[0], "a payment that is wished for"));
  const { channels, objectives } = network.node(payer).state;
  return channels.get(channelId)?.wasOpen === true && !objectives.has(virtualDefundId(channelId));
}

/**
 * True for whoever is patient, as long as a voucher is on its way. In go-nitro's profile one may never arrive:
 * the payee refuses it when she has not heard yet that the channel is open.
 */
function mustWait(network: PureNetwork, { channelId, isHasty, route }: Open): boolean {
  const ends = [route[0], route.at(-1)].map((index) =>
    network.node(index ?? 0).state.channels.get(channelId),
  );
  const isLossy = ends.some((end) => end?.use.type === "Virtual" && end.use.profile === "go-nitro");
  if (isHasty || isLossy) return false;
  const [left, right] = ends.map((end) => end?.vouchers);
  const isOnTheWay = (from: Voucher | undefined, to: Voucher | undefined): boolean =>
    from?.counter !== to?.counter;
  return isOnTheWay(left?.issued, right?.received) || isOnTheWay(right?.issued, left?.received);
}

/** True when the channel will never open. */
function isRejected(network: PureNetwork, { channelId, route: [first = 0] }: Open): boolean {
  const fund = network.node(first).state.objectives.get(virtualFundId(channelId));
  return fund?.status === "Rejected";
}
