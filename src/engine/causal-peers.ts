/** What the causal rules remember of one peer. */
import type { Address } from "../crypto/address.ts";
import type { History, PeerHistory } from "./causal-history.ts";

/** The peer's part of the history; a new one where nothing was seen of it yet. */
export function peerOf({ peers }: History, address: Address): PeerHistory {
  const known = peers.get(address);
  if (known !== undefined) return known;
  const peer: PeerHistory = {
    lastSent: 0,
    lastReceived: 0,
    ackedUpTo: 0,
    dropped: new Set<number>(),
    isResyncing: false,
  };
  peers.set(address, peer);
  return peer;
}
