/** How much one peer may make this node lock up, by channels that nobody closes. */
import { ledgerOf, supportedState } from "../channel/channel.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import { GUARANTEES_MAX } from "../channel/ledger-limits.ts";
import { guaranteeCount } from "../channel/ledger-outcome.ts";
import type { Address } from "../crypto/address.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { EMPTY_DESK, NEW_PEER, type NodeTables } from "./node-state.ts";

/**
 * Guarantees in all ledger channels with one peer: 10,000, a hundred full ledgers. If that peer falls silent,
 * the node has as many to force on the chain, 2.4 % of what a day's blocks hold. Source: ADR 0014.
 */
export const GUARANTEES_PER_PEER_MAX = 10_000;

/**
 * Updates that one participant may have asked for in one channel, and that are not over: 64. Who waits for a turn needs
 * one; requests for turns to come cost nothing but a message, and each would be kept. All else that a peer begins in a
 * channel is one at a time: a closing, a withdrawal, a top-up of each asset.
 */
export const OPEN_UPDATES_MAX = 64;

/** Refuses another update of this participant's where so many are open. */
export function checkOpenUpdates(
  { desks, objectives }: NodeTables,
  channelId: ChannelId,
  by: number,
): Result<undefined, Rejection> {
  const { open } = desks.get(channelId) ?? EMPTY_DESK;
  const taken = open.filter((id) => {
    const objective = objectives.get(id);
    return objective?.goal.type === "Update" && objective.openedBy === by;
  }).length;
  return taken < OPEN_UPDATES_MAX ? accept(undefined) : reject({ code: "PeerLimitReached", taken });
}

/** Refuses `count` more guarantees for a channel that the peer brings along, where it has too many already. */
export function checkPeerLimit(
  { channels, peers }: NodeTables,
  peer: Address,
  count: number,
  most: number,
): Result<undefined, Rejection> {
  const { ledgers } = peers.get(peer) ?? NEW_PEER;
  // So few ledgers can never hold too many, and need not be looked at.
  if (ledgers.length * GUARANTEES_MAX <= most) return accept(undefined);
  let taken = 0;
  for (const id of ledgers) {
    const ledger = channels.get(id);
    if (ledger?.supported === undefined) continue;
    taken += guaranteeCount(supportedState(ledger).variablePart.outcome);
    for (const amounts of ledgerOf(ledger).reserved.values()) taken += amounts.length;
  }
  return taken + count <= most ? accept(undefined) : reject({ code: "PeerLimitReached", taken });
}
