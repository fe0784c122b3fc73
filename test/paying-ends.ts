/** The participants of an open virtual channel, who pay each other without nodes and without a network. */
import type { TestAccount } from "../sim/chain/test-account.ts";
import { type Channel, createChannel } from "../src/channel/channel.ts";
import { channelIdOf } from "../src/channel/channel-id.ts";
import type { Profile } from "../src/channel/channel-use.ts";
import { type ObjectiveId, virtualFundId } from "../src/channel/objective-id.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { stateHash, TURN } from "../src/channel/state.ts";
import type { Address } from "../src/crypto/address.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import type { Message } from "../src/messages/message.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import type { Result } from "../src/primitives/result.ts";
import { type Payment, pay } from "../src/protocols/payments.ts";
import type { Context } from "../src/protocols/protocol.ts";
import { receiveVoucher } from "../src/protocols/receive-voucher.ts";
import type { Rejection } from "../src/protocols/rejection.ts";
import { evolveOneChannel, type ProtocolEvent } from "../src/protocols/subject.ts";
import { ALICE, BOB, IRENE, virtualChannel } from "./sample-payments.ts";

export type VoucherMessage = Message & { readonly type: "Voucher" };

/** One participant: her channel is what she has recorded so far. */
export type Payer = {
  channel: Channel;
  readonly context: Context;
};

/** Where the app is that the channels of `payers` have. */
export const APP: Address = `0x${"a9".repeat(20)}` as Address;

const PEOPLE = [ALICE, IRENE, BOB] as const;

/** Alice, Irene and Bob in a channel that has just been opened with this outcome. */
export function payers(
  outcome: Outcome,
  profile: Profile = "enforceable",
  channelNonce = 1n,
): { readonly alice: Payer; readonly irene: Payer; readonly bob: Payer } {
  const [alice, irene, bob] = PEOPLE.map((_, index) => {
    const unopened = unopenedPayer(index, outcome, profile, channelNonce);
    const { channel, context } = unopened;
    const events = [TURN.prefund, TURN.postfund].flatMap((turnNum) => opening(channel, turnNum));
    return { context, channel: events.reduce(folded, channel) };
  });
  return {
    alice: assertDefined(alice, "Alice"),
    irene: assertDefined(irene, "Irene"),
    bob: assertDefined(bob, "Bob"),
  };
}

/** A participant of a channel in which nobody has signed anything. */
export function unopenedPayer(
  index: number,
  outcome: Outcome,
  profile: Profile = "enforceable",
  channelNonce = 1n,
): Payer {
  const fixedPart = virtualChannel(APP, channelNonce);
  const channel = createChannel({
    type: "ChannelCreated",
    channelId: channelIdOf(fixedPart),
    fixedPart,
    myIndex: index,
    outcome,
    appData: "0x",
    use: { type: "Virtual", profile, fees: [0n], left: undefined, right: undefined },
  });
  return { channel, context: contextOf(assertDefined(PEOPLE[index], "a participant")) };
}

/** Records that all signed a state of the opening. */
export function opening(
  { fixedPart, fundingOutcome, id: channelId, myIndex }: Channel,
  turnNum: number,
): readonly ProtocolEvent[] {
  const variablePart = { outcome: fundingOutcome, appData: "0x", turnNum, isFinal: false } as const;
  const objectiveId: ObjectiveId = virtualFundId(channelId);
  const hash = stateHash(channelId, variablePart);
  const signed = fixedPart.participants.map((_, by): ProtocolEvent => {
    const signature = assertDefined(PEOPLE[by], "a participant").signHash(hash);
    const about = { channelId, objectiveId, variablePart, signature };
    return by === myIndex
      ? { type: "StateSigned", ...about }
      : { type: "StateReceived", by, ...about };
  });
  return [...signed, { type: "SupportedStateAdvanced", channelId, turnNum }];
}

/** Folds facts into what a participant knows. */
export function record(payer: Payer, events: readonly ProtocolEvent[]): void {
  payer.channel = events.reduce(folded, payer.channel);
}

/** Pays and gives the message, which may get lost; throws when the payer herself refuses. */
export function paying(payer: Payer, payment: Payment): VoucherMessage {
  const paid = pay(payer.channel, payment, payer.context);
  if (!paid.ok) throw new Error(`the payment is refused: ${paid.reason.code}`);
  record(payer, paid.value.events);
  const [effect] = paid.value.effects;
  if (effect?.type !== "SendMessage" || effect.message.type !== "Voucher") {
    throw new Error("a payment sends its voucher");
  }
  return effect.message;
}

/** Lets a participant hear a voucher of another one. What is accepted is recorded. */
export function hearing(
  payee: Payer,
  message: VoucherMessage,
  by: number = 2 - payee.channel.myIndex,
): Result<readonly ProtocolEvent[], Rejection> {
  const heard = receiveVoucher(payee.channel, by, message, payee.context);
  if (heard.ok) record(payee, heard.value);
  return heard;
}

function contextOf({ signHash }: TestAccount): Context {
  const { recoverSigner } = signatureBackend;
  return { sign: signHash, recoverSigner, appOf: () => undefined };
}

function folded(channel: Channel, event: ProtocolEvent): Channel {
  return evolveOneChannel(channel, event) ?? channel;
}
