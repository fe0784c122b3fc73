/** An update whose turn was passed over is begun anew, by whomever the next turn belongs to. */
import { describe, expect } from "bun:test";
import { crash } from "../../test/kind.ts";
import { outcomeOf } from "../../test/played-channels.ts";
import { APP, PureNetwork } from "../../test/pure-network.ts";
import { nextTurn } from "../channel/channel.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import { assertDefined } from "../primitives/assert.ts";
import { evolveNode } from "./evolve-node.ts";

const ALICE = 0;
const BOB = 1;

/** The first has signed a payment that the second has yet to hear of. */
function paying(): { readonly network: PureNetwork; readonly id: ObjectiveId } {
  const network = new PureNetwork(2);
  const participants = network.nodes.map(({ rules }) => rules.me);
  network.ask(ALICE, {
    type: "FundDirectly",
    participants,
    outcome: outcomeOf(participants, 5n),
    appDefinition: APP,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  while (network.act(0));
  const { id: channelId } = assertDefined(network.channelOf(ALICE), "the channel");
  const change = { type: "Pay", asset: ZERO_ADDRESS, to: BOB, amount: 1n } as const;
  return { network, id: network.ask(ALICE, { type: "UpdateChannel", channelId, change }) };
}

/** What the first says once the second refuses the payment, since she has passed its turn; the first has up to `passed`. */
function saidAfter(passed: number): readonly unknown[] {
  const { id, network } = paying();
  const { log, state } = network.node(ALICE);
  const { id: channelId } = assertDefined(network.channelOf(ALICE), "the channel");
  const doubt: readonly NodeEvent[] = [
    { type: "ChannelDoubted", channelId, missingMax: 1 },
    { type: "DoubtSettled", channelId, passedTurnNum: passed },
  ];
  for (const event of doubt) evolveNode(state, event);
  log.push(...doubt);
  expect(nextTurn(assertDefined(network.channelOf(ALICE), "the channel"))).toBe(passed + 1);
  const sent = log.findLast(({ type }) => type === "MessageSent");
  if (sent?.type !== "MessageSent") throw new Error("she told the payment");
  const { length } = log;
  const peer = network.node(BOB).rules.me;
  const refused = { peer, sequence: sent.sequence, code: "TurnPassedOver" } as const;
  network.decide(ALICE, { type: "Refused", ...refused });
  expect(network.node(ALICE).state.objectives.get(id)?.status).toBe("Approved");
  return network
    .node(ALICE)
    .log.slice(length)
    .flatMap((event) => (event.type === "MessageSent" ? [event.message] : []));
}

describe("a payment whose turn both have passed", () => {
  crash("is signed anew where the next turn is the payer's", () => {
    expect(saidAfter(11)).toMatchObject([{ type: "SignedState", variablePart: { turnNum: 12 } }]);
  });

  crash("is asked for where the next turn is the other one's", () => {
    expect(saidAfter(12)).toMatchObject([{ type: "UpdateRequest", turnNum: 13 }]);
  });
});
