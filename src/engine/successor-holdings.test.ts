/** What is asked of the chain, and which of its answers count. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { PureNetwork } from "../../test/pure-network.ts";
import { ASSETS, channelAt, currentOf, openLedger } from "../../test/wishful-ledger.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { NodeEvent } from "../events/event.ts";
import { assertDefined } from "../primitives/assert.ts";
import { Draft } from "./draft.ts";
import { decideHoldings, questionsAfter, questionsAtStart } from "./successor-holdings.ts";

/** A ledger that has rolled over, before the chain has told anything. */
function rolledOver(): { readonly network: PureNetwork; readonly ledgerId: ChannelId } {
  const { ledgerId, network } = openLedger();
  const amounts = [{ asset: ZERO_ADDRESS, leader: 30n, follower: 0n }];
  network.ask(0, { type: "Withdraw", channelId: ledgerId, amounts });
  while (channelAt(network, 0, ledgerId).ledger?.successor === undefined) network.act(0);
  return { network, ledgerId };
}

function answer(channelId: ChannelId, amount: bigint, blockNumber: number) {
  return {
    type: "HoldingsAnswered",
    channelId,
    amounts: ASSETS.map((asset) => ({ asset, holdings: amount })),
    block: { blockNumber, blockHash: `0x${"b1".repeat(32)}` as Hash },
  } as const;
}

/** The facts that an answer leads to. */
function factsOf({ network }: { network: PureNetwork }, given: ReturnType<typeof answer>) {
  const { rules, state } = network.node(0);
  const draft = new Draft(state);
  decideHoldings(draft, given, rules);
  return draft.events.map(({ type }) => type);
}

describe("the chain is asked", () => {
  unit("for the next ledger once the old one pays, and at a start until it is paid", () => {
    const { ledgerId, network } = rolledOver();
    const { state } = network.node(0);
    const { id } = currentOf(network, 0, ledgerId);
    const question = { channelId: id, assets: [...ASSETS] };
    const paid = { type: "AllocationUpdated", channelId: ledgerId } as NodeEvent;

    expect(questionsAfter(state, [paid, paid])).toEqual([question]);
    expect(questionsAtStart(state)).toEqual([question]);

    while (network.act(0));
    expect(questionsAfter(network.node(0).state, [paid])).toEqual([]);
    expect(questionsAtStart(network.node(0).state)).toEqual([]);
  });

  unit("nothing when a ledger is paid out that no other one follows", () => {
    const { ledgerId, network } = openLedger();
    const paid = { type: "AllocationUpdated", channelId: ledgerId } as NodeEvent;

    expect(questionsAfter(network.node(0).state, [paid])).toEqual([]);
    expect(questionsAtStart(network.node(0).state)).toEqual([]);
  });
});

describe("an answer", () => {
  unit("becomes a fact when it tells something new", () => {
    const scene = rolledOver();
    const { id } = currentOf(scene.network, 0, scene.ledgerId);

    expect(factsOf(scene, answer(id, 0n, 9))).toEqual([]);
    expect(factsOf(scene, answer(id, 5n, 9))).toEqual(["HoldingsRead"]);
  });

  unit(
    "is nothing where a log of a later block knows better, or where the channel is unknown",
    () => {
      const scene = rolledOver();
      const { id } = currentOf(scene.network, 0, scene.ledgerId);
      scene.network.depositAsStranger(id, ZERO_ADDRESS, 1n);
      while (channelAt(scene.network, 0, id).lastLog === undefined) scene.network.act(0);
      const { blockNumber } = assertDefined(channelAt(scene.network, 0, id).lastLog, "the log");

      expect(factsOf(scene, answer(id, 5n, blockNumber - 1))).toEqual([]);
      expect(factsOf(scene, answer(id, 5n, blockNumber))).toEqual(["HoldingsRead"]);
      expect(factsOf(scene, answer(`0x${"c9".repeat(32)}` as ChannelId, 5n, 9))).toEqual([]);
    },
  );
});
