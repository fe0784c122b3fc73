/** Places of libp2p as text: an address of TCP that ends in the id of the peer who must answer there. */
import type { PeerId } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import type { Endpoint } from "../ports/transport.ts";
import { parsePeerId } from "./libp2p-identity.ts";

/** Longest text that is read as a place. */
const PLACE_LENGTH_MAX = 512;

const PLACE =
  /^\/(?:ip4|ip6|dns|dns4|dns6)\/[^/\s]+(?:\/ipcidr\/\d+)?\/tcp\/\d{1,5}\/p2p\/([1-9A-HJ-NP-Za-km-z]+)$/;

/** A place whose addresses are known otherwise, such as from the local network. */
const PEER = /^\/p2p\/([1-9A-HJ-NP-Za-km-z]+)$/;

/** True for `/ip4/../tcp/../p2p/<peer id>` and `/p2p/<peer id>`, as far as the form tells. */
export function isLibp2pPlace(text: Endpoint): boolean {
  return text.length <= PLACE_LENGTH_MAX && (PLACE.test(text) || PEER.test(text));
}

/** What is dialed for a place; undefined when the text is none. */
export function parseLibp2pPlace(text: Endpoint): Multiaddr | PeerId | undefined {
  if (!isLibp2pPlace(text)) return undefined;
  const peerId = parsePeerId(text.split("/").at(-1) ?? "");
  if (peerId === undefined || PEER.test(text)) return peerId;
  try {
    return multiaddr(text);
  } catch {
    // The form was right, and the address in it was not.
    return undefined;
  }
}

/** The addresses of a peer as places: those of TCP, each once. */
export function placesOfPeer(peerId: PeerId, addresses: readonly Multiaddr[]): readonly Endpoint[] {
  const ending = `/p2p/${peerId.toString()}`;
  const texts = addresses.map((address) => address.toString());
  const whole = texts.map((text) => (text.endsWith(ending) ? text : `${text}${ending}`));
  return [...new Set(whole)].filter((text) => PLACE.test(text) && text.length <= PLACE_LENGTH_MAX);
}
