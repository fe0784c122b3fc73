/** A node of libp2p as ours run it: TCP, Noise, Yamux, and what finds other nodes. */
import { noise } from "@chainsafe/libp2p-noise";
import { asCrypto, defaultCrypto } from "@chainsafe/libp2p-noise/crypto";
import { yamux } from "@chainsafe/libp2p-yamux";
import { bootstrap } from "@libp2p/bootstrap";
import { identify } from "@libp2p/identify";
import { type KadDHT, kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { mdns } from "@libp2p/mdns";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { createLibp2p, type Libp2p, type Libp2pInit } from "libp2p";
import { Libp2pDatastore } from "./libp2p-datastore.ts";
import { HostLimit } from "./libp2p-host-limit.ts";
import { type Libp2pIdentity, libp2pKeyOf } from "./libp2p-identity.ts";
import type { TcpPlace } from "./tcp-place.ts";
import type { WireLimits } from "./wire-limits.ts";

/** What checks and compares the records of one kind that nodes keep for each other. */
export type RecordRules = {
  /** The kind: a key begins with a slash, this, and another slash. */
  readonly namespace: string;
  /** Throws when the value may not stand under the key. */
  readonly validate: (key: Uint8Array, value: Uint8Array) => void | Promise<void>;
  /** Which of some values that may is to count. */
  readonly select: (key: Uint8Array, values: Uint8Array[]) => number;
};

/** What such a node is made of. */
export type Libp2pNodeOptions = {
  readonly identity: Libp2pIdentity;
  readonly listen: TcpPlace | undefined;
  readonly announced: readonly string[];
  readonly limits: WireLimits;
  /** Peers that know others, as places. */
  readonly bootstrap: readonly string[];
  /** Whether nodes of the local network are looked for, and answered. */
  readonly usesLocalNetwork: boolean;
  /** The table of records that all nodes share; absent where none is taken part in. */
  readonly records: RecordRules | undefined;
};

/** The node, and those parts of it that are asked directly. */
export type Libp2pNode = {
  readonly libp2p: Libp2p;
  readonly dht: KadDHT | undefined;
  readonly hostLimit: HostLimit;
};

/** 1 MiB on its way to one reader; a reader that takes nothing costs no more. */
const WINDOW_BYTES = 1_048_576;

/** Streams of one connection that the other end may hold open: frames, a table, some lines. */
const INBOUND_STREAMS_MAX = 128;

/** Connections that have not yet shown who is at their other end. The library's ten could be held by one host. */
const PENDING_MAX = 256;

/** Connections that one host may open in a second: more than a restart needs, less than a flood. */
const PER_SECOND_MAX = 64;

/** How soon after its start a node turns to the peers that know others: at once, and not after the library's second. */
const BOOTSTRAP_MS = 10;

/** The protocol of the table of records. Source: go-nitro, p2p-message-service (prefix `/nitro`). */
const DHT_PROTOCOL = "/nitro/kad/1.0.0";

/** Peers in one bucket of the table. Source: go-nitro, p2p-message-service. */
const DHT_BUCKET_SIZE = 20;

/** How soon a node that has just started looks for those next to it in the table, in milliseconds. */
const DHT_FIRST_QUERY_MS = 200;

/**
 * Noise with another cipher below: Bun's `node:crypto` has no ChaCha20-Poly1305, and the default takes that for every
 * message of 1,200 bytes and more.
 */
const crypto = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt: asCrypto.chaCha20Poly1305Encrypt,
  chaCha20Poly1305Decrypt: asCrypto.chaCha20Poly1305Decrypt,
};

/** Makes a node that is not started: whoever does so first registers what it answers to. */
export async function createLibp2pNode(options: Libp2pNodeOptions): Promise<Libp2pNode> {
  const { announced, identity, limits, listen, records } = options;
  const hostLimit = new HostLimit(limits.inboundPerHostMax);
  let dht: KadDHT | undefined;
  const libp2p = await createLibp2p({
    start: false,
    privateKey: libp2pKeyOf(identity),
    addresses: {
      listen: listen === undefined ? [] : [listenAddress(listen)],
      announce: [...announced],
    },
    datastore: new Libp2pDatastore(),
    transports: [tcp()],
    connectionEncrypters: [noise({ crypto })],
    streamMuxers: [
      yamux({
        maxInboundStreams: INBOUND_STREAMS_MAX,
        streamOptions: { maxStreamWindowSize: WINDOW_BYTES, maxReadBufferLength: WINDOW_BYTES },
      }),
    ],
    connectionGater: hostLimit.gater(),
    connectionManager: {
      maxConnections: limits.inboundMax,
      maxIncomingPendingConnections: PENDING_MAX,
      inboundConnectionThreshold: PER_SECOND_MAX,
      inboundUpgradeTimeout: limits.halfOpenMs,
      dialTimeout: limits.dialTimeoutMs,
    },
    peerDiscovery: discoveryOf(options),
    services: {
      identify: identify(),
      ping: ping(),
      ...(records !== undefined && {
        dht: (components: Parameters<ReturnType<typeof kadDHT>>[0]) => {
          dht = tableOf(records)(components);
          return dht;
        },
      }),
    },
  });
  return { libp2p, dht, hostLimit };
}

function listenAddress({ host, port }: TcpPlace): string {
  return `/${host.includes(":") ? "ip6" : "ip4"}/${host}/tcp/${port}`;
}

function discoveryOf(options: Libp2pNodeOptions): NonNullable<Libp2pInit["peerDiscovery"]> {
  return [
    ...(options.bootstrap.length > 0
      ? [bootstrap({ list: [...options.bootstrap], timeout: BOOTSTRAP_MS })]
      : []),
    ...(options.usesLocalNetwork ? [mdns()] : []),
  ];
}

function tableOf({ namespace, validate, select }: RecordRules): ReturnType<typeof kadDHT> {
  return kadDHT({
    protocol: DHT_PROTOCOL,
    kBucketSize: DHT_BUCKET_SIZE,
    // Channels are run on private networks as well as on the open one.
    peerInfoMapper: passthroughMapper,
    clientMode: false,
    initialQuerySelfInterval: DHT_FIRST_QUERY_MS,
    validators: { [namespace]: validate },
    selectors: { [namespace]: select },
  });
}
