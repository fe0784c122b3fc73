/** Somebody who is away, or feigns it, holds up nobody but herself. */
import { describe, expect } from "bun:test";
import { phaseOf } from "../../src/channel/channel.ts";
import { virtualDefundId } from "../../src/channel/objective-id.ts";
import type { Address } from "../../src/crypto/address.ts";
import { ALL_AGREED } from "../../src/engine/fence.ts";
import { assert } from "../../src/primitives/assert.ts";
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
