/** The `Transport` door over libp2p, and what go-nitro's peers need besides: lines, and a way to be found. */
import type { Connection, Stream } from "@libp2p/interface";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { RawTransport } from "../ports/raw-transport.ts";
import type { Endpoint } from "../ports/transport.ts";
import type { Hex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import { addressRecordRules } from "./libp2p-address-record.ts";
import { Discovery } from "./libp2p-discovery.ts";
import { hostOfAddress } from "./libp2p-host-limit.ts";
import type { Libp2pIdentity } from "./libp2p-identity.ts";
import { IdleConnections } from "./libp2p-idle-connections.ts";
import { LINE_LIMITS, LineDesk, type LineLimits } from "./libp2p-line-desk.ts";
import type { Libp2pLines } from "./libp2p-lines.ts";
import { createLibp2pNode, type Libp2pNode } from "./libp2p-node.ts";
import { attachStream, pipeOfStream } from "./libp2p-pipe.ts";
import { isLibp2pPlace, parseLibp2pPlace, placesOfPeer } from "./libp2p-place.ts";
import { formatTcpPlace, type TcpPlace } from "./tcp-place.ts";
import { Wire } from "./wire.ts";
import type { WireConnection } from "./wire-connection.ts";
import { type WireLimits, wireLimits } from "./wire-limits.ts";
import type { Dial } from "./wire-places.ts";

/** How libp2p is opened. */
export type Libp2pOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly identity: Libp2pIdentity;
  /** Where to listen: port 0 for any that is free, host `0.0.0.0` or `::` for every address. Absent: only dials. */
  readonly listen?: TcpPlace;
  /** Multiaddrs to tell others instead of where it listens. */
  readonly announced?: readonly string[];
  /** Absent: this node finds nobody, and nobody finds it. */
  readonly discovery?: {
    /** Places of peers that know others. */
    readonly bootstrap: readonly Endpoint[];
    /** Whether nodes of the local network are looked for, and answered. */
    readonly usesLocalNetwork: boolean;
  };
  /** Limits that are not as `WIRE_LIMITS` has them. */
  readonly limits?: Partial<WireLimits>;
  /** Limits that are not as `LINE_LIMITS` has them. */
  readonly lineLimits?: Partial<LineLimits>;
};

/** What libp2p gives besides frames. */
export type Libp2pTransport = RawTransport & {
  readonly peerId: string;
  readonly lines: Libp2pLines;
  /** Where the node of an address can be reached, as far as it is known already: the newest place first. */
  readonly knownPlaces: (address: Hex) => readonly Endpoint[];
  /** Asks other nodes where the node of an address can be reached. None when nobody knows in time. Never rejects. */
  readonly findPlaces: (address: Hex) => Promise<readonly Endpoint[]>;
  /** Tells other nodes where this one is, now instead of at the next turn. False when nobody took it. Never rejects. */
  readonly publish: () => Promise<boolean>;
};

/** One long stream of frames, between two that may be strangers to the layer above. */
export const FRAME_PROTOCOL = "/channels/frame/1.0.0";

/** Streams of frames that the other end of one connection may hold open: one in use, and one that replaces it. */
const FRAME_STREAMS_MAX = 4;

/**
 * Starts a node of libp2p whose peer id is the channel key.
 *
 * Throws `NodeError` with `ListenFailed` when the place to listen is taken, or is none of this machine.
 */
export async function openLibp2pTransport(options: Libp2pOptions): Promise<Libp2pTransport> {
  const { clock, identity, random } = options;
  const limits = wireLimits(options.limits);
  const node = await createNode(options, limits);
  const { libp2p } = node;
  const wire: Wire = new Wire({
    clock,
    random,
    limits,
    inboundPrefix: "libp2p-in",
    isPlace: isLibp2pPlace,
    dial: dialing(node, (connection) => wire.ended(connection)),
  });
  const idle = new IdleConnections(libp2p, clock);
  const accept = accepting(wire, idle);
  await libp2p.handle(FRAME_PROTOCOL, accept, { maxInboundStreams: FRAME_STREAMS_MAX });
  const lineLimits = { ...LINE_LIMITS, ...options.lineLimits };
  const lines = new LineDesk(libp2p, identity, lineLimits, (connection) => idle.use(connection));
  const discovery = new Discovery({ clock, identity, node });
  await start(node, options.listen).catch((error: unknown) => {
    idle.close();
    throw error;
  });
  discovery.start();
  const places = placesOfPeer(libp2p.peerId, libp2p.getMultiaddrs());
  const raw = wire.rawTransport(places, async () => {
    idle.close();
    discovery.close();
    await libp2p.stop();
  });
  return {
    ...raw,
    counters: () => ({
      ...raw.counters(),
      ...lines.counters(),
      ...discovery.counters(),
      HostRefused: node.hostLimit.refused,
      IdleClosed: idle.closed,
    }),
    peerId: libp2p.peerId.toString(),
    lines,
    knownPlaces: (address) => discovery.known(address),
    findPlaces: (address) => discovery.find(address),
    publish: () => discovery.publish(),
  };
}

function createNode(options: Libp2pOptions, limits: WireLimits): Promise<Libp2pNode> {
  const { announced = [], clock, discovery, identity, listen } = options;
  return createLibp2pNode({
    identity,
    listen,
    announced,
    limits,
    bootstrap: discovery?.bootstrap ?? [],
    usesLocalNetwork: discovery?.usesLocalNetwork ?? false,
    records: discovery === undefined ? undefined : addressRecordRules(identity, clock),
  });
}

async function start({ libp2p }: Libp2pNode, listen: TcpPlace | undefined): Promise<void> {
  try {
    await libp2p.start();
  } catch (cause) {
    const place = listen === undefined ? "no place" : formatTcpPlace(listen);
    const message = `libp2p cannot listen at ${place}: it is in use, or no address of this machine; choose another`;
    throw new NodeError("ListenFailed", message, { data: { place }, cause });
  }
}

function accepting(wire: Wire, idle: IdleConnections): (stream: Stream, of: Connection) => void {
  return (stream, of) => {
    const host = hostOfAddress(of.remoteAddr.toString());
    const connection = wire.accept(pipeOfStream(stream), host);
    if (connection === undefined) return;
    idle.use(of);
    attachStream(stream, connection, (lost) => wire.ended(lost));
  };
}

function dialing({ libp2p }: Libp2pNode, ended: (connection: WireConnection) => void): Dial {
  return async (place, opened, signal) => {
    const target = parseLibp2pPlace(place);
    if (target === undefined) return;
    const stream = await libp2p.dialProtocol(target, FRAME_PROTOCOL, { signal });
    const pipe = pipeOfStream(stream);
    const connection = opened(pipe);
    if (connection === undefined) pipe.terminate();
    else attachStream(stream, connection, ended);
  };
}
