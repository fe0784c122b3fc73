/** The way to peers that run go-nitro, beside the one to our own kind. Source: ADR 0037. */
import { systemClock } from "../../adapters/system-clock.ts";
import type { Address } from "../../crypto/address.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import type { NodeView } from "../../engine/node-state.ts";
import type { GoNitroFault } from "../../network/go-nitro/go-nitro-peers.ts";
import { GO_NITRO_SCHEME } from "../../network/go-nitro/lines.ts";
import { openGoNitroPeers } from "../../network/go-nitro/open-go-nitro-peers.ts";
import type { Transport } from "../../ports/transport.ts";
import type { OpenWires } from "./open-wires.ts";
import type { PeerBook } from "./peer-book.ts";

/** What it is made from. */
export type GoNitroWayOptions = {
  readonly me: Address;
  readonly book: PeerBook;
  readonly wires: OpenWires;
  /** The way to everybody else. */
  readonly transport: Transport;
  /** What the node knows; undefined while it starts. */
  readonly view: () => NodeView | undefined;
  readonly report: (fault: GoNitroFault) => void;
};

/** The way to all peers, whatever they run. */
export type WayToPeers = { readonly transport: Transport; readonly close: () => void };

/** Where a peer that runs go-nitro is; undefined for any other peer. */
export function goNitroPlaceOf(book: PeerBook, peer: Address): string | undefined {
  return book.placesOf(peer).find((place) => place.startsWith(GO_NITRO_SCHEME));
}

/** Adds the way to peers with such a place, where libp2p is open: lines need it. */
export async function withGoNitro(options: GoNitroWayOptions): Promise<WayToPeers> {
  const { book, me, report, transport, view, wires } = options;
  if (wires.libp2p === undefined) return { transport, close: () => {} };
  const { endpointOf, peerAt } = book.addressBook;
  const peers = await openGoNitroPeers({
    streams: wires.libp2p.lines,
    clock: systemClock,
    me,
    recoverSigner: signatureBackend.recoverSigner,
    book: { peers: () => book.addressBook.peers, endpointOf, peerAt },
    placeOf: (peer) => goNitroPlaceOf(book, peer),
    view,
    report,
  });
  return { transport: peers.join(transport), close: () => peers.close() };
}
