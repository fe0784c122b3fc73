/** Two that have both lost something hear from each other what they lack, whatever was lost in between. */
import { describe, expect } from "bun:test";
import { crash } from "../../test/kind.ts";
import { PureNetwork } from "../../test/pure-network.ts";
import type { NodeEvent } from "../events/event.ts";
import { encodeMessage } from "../messages/codec.ts";
import { evolveNode } from "./evolve-node.ts";

/** The round in which the first node asks, and its last number so far. */
const ROUND = 1_000;

/** The first of two nodes has asked the other one what it holds. */
function asked(isSettled: boolean): PureNetwork {
  const network = new PureNetwork(2);
  const { log, state } = network.node(0);
  const peer = network.node(1).rules.me;
  const message = { type: "ResyncRequest", round: ROUND } as const;
  const events: readonly NodeEvent[] = [
    { type: "ResyncStarted", peer, missingMax: 5 },
    { type: "PeerResynced", peer, lastSent: ROUND, lastReceived: 0 },
    { type: "MessageSent", to: peer, sequence: ROUND + 1, message },
    ...(isSettled
      ? [{ type: "MessageAcked", peer, upTo: ROUND + 1, head: undefined } as const]
      : []),
  ];
  for (const event of events) evolveNode(state, event);
  log.push(...events);
  return network;
}

/** What the first node says once the other one asks it. */
function saidTo(network: PureNetwork): readonly string[] {
  const { length } = network.node(0).log;
  const payload = encodeMessage({ type: "ResyncRequest", round: 7 });
  const from = network.node(1).rules.me;
  network.decide(0, { type: "Message", from, sequence: 1, payload });
  const said = network.node(0).log.slice(length);
  return said.flatMap((event) => {
    if (event.type !== "MessageSent") return [];
    const { message } = event;
    return "round" in message ? [`${message.type} ${message.round}`] : [message.type];
  });
}

describe("a node that waits for a peer to tell what it holds", () => {
  crash("asks once more when the peer asks, who has lost the question with the answer", () => {
    expect(saidTo(asked(true))).toEqual(["ResyncAnswer 7", `ResyncRequest ${ROUND}`]);
  });

  crash("does not while its question is on its way, nor when it waits for nothing", () => {
    expect(saidTo(asked(false))).toEqual(["ResyncAnswer 7"]);
    expect(saidTo(new PureNetwork(2))).toEqual(["ResyncAnswer 7"]);
  });
});
