/** Channels, objectives, peers and vouchers of a node in the words of the API. */
import { type Channel, type ChannelPhase, phaseOf } from "../../channel/channel.ts";
import { isSettledByDispute } from "../../channel/holdings.ts";
import { guaranteedIn, readLedgerExit } from "../../channel/ledger-outcome.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import type { SingleAssetExit } from "../../channel/outcome.ts";
import type { ReceiptedVoucher } from "../../channel/redemption.ts";
import type { Voucher } from "../../channel/voucher.ts";
import type { NodeEvent } from "../../events/event.ts";
import { nodeCodec } from "../../events/node-codec.ts";
import type { EventRecord } from "../../events/record.ts";
import { toHex } from "../../primitives/hex.ts";
import { isActive, type Objective } from "../../protocols/objective.ts";
import { accountsOf } from "../../protocols/payments.ts";
import type { KnownPeer, RunningNode } from "../daemon/running-node.ts";
import { exportedEvent } from "../exported-event.ts";
import { treeOf } from "../state-tree.ts";
import type {
  AssetShares,
  ChannelView,
  EventView,
  NodeView,
  ObjectiveView,
  PaymentView,
  PeerView,
  VoucherView,
} from "./api-types.ts";

/** How far a channel is for those who ask: one that a dispute has decided and paid is as over as one that was closed. */
export function shownPhase(channel: Channel): ChannelPhase {
  return isSettledByDispute(channel) ? "Concluded" : phaseOf(channel);
}

/** One channel. */
export function channelView(channel: Channel): ChannelView {
  const { fixedPart, holdings, id, myIndex, supported, use } = channel;
  return {
    channelId: id,
    use: use.type,
    profile: use.type === "Ledger" || use.type === "Virtual" ? use.profile : null,
    phase: shownPhase(channel),
    participants: fixedPart.participants,
    myIndex,
    challengeDurationSec: fixedPart.challengeDurationSec,
    appDefinition: fixedPart.appDefinition,
    turnNum: supported?.variablePart.turnNum ?? null,
    balances: balancesOf(channel),
    holdings: [...holdings].map(([asset, amount]) => ({ asset, amount: `${amount}` })),
    funds: use.type === "Ledger" ? guaranteedIn(supported?.variablePart.outcome ?? []) : [],
    payments: paymentViews(channel),
    fees: use.type === "Virtual" ? use.fees.map(String) : [],
    ledgers: use.type === "Virtual" ? [use.left, use.right].filter((one) => one !== undefined) : [],
  };
}

/** What each side has free, asset by asset. */
function balancesOf(channel: Channel): readonly AssetShares[] {
  const { fundingOutcome, supported, use } = channel;
  if (use.type === "Virtual") {
    return paymentViews(channel).map(({ asset, remaining, remainingOfOther }) => ({
      asset,
      mine: remaining,
      theirs: remainingOfOther,
    }));
  }
  return (supported?.variablePart.outcome ?? fundingOutcome).map((exit) => sharesIn(exit, channel));
}

function sharesIn(exit: SingleAssetExit, { myIndex, use }: Channel): AssetShares {
  const amounts =
    use.type === "Ledger"
      ? readLedgerExit(use.profile, exit).balances.map(({ amount }) => amount)
      : exit.allocations.map(({ amount }) => amount);
  const all = amounts.reduce((sum, one) => sum + one, 0n);
  const mine = amounts[myIndex] ?? 0n;
  return { asset: exit.asset, mine: `${mine}`, theirs: `${all - mine}` };
}

/** What was paid by voucher; nothing for whoever is not an end of a virtual channel. */
export function paymentViews(channel: Channel): readonly PaymentView[] {
  const accounts = accountsOf(channel);
  if (!accounts.ok) return [];
  return accounts.value.map(({ asset, paid, received, remaining, remainingOfOther }) => ({
    asset,
    paid: `${paid}`,
    received: `${received}`,
    remaining: `${remaining}`,
    remainingOfOther: `${remainingOfOther}`,
  }));
}

/** One voucher, with the receipt that it rests on. */
export function voucherView(
  channelId: string,
  { amounts, counter, signature }: Voucher,
  counted: ReceiptedVoucher | undefined,
): VoucherView {
  return {
    channelId,
    counter,
    amounts: amounts.map(String),
    signature,
    counted: counted === undefined ? null : { ...counted, amounts: counted.amounts.map(String) },
  };
}

/** One objective. */
export function objectiveView(
  objective: Objective,
  waitingFor: string,
  myIndex: number | undefined,
): ObjectiveView {
  const { channelId, goal, id, openedBy, rejectionCode, status, transactions } = objective;
  return {
    objectiveId: id,
    channelId,
    goal: goal.type,
    status,
    isMine: openedBy === myIndex,
    waitingFor: isActive(objective) ? waitingFor : "Nothing",
    rejectionCode: rejectionCode ?? null,
    transactions: [...transactions].map(([effectId, state]) => ({ effectId, status: state })),
  };
}

/** What the open objectives of a node wait for. */
export function waitsOf({ engine }: RunningNode): ReadonlyMap<ObjectiveId, string> {
  return new Map(engine.waits().map(({ id, waitingFor }) => [id, waitingFor]));
}

/** One peer. */
export function peerView({ connection, name, ...peer }: KnownPeer): PeerView {
  return {
    ...peer,
    name: name ?? null,
    connection:
      connection === undefined
        ? null
        : { ...connection, roundTripMs: connection.roundTripMs ?? null },
  };
}

/** One event. */
export function eventView(record: EventRecord<NodeEvent>): EventView {
  const { fields, ...rest } = exportedEvent(nodeCodec, record);
  return { ...rest, fields: treeOf(fields) as EventView["fields"] };
}

/** The node itself. */
export function nodeView(node: RunningNode, version: string): NodeView {
  const { address, chainId, deployment, engine, store } = node;
  const { live, notReady, ready } = node.health();
  const { chainId: _chain, codeHashes: _hashes, ...contracts } = deployment;
  const peers = node.peers();
  const known = Object.entries(contracts).filter(([, place]) => place !== undefined);
  return {
    address,
    chainId: `${chainId}`,
    version,
    places: node.places(),
    contracts: Object.fromEntries(known) as NodeView["contracts"],
    log: { logId: toHex(store.logId), ...store.head },
    live,
    ready,
    notReady: notReady.map(({ code }) => code),
    channels: engine.view().channels.size,
    openObjectives: engine.waits().length,
    peers: peers.length,
    connectedPeers: peers.filter(({ connection }) => connection !== undefined).length,
  };
}
