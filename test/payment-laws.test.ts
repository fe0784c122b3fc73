/** The laws of payments hold in a true story, and each finds the fault that is there for it to find. */
import { describe, expect } from "bun:test";
import type { Channel } from "../src/channel/channel.ts";
import { TURN } from "../src/channel/state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { unit } from "./kind.ts";
import { LedgerLaws } from "./ledger-laws.ts";
import { checkFreed } from "./ledger-rest.ts";
import { LINE, type WishedPayment } from "./ledger-story.ts";
import { Telling } from "./ledger-telling.ts";

type Told = { readonly index: number; readonly event: NodeEvent };
type Voucher = NodeEvent & { readonly type: "VoucherIssued" | "VoucherReceived" };

const ALICE = 0;
const BOB = 2;

/** Alice pays all she has, Bob gives some of it back, and Alice pays with that. */
const PAYMENTS: readonly WishedPayment[] = [
  { isBack: false, asset: 0, amount: 5n },
  { isBack: true, asset: 0, amount: 4n },
  { isBack: false, asset: 0, amount: 1n },
];

/** One channel over one hub, from its beginning to its end, with all that the nodes recorded in order. */
function story(): { readonly telling: Telling; readonly told: readonly Told[] } {
  const told: Told[] = [];
  const seen = [0, 0, 0];
  const wish = { route: 0, left: 5n, right: 3n, isOfAllAssets: false, closer: 0, isShort: true };
  const telling = new Telling(
    {
      town: LINE,
      profile: "enforceable",
      assets: 1,
      deposit: 20n,
      fee: 0n,
      refusedOf16: 0,
      restartsOf64: 0,
      seed: 7,
      openMax: 1,
      wishes: [{ ...wish, gaveUpBy: undefined, payments: PAYMENTS, isHasty: false }],
    },
    ({ nodes }) => {
      for (const [index, { log }] of nodes.entries()) {
        for (const event of log.slice(seen[index])) told.push({ index, event });
        seen[index] = log.length;
      }
    },
  );
  telling.tell();
  return { telling, told };
}

const TRUE_STORY = story();

