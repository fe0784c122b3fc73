/** Nodes without a shell in which one is hostile: its key signs what no honest node would. */
import type { Channel } from "../../src/channel/channel.ts";
import { ledgerOf, stateAt, supportedState } from "../../src/channel/channel.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { applyChanges } from "../../src/channel/ledger.ts";
import type { LedgerChange } from "../../src/channel/ledger-proposal.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import { ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { Verdict } from "../../src/engine/decide-input.ts";
import { encodeMessage } from "../../src/messages/codec.ts";
import type { Message } from "../../src/messages/message.ts";
import { assert, assertDefined } from "../../src/primitives/assert.ts";
import { LEDGER_APP, PAYMENT_APP, type PureNetwork } from "../pure-network.ts";

/** Seconds in which a challenge can be answered: a day. */
const CHALLENGE_DURATION_SEC = 86_400;

/** Opens a ledger channel that the first one leads; returns its id once everything has come to rest. */
export function openLedger(
  network: PureNetwork,
  leader: number,
  follower: number,
  amounts: readonly [bigint, bigint] = [50n, 50n],
): ChannelId {
  const id = beginLedger(network, leader, follower, amounts);
  while (network.act(0));
  return id;
}

/** Asks for such a ledger channel. Nothing is delivered yet. */
export function beginLedger(
  network: PureNetwork,
  leader: number,
  follower: number,
  amounts: readonly [bigint, bigint] = [50n, 50n],
): ChannelId {
  const participants = [leader, follower].map((one) => network.node(one).rules.me);
  const allocations = participants.map((one, index) => ({
    destination: externalDestination(one),
    amount: assertDefined(amounts[index], "an amount"),
    allocationType: 0,
    metadata: "0x" as const,
  }));
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  const id = network.ask(leader, {
    type: "FundDirectly",
    participants,
    outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
    appDefinition: LEDGER_APP,
    appData: "0x",
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  return channelOfObjective(network, leader, id);
}

/** Asks for a virtual channel along these nodes, over a ledger of the first one. Nothing is delivered yet. */
export function wishVirtual(
  network: PureNetwork,
  way: readonly number[],
  ledgerId: ChannelId,
  [left, right]: readonly [bigint, bigint] = [6n, 4n],
): { readonly objectiveId: ObjectiveId; readonly channelId: ChannelId } {
  const [payer, ...others] = way.map((one) => network.node(one).rules.me);
  assert(payer !== undefined, "somebody pays");
  const intermediaries = others.slice(0, -1);
  const objectiveId = network.ask(assertDefined(way[0], "the payer"), {
    type: "FundVirtually",
    payee: assertDefined(others.at(-1), "the payee"),
    route: { intermediaries, fees: intermediaries.map(() => 2n) },
    ledgerId,
    shares: [{ asset: ZERO_ADDRESS, left, right }],
    appDefinition: PAYMENT_APP,
    challengeDurationSec: CHALLENGE_DURATION_SEC,
  });
  return { objectiveId, channelId: channelOfObjective(network, way[0] ?? 0, objectiveId) };
}

/** A channel as one node has it. */
export function channelAt(network: PureNetwork, index: number, id: ChannelId): Channel {
  return assertDefined(network.node(index).state.channels.get(id), "the channel");
}

/** What a node makes of a message of another one. */
export function hear(network: PureNetwork, from: number, to: number, message: Message): Verdict {
  const input = { type: "Message", from: network.node(from).rules.me, sequence: 9_000 } as const;
  return network.decide(to, { ...input, payload: encodeMessage(message) });
}

/** A node's signature on whatever somebody wants it on. */
export function signed(
  network: PureNetwork,
  by: number,
  channelId: ChannelId,
  state: VariablePart,
): Signature {
  return network.node(by).rules.context.sign(stateHash(channelId, state));
}

/** A ledger state that its leader signs, told as changes to the one that `follower` has. */
export function proposalOf(
  network: PureNetwork,
  [leader, follower]: readonly [number, number],
  ledgerId: ChannelId,
  changes: readonly LedgerChange[],
  place: { readonly turnNum: number; readonly evidence?: readonly (readonly Signature[])[] },
): Message & { readonly type: "LedgerProposal" } {
  const ledger = channelAt(network, follower, ledgerId);
  const { variablePart: base } = supportedState(ledger);
  const outcome = applyChanges(ledgerOf(ledger).profile, ledgerId, base.outcome, changes);
  assert(outcome.ok, "the changes fit");
  const { turnNum } = place;
  return {
    type: "LedgerProposal",
    channelId: ledgerId,
    turnNum,
    baseTurnNum: base.turnNum,
    changes,
    evidence: place.evidence ?? changes.map(() => []),
    signature: signed(network, leader, ledgerId, { ...base, turnNum, outcome: outcome.value }),
  };
}

function channelOfObjective(network: PureNetwork, index: number, id: ObjectiveId): ChannelId {
  return assertDefined(network.node(index).state.objectives.get(id), "the objective").channelId;
}

/** What a node agreed to in a ledger channel, in the order of the agreements. */
export function agreedAt(
  network: PureNetwork,
  index: number,
  ledgerId: ChannelId,
): readonly LedgerChange[] {
  const { agreed } = ledgerOf(channelAt(network, index, ledgerId));
  return [...agreed.values()].map(({ objectiveId, proposal }) => ({ objectiveId, proposal }));
}

/** The ledger states that a node has proposed to anybody, in their order. */
export function proposedBy(
  network: PureNetwork,
  index: number,
  ledgerId: ChannelId,
): readonly (Message & { readonly type: "LedgerProposal" })[] {
  return network.node(index).log.flatMap((event) => {
    if (event.type !== "MessageSent" || event.message.type !== "LedgerProposal") return [];
    return event.message.channelId === ledgerId ? [event.message] : [];
  });
}

/** A follower's true signature on a state that the leader has proposed. */
export function countersignature(
  network: PureNetwork,
  [leader, follower]: readonly [number, number],
  channelId: ChannelId,
  turnNum: number,
): Message {
  const state = assertDefined(stateAt(channelAt(network, leader, channelId), turnNum), "the state");
  const signature = signed(network, follower, channelId, state.variablePart);
  return { type: "LedgerCountersignature", channelId, turnNum, signature };
}
