/** A ledger channel of two pure nodes whose users top up and withdraw, and what must hold of it at any moment. */
import { type Channel, supportsTurn } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { freeBalance } from "../src/channel/ledger-outcome.ts";
import type { ObjectiveId } from "../src/channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome, totalPerAsset } from "../src/channel/outcome.ts";
import { TURN } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { subjectOf } from "../src/engine/crank-channel.ts";
import { assert, assertDefined } from "../src/primitives/assert.ts";
import type { Subject } from "../src/protocols/subject.ts";
import { LEDGER_APP, PureNetwork } from "./pure-network.ts";

export const TOKEN: Address = `0x${"70".repeat(20)}` as Address;
export const ASSETS: readonly Address[] = [ZERO_ADDRESS, TOKEN];
/** What each of the two puts in of each asset. */
export const DEPOSIT = 100n;

/** Two nodes with a ledger channel that runs. Node 0 leads. */
export function openLedger(app: Address = LEDGER_APP): {
  readonly network: PureNetwork;
  readonly ledgerId: ChannelId;
} {
  const network = new PureNetwork(2);
  return { network, ledgerId: fundLedger(network, [0, 1], app) };
}

/** Opens a ledger channel between two nodes, the leader first, and lets everything come to rest. */
export function fundLedger(
  network: PureNetwork,
  nodes: readonly [number, number],
  app: Address = LEDGER_APP,
): ChannelId {
  const participants = nodes.map((node) => network.node(node).rules.me);
  const outcome: Outcome = ASSETS.map((asset) => ({
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: participants.map((participant) => ({
      destination: externalDestination(participant),
      amount: DEPOSIT,
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x",
    })),
  }));
  const id = network.ask(nodes[0], {
    type: "FundDirectly",
    participants,
    outcome,
    appDefinition: app,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  comeToRest(network);
  const objective = network.node(nodes[0]).state.objectives.get(id);
  return assertDefined(objective, "the opening").channelId;
}

/** A channel as a node knows it. */
export function channelAt(network: PureNetwork, node: number, id: ChannelId): Channel {
  return assertDefined(network.node(node).state.channels.get(id), "the channel");
}

/** The ledger channel that a node goes on with. */
export function currentOf(network: PureNetwork, node: number, id: ChannelId): Channel {
  const successor = channelAt(network, node, id).ledger?.successor;
  return successor === undefined
    ? channelAt(network, node, id)
    : currentOf(network, node, successor);
}

/** An objective with its channels, as a node knows them. */
export function subjectAt(network: PureNetwork, node: number, id: ObjectiveId): Subject {
  return subjectOf(network.node(node).state, id);
}

/** What a participant owns of an asset in a ledger channel, by its newest state that is no end. */
export function balanceOf({ supported }: Channel, side: number, asset: Address): bigint {
  const outcome = assertDefined(supported, "a supported state").variablePart.outcome;
  return assertDefined(freeBalance("enforceable", outcome, side, asset), "the asset");
}

/** How an objective ended at a node. */
export function statusOf(network: PureNetwork, node: number, id: ObjectiveId): string {
  const objective = network.node(node).state.objectives.get(id);
  return objective?.rejectionCode ?? objective?.status ?? "Unknown";
}

/** Does what can be done until nothing can, in one order. */
export function comeToRest(network: PureNetwork): void {
  let steps = 0;
  while (network.act(steps)) {
    steps += 1;
    assert(steps < 100_000, "two nodes come to rest");
  }
}

/**
 * Wherever messages end: who has signed the end of a ledger can force the ledger that goes on, and the end is
 * worth the same to her as the state before. So nobody depends on what the other one does next.
 */
export function assertNobodyDepends(network: PureNetwork): void {
  for (const [side, { state }] of network.nodes.entries()) {
    for (const ledger of state.channels.values()) {
      const final = [ledger.supported, ...ledger.pending.values()].find(
        (one) => one?.variablePart.isFinal && one.signatures[side] !== undefined,
      );
      if (final !== undefined) assertSameWorth(state.channels, ledger, final.variablePart.outcome);
    }
  }
}

function assertSameWorth(
  channels: ReadonlyMap<ChannelId, Channel>,
  ledger: Channel,
  end: Outcome,
): void {
  const [first] = end[0]?.allocations ?? [];
  const next = channels.get(first?.destination as unknown as ChannelId);
  // The end of a ledger that nothing follows.
  if (next === undefined) return;
  assert(supportsTurn(next, TURN.postfund), "the next ledger is signed before the end of this one");
  assert(next.fixedPart.channelNonce !== ledger.fixedPart.channelNonce, "an id is used once");
  for (const exit of end) {
    const goesOn = exit.allocations[0];
    const total = totalPerAsset(next.fundingOutcome).get(exit.asset);
    assert(goesOn?.amount === total, "the next ledger is paid exactly what it allocates");
    const known = ledger.supported?.variablePart;
    if (known === undefined || known.isFinal) continue;
    for (const side of [0, 1]) {
      const account = externalDestination(
        assertDefined(ledger.fixedPart.participants[side], "one"),
      );
      const paid =
        exit.allocations.find(({ destination }) => destination === account)?.amount ?? 0n;
      const before = balanceOf(ledger, side, exit.asset);
      assert(before === paid + balanceOf(next, side, exit.asset), "both ends are worth the same");
    }
  }
}
