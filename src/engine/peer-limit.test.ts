/** A peer that closes nothing locks up so much and no more, and what it closes counts no longer. */
import { describe, expect } from "bun:test";
import { adversarial } from "../../test/kind.ts";
import { LEDGER_APP, PAYMENT_APP, PureNetwork } from "../../test/pure-network.ts";
import { type Channel, phaseOf } from "../channel/channel.ts";
import { externalDestination } from "../channel/destination.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";

/** Channels that the node in the middle takes from one peer. */
const MOST = 3;

const CHALLENGE_DURATION_SEC = 86_400;

function openLedger(network: PureNetwork, left: number, right: number): void {
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
    appDefinition: LEDGER_APP,
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
    openLedger(network, 0, 1);
    openLedger(network, 1, 2);

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
