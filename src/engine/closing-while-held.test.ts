/** What needs no signature any more is closed, though a peer has not answered since this node started. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { outcomeOf } from "../../test/played-channels.ts";
import { APP, LEDGER_APP, PAYMENT_APP, PureNetwork } from "../../test/pure-network.ts";
import { phaseOf } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { externalDestination } from "../channel/destination.ts";
import { type ObjectiveId, virtualDefundId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { ALL_AGREED, type Life } from "./fence.ts";

const PEER = 0;
const ME = 1;
const OTHER = 2;

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

/** A virtual channel of nobody, me and a peer, over two ledgers. */
function openVirtual(network: PureNetwork): ChannelId {
  for (const pair of [
    [PEER, ME],
    [ME, OTHER],
  ]) {
    const participants = pair.map((index) => network.node(index).rules.me);
    network.ask(assertDefined(pair[0], "who opens"), {
      type: "FundDirectly",
      participants,
      outcome: outcomeOf(participants, 9n),
      appDefinition: LEDGER_APP,
      appData: "0x",
      challengeDurationSec: 86_400,
    });
  }
  while (network.act(0));
  const id = network.ask(PEER, {
    type: "FundVirtually",
    payee: network.node(OTHER).rules.me,
    route: { intermediaries: [network.node(ME).rules.me], fees: [0n] },
    ledgerId: undefined,
    shares: [{ asset: ZERO_ADDRESS, left: 4n, right: 0n }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: 86_400,
  });
  while (network.act(0));
  return assertDefined(network.node(PEER).state.objectives.get(id), "the opening").channelId;
}

describe("the closing of a virtual channel", () => {
  unit("is over once no ledger funds it, though the peer on one side is silent by then", () => {
    let isSilent = false;
    const { me: silent } = new PureNetwork(3).node(OTHER).rules;
    const life: Life = { ...ALL_AGREED, isAgreed: (peer) => !isSilent || peer !== silent };
    const network = new PureNetwork(3, { lifeOf: () => life });
    const channelId = openVirtual(network);
    network.ask(PEER, { type: "DefundVirtually", channelId });
    const mine = () => assertDefined(network.node(ME).state.channels.get(channelId), "mine");
    while (phaseOf(mine()) !== "Finalized" && network.act(0));
    // The guarantee in the ledger with the silent one is gone first.
    while (network.actIn((queue) => queue !== `${PEER} to ${ME}`));
    const status = () => network.node(ME).state.objectives.get(virtualDefundId(channelId))?.status;
    expect(status()).toBe("Approved");

    isSilent = true;
    while (network.act(0));

    expect(status()).toBe("Completed");
  });
});
