/** A direct channel that was paid out is closed, though a peer has not answered since this node started. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { APP, PureNetwork } from "../../test/pure-network.ts";
import { externalDestination } from "../channel/destination.ts";
import type { ObjectiveId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { ALL_AGREED, type Life } from "./fence.ts";

const PEER = 0;
const ME = 1;

/** In a life in which no peer has answered yet. */
const NOBODY_THERE: Life = { ...ALL_AGREED, isAgreed: () => false };

type Scene = {
  readonly network: PureNetwork;
  readonly closing: ObjectiveId;
  /** Begins another life of mine, in which the peer never answers. */
  readonly restart: () => void;
};

/** Both have signed the end, and the transaction that pays it out is still to be mined. */
function ended(): Scene {
  let life: Life = ALL_AGREED;
  const lifeOf = (index: number): Life | undefined => (index === ME ? life : undefined);
  const network = new PureNetwork(2, { lifeOf });
  const participants = network.nodes.map(({ rules }) => rules.me);
  const allocations = participants.map((one) => {
    const destination = externalDestination(one);
    return { destination, amount: 5n, allocationType: 0, metadata: "0x" as const };
  });
  network.ask(PEER, {
    type: "FundDirectly",
    participants,
    outcome: [
      { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
    ],
    appDefinition: APP,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  while (network.act(0));
  const channelId = assertDefined(network.channelOf(ME), "the channel").id;
  const closing = network.ask(ME, { type: "DefundDirectly", channelId });
  while (network.actIn((queue) => queue.includes(" to ")));
  const restart = (): void => {
    life = NOBODY_THERE;
    network.restart(ME);
  };
  return { network, closing, restart };
}

const statusOf = ({ closing, network }: Scene): string =>
  assertDefined(network.node(ME).state.objectives.get(closing), "the closing").status;

describe("a closing whose peer is silent since a start", () => {
  unit("waits until the channel is paid out, and is over then", () => {
    const scene = ended();
    scene.restart();
    expect(statusOf(scene)).toBe("Approved");
    while (scene.network.act(0));
    expect(statusOf(scene)).toBe("Completed");
  });

  unit("waits on where the node may have forgotten something of its log", () => {
    const scene = ended();
    scene.restart();
    const { rules } = scene.network.node(PEER);
    const { peers } = scene.network.node(ME).state;
    const record = assertDefined(peers.get(rules.me), "the peer");
    peers.set(rules.me, { ...record, resync: { type: "Owed", missingMax: 1 } });
    while (scene.network.act(0));
    expect(statusOf(scene)).toBe("Approved");
  });
});
