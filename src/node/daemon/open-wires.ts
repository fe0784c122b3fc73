/** Opens the wires that a configuration asks for. */

import { joinTransports, LIBP2P_PREFIXES, TCP_PREFIXES } from "../../adapters/joined-transport.ts";
import type { Libp2pIdentity } from "../../adapters/libp2p-identity.ts";
import type { Libp2pTransport } from "../../adapters/libp2p-transport.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { systemRandom } from "../../adapters/system-random.ts";
import { openTcpTransport } from "../../adapters/tcp-transport.ts";
import { HANDSHAKE_STRANGERS } from "../../adapters/wire-limits.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import type { Hash, PrivateKey } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import type { RawTransport } from "../../ports/raw-transport.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { fromHex } from "../../primitives/hex.ts";
import type { Configuration } from "../config/configuration.ts";

/** The secure transport says whom to trust: until then nothing larger than a handshake is taken. */
const RAW_LIMITS = { strangers: HANDSHAKE_STRANGERS } as const;

/** What was opened. */
export type OpenWires = {
  readonly tcp: RawTransport;
  readonly libp2p?: Libp2pTransport;
};

/**
 * Opens TCP, if only to dial, and libp2p where it is asked for. Throws `NodeError` with `ListenFailed` when a place
 * to listen is taken.
 */
export async function openWires(configuration: Configuration, key: PrivateKey): Promise<OpenWires> {
  const { announce, listen } = configuration;
  const announced = announce.filter((place) => isOf(place, TCP_PREFIXES));
  const tcp = await openTcpTransport({
    clock: systemClock,
    random: systemRandom,
    limits: RAW_LIMITS,
    ...(listen.tcp === undefined ? {} : { listen: listen.tcp }),
    ...(announced.length === 0 ? {} : { announced }),
  });
  if (listen.libp2p === undefined) return { tcp };
  try {
    return { tcp, libp2p: await openLibp2p(configuration, listen.libp2p, key) };
  } catch (error) {
    await tcp.close();
    throw error;
  }
}

/** All wires as one. */
export function joinWires({ libp2p, tcp }: OpenWires): RawTransport {
  const one = { name: "tcp", prefixes: TCP_PREFIXES, raw: tcp };
  const other = libp2p && { name: "libp2p", prefixes: LIBP2P_PREFIXES, raw: libp2p };
  return joinTransports(other === undefined ? [one] : [one, other]);
}

function isOf(place: Endpoint, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => place.startsWith(prefix));
}

/** Loaded only where it is wanted: it is large. */
async function openLibp2p(
  { announce, libp2p }: Configuration,
  listen: { readonly host: string; readonly port: number },
  key: PrivateKey,
): Promise<Libp2pTransport> {
  const { openLibp2pTransport } = await import("../../adapters/libp2p-transport.ts");
  const announced = announce.filter((place) => isOf(place, LIBP2P_PREFIXES));
  const isFound = libp2p.dht || libp2p.mdns || libp2p.bootstrap.length > 0;
  return openLibp2pTransport({
    clock: systemClock,
    random: systemRandom,
    identity: libp2pIdentity(key),
    listen,
    limits: RAW_LIMITS,
    ...(announced.length === 0 ? {} : { announced }),
    ...(isFound
      ? { discovery: { bootstrap: libp2p.bootstrap, usesLocalNetwork: libp2p.mdns } }
      : {}),
  });
}

/** The channel key as libp2p uses it: its peer id is made of it. Source: ADR 0034. */
export function libp2pIdentity(key: PrivateKey): Libp2pIdentity {
  return {
    privateKey: fromHex(key),
    keccak256,
    signDigest: (digest) => signatureBackend.signDigest(digest as Hash, key),
    recoverDigestSigner: (digest, signature) =>
      signatureBackend.recoverDigestSigner(digest as Hash, signature),
  };
}
