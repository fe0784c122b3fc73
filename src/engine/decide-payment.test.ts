/** Payments as a node decides them: what is refused leaves no trace, whoever refuses. */
import { describe, expect } from "bun:test";
import { adversarial, concurrency, unit } from "../../test/kind.ts";
import { LEDGER_APP, PAYMENT_APP, PureNetwork } from "../../test/pure-network.ts";
import type { Channel } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import { ALLOCATION_TYPE } from "../channel/outcome.ts";
import { TURN } from "../channel/state.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { NodeEvent } from "../events/event.ts";
import { encodeMessage } from "../messages/codec.ts";
import type { Message } from "../messages/message.ts";
import { assertDefined } from "../primitives/assert.ts";
import { decideInput } from "./decide-input.ts";
import { Draft } from "./draft.ts";
import { ALL_AGREED, type Life } from "./fence.ts";
import type { Input } from "./input.ts";

const ALICE = 0;
const IRENE = 1;
const BOB = 2;

/** A day: a quarter of it is 21,600 seconds. */
const CHALLENGE_DURATION_SEC = 86_400;

type VoucherMessage = Message & { readonly type: "Voucher" };
type Sent = NodeEvent & { readonly type: "MessageSent" };

/** Alice, Irene and Bob with their ledgers, and what Alice and Bob opened over Irene, at rest. */
function opened(): PureNetwork {
  const net = new PureNetwork(3);
  for (const [left, right] of [
    [ALICE, IRENE],
    [IRENE, BOB],
  ] as const) {
    const participants = [left, right].map((index) => net.node(index).rules.me);
    const allocations = participants.map((participant) => ({
      destination: externalDestination(participant),
      amount: 50n,
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x" as const,
    }));
    const assetMetadata = { assetType: 0, metadata: "0x" } as const;
    net.ask(left, {
      type: "FundDirectly",
      participants,
      outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
      appDefinition: LEDGER_APP,
      appData: "0x",
      challengeDurationSec: CHALLENGE_DURATION_SEC,
    });
    rest(net);
  }
  net.ask(ALICE, {
    type: "FundVirtually",
    payee: net.node(BOB).rules.me,
    route: { intermediaries: [net.node(IRENE).rules.me], fees: [0n] },
    ledgerId: undefined,
    shares: [{ asset: ZERO_ADDRESS, left: 9n, right: 4n }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  return net;
}

/** Everything that can happen happens, the first thing first. */
function rest(net: PureNetwork): void {
  while (net.act(0)) {
    // Each call does one thing.
  }
}

function running(): PureNetwork {
  const net = opened();
  rest(net);
  return net;
}

function virtualAt(net: PureNetwork, index: number): Channel {
  const channels = [...net.node(index).state.channels.values()];
  return assertDefined(
    channels.find(({ use }) => use.type === "Virtual"),
    "the virtual channel",
  );
}

function pay(net: PureNetwork, index: number, amount: bigint): string {
  const verdict = net.decide(index, {
    type: "Payment",
    channelId: virtualAt(net, index).id,
    payment: { asset: ZERO_ADDRESS, amount },
    answer: () => {},
  });
  return verdict.ok ? "accepted" : verdict.reason.code;
}

/** What Bob would say to the voucher that Alice has sent last, in some life. */
function judged(net: PureNetwork, life: Partial<Life> = {}): string {
  const { rules, state } = net.node(BOB);
  const { message, sequence } = assertDefined(sentBy(net, ALICE).at(-1), "a voucher");
  const draft = new Draft(state, { ...ALL_AGREED, ...life });
  const from = net.node(ALICE).rules.me;
  const input: Input = { type: "Message", from, sequence, payload: encodeMessage(message) };
  const verdict = decideInput(draft, state, input, rules);
  return verdict.ok ? draft.events.map(({ type }) => type).join() : verdict.reason.code;
}

function sentBy(net: PureNetwork, index: number): readonly (Sent & { message: VoucherMessage })[] {
  return net.node(index).log.filter((event): event is Sent & { message: VoucherMessage } => {
    return event.type === "MessageSent" && event.message.type === "Voucher";
  });
}

describe("a payment", () => {
  unit("is one voucher and one message at the payer, one voucher at the payee", () => {
    const net = running();
    const before = [ALICE, BOB].map((index) => net.node(index).log.length);
    expect(pay(net, ALICE, 3n)).toBe("accepted");
    rest(net);

    const [mine, theirs] = [ALICE, BOB].map((index, place) =>
      net
        .node(index)
        .log.slice(before[place])
        .map(({ type }) => type),
    );
    expect(mine).toEqual(["VoucherIssued", "MessageSent", "MessageAcked"]);
    expect(theirs).toEqual(["VoucherReceived", "MessageReceived"]);
    expect(virtualAt(net, BOB).vouchers.received).toEqual(virtualAt(net, ALICE).vouchers.issued);
  });

  unit("that is refused leaves no trace: too much, after the end was asked for, by the hub", () => {
    const net = running();
    const { length } = net.node(ALICE).log;
    expect([pay(net, ALICE, 10n), pay(net, IRENE, 1n)]).toEqual(["InsufficientFunds", "NotAnEnd"]);
    expect(net.node(ALICE).log.length).toBe(length);

    net.ask(ALICE, { type: "DefundVirtually", channelId: virtualAt(net, ALICE).id });
    expect([pay(net, ALICE, 1n), pay(net, BOB, 1n)]).toEqual(["PaymentsOver", "accepted"]);
    rest(net);

    expect(net.refusals).toEqual([]);
    expect(pay(net, BOB, 1n)).toBe("PaymentsOver");
    const [exit] = assertDefined(virtualAt(net, BOB).supported, "the end").variablePart.outcome;
    expect(exit?.allocations.map(({ amount }) => amount)).toEqual([10n, 3n]);
  });

  concurrency("may come before the payee has heard from the hub that the channel is open", () => {
    let early = 0;
    for (let choices = 1; choices < 60; choices++) {
      const net = opened();
      let step = 0;
      while (!virtualAt(net, ALICE).wasOpen) net.act(Math.imul(choices, ++step) >>> 3);
      early += virtualAt(net, BOB).wasOpen ? 0 : 1;
      pay(net, ALICE, 3n);
      while (net.act(Math.imul(choices, ++step) >>> 3)) {
        // In some order.
      }
      expect(net.refusals).toEqual([]);
      expect(virtualAt(net, BOB).vouchers.received?.amounts).toEqual([3n]);
    }
    expect(early).toBeGreaterThan(0);
  });

  adversarial("is refused before the channel is open, and nothing of it is stored", () => {
    const net = running();
    pay(net, ALICE, 3n);
    const { message } = assertDefined(sentBy(net, ALICE)[0], "the voucher");
    const late = opened();
    while ((virtualOf(late)?.supported?.variablePart.turnNum ?? -1) < TURN.prefund) late.act(0);
    const { length } = late.node(BOB).log;
    const from = late.node(ALICE).rules.me;
    const payload = encodeMessage({
      ...message,
      channelId: assertDefined(virtualOf(late), "the channel").id,
    });

    const verdict = late.decide(BOB, { type: "Message", from, sequence: 90, payload });

    expect(verdict).toMatchObject({ ok: false, reason: { code: "NotOpen" } });
    expect(late.node(BOB).log.length).toBe(length);
  });

  const virtualOf = (net: PureNetwork): Channel | undefined =>
    [...net.node(BOB).state.channels.values()].find(({ use }) => use.type === "Virtual");
});

describe("a payee who looks at the chain", () => {
  unit(
    "takes vouchers until its newest block is older than a quarter of the challenge duration",
    () => {
      const net = running();
      pay(net, ALICE, 3n);
      const after = (lagSec: number): string => judged(net, { chainLagSec: () => lagSec });

      expect(after(CHALLENGE_DURATION_SEC / 4)).toBe("VoucherReceived,MessageReceived");
      expect(after(CHALLENGE_DURATION_SEC / 4 + 1)).toBe("ChainNotSeen");
      expect(after(Number.POSITIVE_INFINITY)).toBe("ChainNotSeen");
    },
  );

  unit(
    "takes none once the channel or its ledger is disputed, even when the challenge is answered",
    () => {
      let logIndex = 1_000;
      const tell = (
        net: PureNetwork,
        type: "ChallengeRegistered" | "ChallengeCleared",
        channel: Channel,
      ): void => {
        const position = {
          blockNumber: 9,
          blockHash: `0x${"b1".repeat(32)}` as Hash,
          transactionIndex: 0,
          logIndex: ++logIndex,
          transactionHash: `0x${"7a".repeat(32)}` as Hash,
        };
        const { variablePart, signatures } = assertDefined(channel.supported, "a supported state");
        const candidate = {
          variablePart,
          signatures: signatures.map((one) => one ?? ("0x" as const)),
        };
        const about = { position, channelId: channel.id };
        const log =
          type === "ChallengeCleared"
            ? ({ type, ...about, newTurnNumRecord: 1, shown: undefined } as const)
            : ({ type, ...about, finalizesAtSec: 99, candidate, proof: [] } as const);
        const { blockHash, blockNumber } = position;
        const block = { blockNumber, blockHash };
        const news = { type: "LogsConfirmed", logs: [log], block, blockTimeSec: 98 } as const;
        net.decide(BOB, { type: "Chain", news });
      };
      for (const isLedger of [false, true]) {
        const net = running();
        pay(net, ALICE, 3n);
        const virtual = virtualAt(net, BOB);
        const ledgerId = virtual.use.type === "Virtual" ? virtual.use.left : undefined;
        const { channels } = net.node(BOB).state;
        const ledger = assertDefined(ledgerId && channels.get(ledgerId), "its ledger");
        const channel = isLedger ? ledger : virtual;

        expect(judged(net)).toBe("VoucherReceived,MessageReceived");
        tell(net, "ChallengeRegistered", channel);
        expect(judged(net)).toBe("ChannelDisputed");
        expect(channels.get(channel.id)?.adjudication).toMatchObject({
          type: "Challenged",
          finalizesAtSec: 99,
          turnNum: channel.supported?.variablePart.turnNum ?? -1,
        });
        tell(net, "ChallengeCleared", channel);
        expect(judged(net)).toBe("ChannelDisputed");
      }
    },
  );
});

/** What a node says to a message of another one, and the vouchers that it then says. */
function told(
  net: PureNetwork,
  by: number,
  to: number,
  message: Message,
): { readonly code: string; readonly counters: readonly number[] } {
  const { rules, state } = net.node(to);
  const draft = new Draft(state, ALL_AGREED);
  const from = net.node(by).rules.me;
  const input: Input = { type: "Message", from, sequence: 99, payload: encodeMessage(message) };
  const verdict = decideInput(draft, state, input, rules);
  const counters = draft.events.flatMap((event) =>
    event.type === "VoucherIssued" ? [event.counter] : [],
  );
  return { code: verdict.ok ? "accepted" : verdict.reason.code, counters };
}

describe("counters that an end passes", () => {
  const passing = (net: PureNetwork, turnNum: number): Message => {
    return { type: "TurnPassed", channelId: virtualAt(net, ALICE).id, turnNum };
  };

  unit("move the payer's newest voucher above them, and nobody else's", () => {
    const net = running();
    expect(told(net, BOB, ALICE, passing(net, 500))).toEqual({ code: "accepted", counters: [] });
    pay(net, ALICE, 3n);
    rest(net);

    expect(told(net, BOB, ALICE, passing(net, 500))).toEqual({ code: "accepted", counters: [501] });
    expect(told(net, BOB, ALICE, passing(net, 1))).toEqual({ code: "accepted", counters: [2] });
    expect(told(net, BOB, ALICE, passing(net, 0))).toEqual({ code: "accepted", counters: [] });
  });

  adversarial("are those of the other end alone, and not so many that none would be left", () => {
    const net = running();
    pay(net, ALICE, 3n);
    rest(net);

    expect(told(net, IRENE, ALICE, passing(net, 500)).code).toBe("NotAnEnd");
    expect(told(net, BOB, IRENE, passing(net, 500)).code).toBe("NotAnEnd");
    expect(told(net, BOB, ALICE, passing(net, 2 ** 24 + 2)).code).toBe("TurnOutOfOrder");
    expect(told(net, BOB, ALICE, passing(net, 2 ** 40)).code).toBe("TurnOutOfOrder");
    expect(told(net, BOB, ALICE, passing(net, 2 ** 24)).counters).toEqual([2 ** 24 + 1]);
  });
});
