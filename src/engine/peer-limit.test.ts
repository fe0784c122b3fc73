/** A peer that closes nothing locks up so much and no more, and what it closes counts no longer. */
import { describe, expect } from "bun:test";
import { adversarial } from "../../test/kind.ts";
import { APP, LEDGER_APP, PAYMENT_APP, PureNetwork } from "../../test/pure-network.ts";
import { type Channel, moverOf, nextTurn, phaseOf } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import { updateId } from "../channel/objective-id.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import { encodeMessage } from "../messages/codec.ts";
import { assertDefined } from "../primitives/assert.ts";
import { OPEN_UPDATES_MAX } from "./peer-limit.ts";

/** Channels that the node in the middle takes from one peer. */
const MOST = 3;

const CHALLENGE_DURATION_SEC = 86_400;

function openFunded(network: PureNetwork, left: number, right: number, app: Address): void {
  const participants = [left, right].map((index) => network.node(index).rules.me);
  const allocations = participants.map((one) => ({
    destination: externalDestination(one),
    amount: 50n,
    allocationType: 0,
    metadata: "0x" as const,
  }));
  network.ask(left, {
    type: "FundDirectly",
    participants,
    outcome: [
      { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
    ],
    appDefinition: app,
    appData: "0x",
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  while (network.act(0));
}

/** Lets the first node open a channel with the last one, and says how that ended. */
function open(network: PureNetwork): string | undefined {
  const [me, hub, payee] = network.nodes.map(({ rules }) => rules.me);
  const ledgers = [...network.node(0).state.channels.values()].filter(({ ledger }) => ledger);
  const id = network.ask(0, {
    type: "FundVirtually",
    payee: assertDefined(payee ?? me, "the payee"),
    route: { intermediaries: [assertDefined(hub, "the hub")], fees: [0n] },
    ledgerId: ledgers[0]?.id,
    shares: [{ asset: ZERO_ADDRESS, left: 1n, right: 0n }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  while (network.act(0));
  const { rejectionCode, status } = assertDefined(network.node(0).state.objectives.get(id), "it");
  return rejectionCode ?? status;
}

const isOpenVirtual = (channel: Channel): boolean =>
  channel.use.type === "Virtual" && phaseOf(channel) === "Running";

describe("a peer that opens channels and closes none", () => {
  adversarial("is refused when it has locked up as much as it may, until it closes one", () => {
    const network = new PureNetwork(3);
    Object.assign(network.node(1).rules, { guaranteesPerPeerMax: MOST });
    openFunded(network, 0, 1, LEDGER_APP);
    openFunded(network, 1, 2, LEDGER_APP);

    for (let count = 0; count < MOST; count++) expect(open(network)).toBe("Completed");
    const { length } = network.node(1).log;
    expect(open(network)).toBe("PeerLimitReached");
    expect(network.node(1).log).toHaveLength(length);

    const channels = [...network.node(1).state.channels.values()];
    const { id } = assertDefined(channels.find(isOpenVirtual), "an open channel");
    network.ask(1, { type: "DefundVirtually", channelId: id });
    while (network.act(0));
    expect(open(network)).toBe("Completed");
  });
});

describe("a peer that asks for updates of turns to come", () => {
  adversarial("is refused beyond so many, of which those that are known are none", () => {
    const network = new PureNetwork(2);
    openFunded(network, 0, 1, APP);
    const channel = assertDefined(network.channelOf(1), "the channel");
    const first = nextTurn(channel);
    const turnNum = [first + 1, first + 2].find((turn) => moverOf(channel, turn) === 1) ?? 0;
    const from = network.node(0).rules.me;
    const ask = (count: number): string => {
      const verdict = network.decide(1, {
        type: "Message",
        from,
        sequence: 100 + count,
        payload: encodeMessage({
          type: "UpdateRequest",
          objectiveId: updateId(channel.id, 0, count),
          channelId: channel.id,
          turnNum,
          change: { type: "Pay", asset: ZERO_ADDRESS, to: 1, amount: 1n },
        }),
      });
      return verdict.ok ? "taken" : verdict.reason.code;
    };

    for (let count = 0; count < OPEN_UPDATES_MAX; count++) expect(ask(count)).toBe("taken");
    const { length } = network.node(1).log;
    expect(ask(OPEN_UPDATES_MAX)).toBe("PeerLimitReached");
    expect(network.node(1).log).toHaveLength(length);
    expect(ask(0)).toBe("taken");
    expect(network.node(1).state.objectives.size).toBe(1 + OPEN_UPDATES_MAX);
  });
});
