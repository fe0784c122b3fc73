/** Channels over nodes without a shell, from the first signature to the last, for tests of logs. */
import { expect } from "bun:test";
import { type Channel, phaseOf } from "../src/channel/channel.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { Outcome } from "../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { APP, LEDGER_APP, PAYMENT_APP, PureNetwork } from "./pure-network.ts";

/** Seconds that a challenge can be answered in these channels: one day. */
const CHALLENGE_DURATION_SEC = 86_400;

/** What the intermediary of a virtual channel gets. */
const FEE = 1n;

/** Opens a channel, pays in turns, and closes it, in the order of `choices`. */
export function playDirect(size: number, choices: readonly number[]): PureNetwork {
  const network = new PureNetwork(size);
  const participants = network.nodes.map(({ rules }) => rules.me);
  network.ask(0, {
    type: "FundDirectly",
    participants,
    outcome: outcomeOf(participants, 5n),
    appDefinition: APP,
    appData: "0x",
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  const rest = resting(network, choices);
  rest();
  const { id } = runningChannel(network);
  for (let payer = 0; payer < size; payer++) {
    const change = {
      type: "Pay",
      asset: ZERO_ADDRESS,
      to: (payer + 1) % size,
      amount: 1n,
    } as const;
    network.ask(payer, { type: "UpdateChannel", channelId: id, change });
  }
  rest();
  network.ask(size - 1, { type: "DefundDirectly", channelId: id });
  rest();
  return network;
}

function runningChannel(network: PureNetwork): Channel {
  const channel = assertDefined(network.channelOf(0), "the channel");
  expect(phaseOf(channel)).toBe("Running");
  return channel;
}

/**
 * The first opens a virtual channel with the last over the one between them, the last closes it, and both
 * ledger channels are closed, in the order of `choices`. The one between follows in the first ledger, and leads
 * the second. Both ends pay what `payments` say, in turns, the last two while the channel is being closed.
 */
export function playVirtual(
  choices: readonly number[],
  payments: readonly bigint[] = [],
): PureNetwork {
  const network = new PureNetwork(3, { feeOf: (index) => (index === 1 ? FEE : 0n) });
  const rest = resting(network, choices);
  const [first, hub, last] = network.nodes.map(({ rules }) => rules.me);
  const people = [first, hub, last].map((one) => assertDefined(one, "a participant"));
  const ledgers = [0, 1].map((leader) => {
    const participants = people.slice(leader, leader + 2);
    network.ask(leader, {
      type: "FundDirectly",
      participants,
      outcome: outcomeOf(participants, 50n),
      appDefinition: LEDGER_APP,
      appData: "0x",
      challengeDurationSec: CHALLENGE_DURATION_SEC,
    });
    rest();
    return assertDefined([...network.node(leader).state.channels.keys()].at(-1), "the ledger");
  });
  network.ask(0, {
    type: "FundVirtually",
    payee: assertDefined(last, "the last participant"),
    route: { intermediaries: people.slice(1, 2), fees: [FEE] },
    ledgerId: ledgers[0],
    shares: [{ asset: ZERO_ADDRESS, left: 6n, right: 4n }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  rest();
  const channelId = assertDefined([...network.node(2).state.channels.keys()].at(-1), "the channel");
  for (const [index, amount] of payments.entries()) {
    const payment = { asset: ZERO_ADDRESS, amount };
    network.decide((index % 2) * 2, { type: "Payment", channelId, payment, answer: () => {} });
    if (index < payments.length - 2) rest();
  }
  network.ask(2, { type: "DefundVirtually", channelId });
  rest();
  for (const [leader, ledgerId] of ledgers.entries()) {
    network.ask(leader, { type: "DefundDirectly", channelId: ledgerId });
    rest();
  }
  return network;
}

/** Lets everything happen that can. */
function resting(network: PureNetwork, choices: readonly number[]): () => void {
  let step = 0;
  return () => {
    while (network.act(choices[step % choices.length] ?? 0)) step += 1;
  };
}

/** Each participant with the same amount of ether. */
export function outcomeOf(participants: readonly Address[], amount: bigint): Outcome {
  const allocations = participants.map((participant) => ({
    destination: externalDestination(participant),
    amount,
    allocationType: 0,
    metadata: "0x" as const,
  }));
  return [{ asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}
