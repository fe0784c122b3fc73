/** What this node began and has forgotten is taken back from whoever signed it after this node. */
import { describe, expect } from "bun:test";
import { adversarial } from "../../test/kind.ts";
import { playDirect } from "../../test/played-channels.ts";
import type { PureNetwork, PureNode } from "../../test/pure-network.ts";
import type { Channel } from "../channel/channel.ts";
import type { Signature } from "../crypto/signature.ts";
import type { NodeEvent } from "../events/event.ts";
import { encodeMessage } from "../messages/codec.ts";
import type { Message } from "../messages/message.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import { createHistory } from "./causal-history.ts";
import { learnEvent } from "./causal-rules.ts";
import { decideInput, type Verdict } from "./decide-input.ts";
import { Draft } from "./draft.ts";
import { evolveNode } from "./evolve-node.ts";
import { createNodeState } from "./node-state.ts";

type SignedState = Message & { readonly type: "SignedState" };

/** A state that a node began, as somebody who signed it next tells that node. */
type Forwarded = {
  readonly mover: PureNode;
  readonly teller: PureNode;
  readonly message: SignedState;
  readonly sequence: number;
};

/** What a node with an old log made of a message. */
type Learned = {
  readonly verdict: Verdict;
  readonly log: readonly NodeEvent[];
  readonly events: readonly NodeEvent[];
  readonly channel: Channel;
};

/** Each state that somebody began in a channel of three, the last one too, once for each who tells its mover. */
function forwardedIn({ nodes }: PureNetwork): readonly Forwarded[] {
  return nodes.flatMap((teller) =>
    teller.log.flatMap((event): readonly Forwarded[] => {
      if (event.type !== "MessageSent" || event.message.type !== "SignedState") return [];
      const { message, sequence, to } = event;
      const { moverSignature, variablePart } = message;
      const mover = nodes.findIndex(({ rules }) => rules.me === to);
      const isMovers = mover === variablePart.turnNum % nodes.length;
      if (moverSignature === undefined || !isMovers) return [];
      return [{ mover: assertDefined(nodes[mover], "the mover"), teller, message, sequence }];
    }),
  );
}

/** The mover goes on from a log that ends before all that she knew of the state's objective, and hears of it. */
function hearOf({ message, mover, sequence, teller }: Forwarded): Learned {
  const length = mover.log.findIndex(
    (event) => event.type === "ObjectiveCreated" && event.objectiveId === message.objectiveId,
  );
  assert(length > 0, "the mover knew the objective");
  const log = mover.log.slice(0, length);
  const state = createNodeState();
  for (const event of log) evolveNode(state, event);
  const draft = new Draft(state);
  const payload = encodeMessage(message);
  const input = { type: "Message", from: teller.rules.me, sequence, payload } as const;
  const verdict = decideInput(draft, state, input, mover.rules);
  const channel = assertDefined(draft.tables.channels.get(message.channelId), "the channel");
  return { verdict, log, events: draft.events, channel };
}

describe("a state that I began and have forgotten, and that another one countersigns", () => {
  const network = playDirect(3, [0]);
  const cases = forwardedIn(network);

  adversarial("counts as signed by me, and breaks no causal rule", () => {
    expect(cases.length).toBeGreaterThan(5);
    for (const one of cases) {
      const { isFinal, turnNum } = one.message.variablePart;
      const { channel, events, log, verdict } = hearOf(one);

      expect(verdict).toEqual({ ok: true, value: undefined });
      expect([channel.mySignedTurn, channel.finalSignedByMe]).toEqual([turnNum, isFinal]);
      const history = createHistory();
      expect([...log, ...events].flatMap((event) => learnEvent(history, event))).toEqual([]);
    }
  });

  adversarial("puts the end of my log in doubt towards everybody", () => {
    for (const one of cases) {
      const peers = network.nodes.filter((node) => node !== one.mover).map(({ rules }) => rules.me);
      const doubted = hearOf(one).events.flatMap((event) =>
        event.type === "ResyncStarted" ? [event.peer] : [],
      );
      expect(new Set(doubted)).toEqual(new Set(peers));
    }
  });

  adversarial("teaches nothing where the signature is not mine", () => {
    for (const one of cases) {
      const moverSignature: Signature = one.message.signature;
      const forged = { ...one, message: { ...one.message, moverSignature } };

      expect(hearOf(forged).verdict).toEqual({ ok: false, reason: { code: "WrongSignature" } });
    }
  });
});