/** The law that the story breaks; undefined when it breaks none. */
function brokenBy(told: readonly Told[]): string | undefined {
  const laws = new LedgerLaws();
  const nodes = TRUE_STORY.telling.network.nodes.map((node) => ({
    ...node,
    log: [] as NodeEvent[],
  }));
  try {
    for (const { event, index } of told) {
      nodes[index]?.log.push(event);
      laws.look({ nodes });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "no error at all";
  }
}

/** The story with the nth event of a kind changed by a node. */
function changed<Type extends NodeEvent["type"]>(
  [by, type, nth]: readonly [by: number, type: Type, nth: number],
  change: (event: NodeEvent & { readonly type: Type }) => NodeEvent,
): readonly Told[] {
  const place = placeOf(by, type, nth);
  return TRUE_STORY.told.map((one, at) =>
    at === place ? { ...one, event: change(one.event as never) } : one,
  );
}

/** The story with one event told sooner or later. */
function moved(from: number, to: number): readonly Told[] {
  const one = assertDefined(TRUE_STORY.told[from], "an event");
  return TRUE_STORY.told.toSpliced(from, 1).toSpliced(to, 0, one);
}

function placeOf(by: number, type: NodeEvent["type"], nth: number): number {
  const places = TRUE_STORY.told.flatMap(({ event, index }, place) =>
    index === by && event.type === type ? [place] : [],
  );
  return assertDefined(places.at(nth), "an event of this kind");
}

const paying =
  (amount: bigint) =>
  (event: Voucher): NodeEvent => ({ ...event, amounts: [amount] });

/** A final state that gives the first participant so much more. */
const shifted =
  (amount: bigint, kept = amount) =>
  (event: NodeEvent & { readonly type: "StateSigned" }): NodeEvent => {
    const outcome = event.variablePart.outcome.map((exit) => ({
      ...exit,
      allocations: exit.allocations.map((one, place) => ({
        ...one,
        amount: place === 0 ? one.amount + amount : one.amount - kept,
      })),
    }));
    return { ...event, variablePart: { ...event.variablePart, outcome } };
  };

/** The law that the end of a story breaks after somebody has changed what a node knows of the channel. */
function brokenAtEnd(index: number, change: (channel: Channel) => Channel): string {
  const { telling } = story();
  const id = assertDefined(telling.asked[0]?.channelId, "the channel");
  const { channels } = telling.network.node(index).state;
  const channel = assertDefined(channels.get(id), "the channel");
  (channels as Map<typeof id, Channel>).set(id, change(channel));
  try {
    checkFreed(telling);
    return "none";
  } catch (error) {
    return error instanceof Error ? error.message : "no error at all";
  }
}

describe("the laws of payments", () => {
  unit("hold in a true story, in which money is paid back and paid again", () => {
    expect(brokenBy(TRUE_STORY.told)).toBeUndefined();
    expect(() => checkFreed(TRUE_STORY.telling)).not.toThrow();
    expect(TRUE_STORY.telling.payments.made.map(({ amount }) => amount)).toEqual([5n, 4n, 1n]);
    const last = TRUE_STORY.told[placeOf(BOB, "VoucherReceived", 1)]?.event as Voucher;
    expect(last.counted?.amounts).toEqual([4n]);
  });

  unit("find a voucher that shrinks, one that pays nothing new, and a counter used twice", () => {
    const issued = [ALICE, "VoucherIssued", 1] as const;
    expect(brokenBy(changed(issued, paying(4n)))).toContain("vouchers only grow");
    expect(brokenBy(changed(issued, paying(5n)))).toContain("a newer voucher pays more");
    const again = changed(issued, (event) => ({ ...event, counter: 1 }));
    expect(brokenBy(again)).toContain("a newer voucher has a higher counter");
  });

  unit("find a payer who pays more than she has", () => {
    const told = changed([ALICE, "VoucherIssued", 0], paying(6n));
    expect(brokenBy(told)).toContain("nobody pays more than she has");
  });

  unit("find a payee who takes what nobody promised, or what she could not enforce", () => {
    const received = [BOB, "VoucherReceived", 1] as const;
    const told = changed(received, paying(7n));
    expect(brokenBy(told)).toContain("what is taken for money was promised");
    const unproven = changed(received, (event) => ({ ...event, counted: undefined }));
    expect(brokenBy(unproven)).toContain("a payee takes no more than she can prove");
  });

  unit("find money that moves before the channel is open, and after it began to close", () => {
    const first = placeOf(ALICE, "VoucherIssued", 0);
    const opening = TRUE_STORY.told.findLastIndex(
      ({ event, index }) =>
        index === ALICE &&
        event.type === "SupportedStateAdvanced" &&
        event.turnNum === TURN.postfund,
    );
    expect(brokenBy(moved(first, opening))).toContain("payments are made in open channels");
    const stopped = placeOf(ALICE, "PaymentsStopped", 0);
    const early = moved(stopped, placeOf(ALICE, "VoucherIssued", 1));
    expect(brokenBy(early)).toContain("who has stopped paying pays nothing more");
  });

  unit("find a final state that does not pay the vouchers, at either end and between them", () => {
    const final = (by: number) => [by, "StateSigned", -1] as const;
    const alices = brokenBy(changed(final(ALICE), shifted(-1n)));
    expect(alices).toContain("a final state pays exactly the newest vouchers");
    const bobs = brokenBy(changed(final(BOB), shifted(1n)));
    expect(bobs).toContain("nobody signs a final state that pays her less than her vouchers");
    const irenes = brokenBy(changed(final(1), shifted(1n, 0n)));
    expect(irenes).toContain("a final state keeps the sums");
    const short = brokenBy(
      changed(final(1), (event) => ({
        ...event,
        variablePart: { ...event.variablePart, outcome: [] },
      })),
    );
    expect(short).toContain("a final state pays every asset");
  });

  unit("find, at the end, a voucher that got lost and a balance that nobody can explain", () => {
    const lost = brokenAtEnd(BOB, (channel) => {
      return { ...channel, vouchers: { ...channel.vouchers, received: undefined } };
    });
    expect(lost).toContain("every payment arrives");
    const unpaid = brokenAtEnd(1, (channel) => {
      const supported = assertDefined(channel.supported, "the final state");
      const variablePart = { ...supported.variablePart, outcome: channel.fundingOutcome };
      return { ...channel, supported: { ...supported, variablePart } };
    });
    expect(unpaid).toContain("what is paid out was paid");
    const { telling } = story();
    telling.payments.made.pop();
    expect(() => checkFreed(telling)).toThrow("everybody has what she is due");
  });
});
