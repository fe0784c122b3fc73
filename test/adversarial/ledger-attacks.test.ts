/** Attacks on ledger channels and on what rests on them: by a peer whose key is true and whose node is not. */
import { describe, expect } from "bun:test";
import { supportedState } from "../../src/channel/channel.ts";
import { ALLOCATION_TYPE } from "../../src/channel/outcome.ts";
import { adversarial } from "../kind.ts";
import { PureNetwork } from "../pure-network.ts";
import { channelAt, hear, openLedger, signed, wishVirtual } from "./pure-scene.ts";

describe("a node that takes back its log", () => {
  adversarial("takes no state of a ledger that it has never signed", () => {
    const network = new PureNetwork(3);
    const ledgerId = openLedger(network, 0, 1);
    openLedger(network, 1, 2);
    const eve = network.node(0).rules.me;
    // Eve has heard more than Irene ever said, she says.
    network.decide(1, {
      type: "Welcomed",
      head: undefined,
      peer: eve,
      standing: { lastSent: 0, settledUpTo: 0, lastReceived: 10_000 },
      gap: 1_000,
    });
    const { variablePart } = supportedState(channelAt(network, 1, ledgerId));
    const outcome = variablePart.outcome.map((exit) => ({
      ...exit,
      allocations: exit.allocations.map((one) => ({
        ...one,
        allocationType: ALLOCATION_TYPE.guarantee,
      })),
    }));
    const state = { ...variablePart, turnNum: variablePart.turnNum + 1, outcome };
    hear(network, 0, 1, {
      type: "HeldState",
      channelId: ledgerId,
      objectiveId: undefined,
      variablePart: state,
      signatures: [signed(network, 0, ledgerId, state), undefined],
      updatesAsked: 0,
    });

    expect(channelAt(network, 1, ledgerId).pending.size).toBe(0);
    const round = network.node(1).log.findLast(({ type }) => type === "PeerResynced");
    hear(network, 0, 1, {
      type: "ResyncAnswer",
      round: round?.type === "PeerResynced" ? round.lastSent : 0,
      isCertain: true,
    });
    const { channelId } = wishVirtual(network, [0, 1, 2], ledgerId);
    while (network.actIn((queue) => queue === "0 to 1"));
    expect(network.node(1).state.channels.has(channelId)).toBe(true);
  });
});
