/** What is between the engine of a simulated node and the wire: nothing, or the secure transport of real nodes. */

import type { Address } from "../src/crypto/address.ts";
import type { AddressBook, EngineFault } from "../src/engine/engine-options.ts";
import { SecureTransport } from "../src/network/secure/secure-transport.ts";
import { misbehaviourOf } from "../src/network/secure/session-faults.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { Endpoint, Transport } from "../src/ports/transport.ts";
import { keyOf } from "./actors.ts";
import { drawBytes } from "./keyed-random.ts";
import type { NodeParts } from "./simulated-node.ts";

/** What one life of a node brings. */
export type Life = {
  readonly address: Address;
  /** The bare wire. */
  readonly raw: Transport;
  readonly clock: Clock;
  /** Counts lives: each draws keys of its own. */
  readonly life: number;
};

/** What its engine is given. */
export type WayToPeers = {
  readonly transport: Transport;
  readonly addressBook: AddressBook;
  readonly onFault: (fault: EngineFault) => void;
};

/** The way to the peers of a node for one of its lives. */
export function wayOf(parts: NodeParts, life: Life): WayToPeers {
  const { addressBook, isSecure, name, onFault } = parts;
  if (!isSecure) {
    return { transport: life.raw, addressBook, onFault: (fault) => onFault(name, fault) };
  }
  const secure = secureTransportOf(parts, life);
  return {
    transport: secure.transport,
    addressBook: byAddress(addressBook),
    onFault: (fault) => {
      const misbehaviour = fault.type === "Peer" ? misbehaviourOf(fault.fault) : undefined;
      if (misbehaviour !== undefined) secure.punish(misbehaviour.peer, misbehaviour.code);
      onFault(name, fault);
    },
  };
}

function secureTransportOf(
  { addressBook, chain, name, seed, signatures }: NodeParts,
  { address, clock, life, raw }: Life,
): SecureTransport {
  const key = keyOf(name);
  let drawn = 0;
  const bytes = (sizeBytes: number): Uint8Array =>
    drawBytes(seed, "secure transport", `${name} ${life}`, drawn++).slice(0, sizeBytes);
  return new SecureTransport({
    transport: raw,
    clock,
    random: { bytes },
    identity: { address, signDigest: (digest) => signatures.signDigest(digest, key) },
    chainId: chain.chainId,
    adjudicator: chain.adjudicator,
    profiles: ["enforceable", "go-nitro"],
    placesOf: (peer) => [addressBook.endpointOf(peer) ?? []].flat(),
    isWelcome: (peer) => addressBook.endpointOf(peer) !== undefined,
  });
}

/** Above the secure transport a peer's endpoint is its address. */
function byAddress({ endpointOf, peers }: AddressBook): AddressBook {
  const isKnown = (endpoint: Endpoint): boolean => endpointOf(endpoint as Address) !== undefined;
  return {
    peers,
    endpointOf: (peer) => (isKnown(peer) ? peer : undefined),
    peerAt: (endpoint) => (isKnown(endpoint) ? (endpoint as Address) : undefined),
  };
}
