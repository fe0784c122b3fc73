/** Somebody who is away, or feigns it, holds up nobody but herself. */
import { describe, expect } from "bun:test";
import { phaseOf } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { virtualDefundId } from "../../src/channel/objective-id.ts";
import type { SignedState } from "../../src/channel/signed-state.ts";
import { stateHash } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { ALL_AGREED } from "../../src/engine/fence.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { mayHold } from "../../src/protocols/guarantees.ts";
import { allSignatures } from "../../src/protocols/signing.ts";
import { adversarial } from "../kind.ts";
import { PureNetwork } from "../pure-network.ts";
import { channelAt, openLedger, wishVirtual } from "./pure-scene.ts";

const ALICE = 0;
const IRENE = 1;
const EVE = 2;
const BOB = 3;

describe("a hub with a peer that answers no greeting", () => {
  adversarial("still frees a channel of hers for its other peers, and serves them", () => {
    const silent = new Set<Address>();
    const life = { ...ALL_AGREED, isAgreed: (peer: Address) => !silent.has(peer) };
    const lifeOf = (index: number) => (index === IRENE ? life : undefined);
    const network = new PureNetwork(4, { lifeOf });
    const ledgerId = openLedger(network, ALICE, IRENE);
    openLedger(network, IRENE, EVE);
    openLedger(network, IRENE, BOB);
    const { channelId } = wishVirtual(network, [ALICE, IRENE, EVE], ledgerId);
    while (network.act(0));
    network.ask(ALICE, { type: "DefundVirtually", channelId });
    const isHeard = (queue: string) => queue !== "2 to 1";
    while (phaseOf(channelAt(network, ALICE, channelId)) !== "Finalized") {
      assert(network.actIn(isHeard), "something can happen");
    }
    // From now on Eve says nothing to Irene, and Irene starts anew.
    silent.add(network.node(EVE).rules.me);
    network.restart(IRENE);
    while (network.actIn(isHeard));

    const objective = network.node(ALICE).state.objectives.get(virtualDefundId(channelId));
    expect(objective?.status).toBe("Completed");
    const next = wishVirtual(network, [ALICE, IRENE, BOB], ledgerId);
    while (network.actIn(isHeard));
    expect(channelAt(network, ALICE, next.channelId).wasOpen).toBe(true);
  });
});

describe("a hub whose peer completes the end of a channel after the chain has ended it by another state", () => {
  adversarial(
    "lets its guarantees go by what the chain says alone, be the payer away or not",
    () => {
      const silent = new Set<Address>();
      const life = { ...ALL_AGREED, isAgreed: (peer: Address) => !silent.has(peer) };
      const lifeOf = (index: number) => (index === IRENE ? life : undefined);
      const network = new PureNetwork(3, { lifeOf });
      const ledgerId = openLedger(network, ALICE, IRENE);
      const others = openLedger(network, EVE, IRENE);
      const { channelId } = wishVirtual(network, [ALICE, IRENE, EVE], ledgerId);
      while (network.act(0));
      const { openingStates } = channelAt(network, IRENE, channelId);
      const postfund = assertDefined(openingStates.at(-1), "the postfund");
      pay(network, channelId, 3n);
      while (network.act(0));
      network.ask(ALICE, { type: "DefundVirtually", channelId });
      const isSigned = () => channelAt(network, IRENE, channelId).finalSignedByMe;
      while (!isSigned())
        assert(
          network.actIn((queue) => queue !== "2 to 1"),
          "something can happen",
        );
      silent.add(network.node(ALICE).rules.me);
      network.restart(IRENE);
      endOnChain(network, channelId, postfund);
      // Only now Eve's signature on the final state arrives, and what she proposes along with it.
      while (network.actIn((queue) => !queue.includes("0")));

      expect(phaseOf(channelAt(network, IRENE, channelId))).toBe("Finalized");
      expect(mayHold(channelAt(network, IRENE, others), { id: channelId })).toBe(true);
    },
  );
});

/** Alice pays Eve. */
function pay(network: PureNetwork, channelId: ChannelId, amount: bigint): void {
  const payment = { asset: ZERO_ADDRESS, amount };
  const paid = network.decide(ALICE, { type: "Payment", channelId, payment, answer: () => {} });
  assert(paid.ok, "the channel is open");
}

/** Tells Irene of a challenge, and of a block that comes after its end. */
function endOnChain(network: PureNetwork, channelId: ChannelId, state: SignedState): void {
  const hash = stateHash(channelId, state.variablePart);
  const block = { blockNumber: 1_000, blockHash: hash };
  const log = {
    type: "ChallengeRegistered",
    channelId,
    finalizesAtSec: 1,
    candidate: { variablePart: state.variablePart, signatures: allSignatures(state) },
    proof: [],
    position: { ...block, transactionIndex: 0, logIndex: 0, transactionHash: hash },
  } as const;
  const news = { type: "LogsConfirmed", logs: [log], block, blockTimeSec: 2 } as const;
  network.decide(IRENE, { type: "Chain", news });
}
