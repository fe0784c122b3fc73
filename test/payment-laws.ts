/** The laws of payments by voucher, held against every event of every node. */
import type { Channel } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import type { NodeState } from "../src/engine/node-state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { law } from "./broken-law.ts";

type VoucherFact = NodeEvent & { readonly type: "VoucherIssued" | "VoucherReceived" };

type Promised = { readonly counter: number; readonly amounts: readonly bigint[] };

/** What one end of a channel has promised and was promised, as its own log tells it. */
type Account = {
  issued: Promised | undefined;
  received: Promised | undefined;
  /** Of what it promised, what the other end has receipted. */
  receipted: Promised | undefined;
  /** It has said that it pays nothing more, or has signed the final state. */
  isOver: boolean;
};

/** Follows the payments of all nodes. Keeps its own accounts: those of the nodes are what it judges. */
export class PaymentLaws {
  readonly #accounts = new Map<string, Account>();
  /** What was promised, by channel, payer and counter. */
  readonly #promises = new Map<string, string>();

  /** Looks at an event of the node with this index, whose state is the one before the event. */
  beforeFact(index: number, state: NodeState, event: NodeEvent): void {
    if (event.type === "VoucherIssued" || event.type === "VoucherReceived") {
      const channel = assertDefined(state.channels.get(event.channelId), "the channel");
      law(channel.wasOpen, "payments are made in open channels");
      this.#onVoucher(this.#accountOf(index, event.channelId), channel, event);
    } else if (event.type === "PaymentsStopped") {
      const channel = assertDefined(state.channels.get(event.channelId), "the channel");
      if (event.by === channel.myIndex) this.#accountOf(index, channel.id).isOver = true;
    } else if (event.type === "StateSigned" && event.variablePart.isFinal) {
      const channel = assertDefined(state.channels.get(event.channelId), "the channel");
      if (channel.use.type !== "Virtual") return;
      const account = this.#accountOf(index, channel.id);
      account.isOver = true;
      checkFinal(account, channel, event.variablePart.outcome);
    }
  }

  #onVoucher(account: Account, channel: Channel, event: VoucherFact): void {
    const isMine = event.type === "VoucherIssued";
    const { amounts, counted, counter } = event;
    const before = isMine ? account.issued : account.received;
    checkGrowth(before, event);
    this.#notePromise(channel, event);
    const [mine, theirs] = opened(channel);
    const promised = { counter, amounts };
    if (isMine) {
      law(!account.isOver, "who has stopped paying pays nothing more");
      law(isWithin(amounts, mine, account.received), "nobody pays more than she has");
      account.issued = promised;
    } else {
      if (counted !== undefined) account.receipted = counted;
      const isCovered = isWithin(amounts, theirs, account.receipted);
      law(isCovered, "a payee takes no more than she can prove that the payer has");
      account.received = promised;
    }
  }

  /** What is taken for money was promised before, word for word. */
  #notePromise(channel: Channel, event: VoucherFact): void {
    const { amounts, counter, signature, type } = event;
    const by = type === "VoucherIssued" ? channel.myIndex : event.by;
    const key = `${channel.id} ${by} ${counter}`;
    const text = `${amounts} ${signature}`;
    if (type === "VoucherIssued") this.#promises.set(key, text);
    law(this.#promises.get(key) === text, "what is taken for money was promised");
  }

  #accountOf(index: number, channelId: ChannelId): Account {
    const key = `${index} ${channelId}`;
    const none = { issued: undefined, received: undefined, receipted: undefined, isOver: false };
    const account = this.#accounts.get(key) ?? none;
    this.#accounts.set(key, account);
    return account;
  }
}

/** What one end put into a channel and what the other one did, per asset, in its smallest unit. */
function opened({ fundingOutcome, myIndex }: Channel): readonly [bigint[], bigint[]] {
  const part = (place: 0 | 1): bigint[] =>
    fundingOutcome.map(({ allocations }) => allocations[place]?.amount ?? 0n);
  return myIndex === 0 ? [part(0), part(1)] : [part(1), part(0)];
}

function checkGrowth(before: Promised | undefined, { amounts, counter }: Promised): void {
  const was = (place: number): bigint => before?.amounts[place] ?? 0n;
  law(counter > (before?.counter ?? 0), "a newer voucher has a higher counter");
  const isLowered = amounts.some((amount, place) => amount < was(place));
  law(!isLowered, "vouchers only grow");
  const isRaised = amounts.some((amount, place) => amount > was(place));
  law(isRaised, "a newer voucher pays more");
}

function isWithin(
  amounts: readonly bigint[],
  putIn: readonly bigint[],
  wasPaid: Promised | undefined,
): boolean {
  return amounts.every(
    (amount, place) => amount <= (putIn[place] ?? 0n) + (wasPaid?.amounts[place] ?? 0n),
  );
}

/**
 * Nobody signs away what the newest vouchers leave her. The first participant knows all vouchers by then, and
 * the last one may have some on their way to her.
 */
function checkFinal(account: Account, channel: Channel, outcome: Outcome): void {
  const { fixedPart, fundingOutcome, myIndex } = channel;
  const isLast = myIndex === fixedPart.participants.length - 1;
  const [mine, theirs] = opened(channel);
  for (const [asset, { allocations }] of outcome.entries()) {
    const [left = 0n, right = 0n] = allocations.map(({ amount }) => amount);
    const whole = (mine[asset] ?? 0n) + (theirs[asset] ?? 0n);
    law(left >= 0n && right >= 0n && left + right === whole, "a final state keeps the sums");
    const gain = (account.received?.amounts[asset] ?? 0n) - (account.issued?.amounts[asset] ?? 0n);
    const due = (mine[asset] ?? 0n) + gain;
    if (myIndex === 0) law(left === due, "a final state pays exactly the newest vouchers");
    if (isLast)
      law(right >= due, "nobody signs a final state that pays her less than her vouchers");
  }
  law(outcome.length === fundingOutcome.length, "a final state pays every asset");
}
