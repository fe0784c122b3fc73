/** The `Transport` door over TCP, on the sockets of Bun. */
import { networkInterfaces } from "node:os";
import type { Socket, SocketHandler, TCPSocketListener } from "bun";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import type { RawTransport } from "../ports/raw-transport.ts";
import type { Endpoint } from "../ports/transport.ts";
import { assertDefined } from "../primitives/assert.ts";
import { NodeError } from "../primitives/node-error.ts";
import { hostOf } from "./tcp-host.ts";
import { formatTcpPlace, parseTcpPlace, type TcpPlace } from "./tcp-place.ts";
import { Wire } from "./wire.ts";
import type { Pipe, WireConnection } from "./wire-connection.ts";
import { type WireLimits, wireLimits } from "./wire-limits.ts";
import type { Dial } from "./wire-places.ts";

/** How TCP is opened. */
export type TcpOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** Where to listen: port 0 for any that is free, host `0.0.0.0` or `::` for every address. Absent: only dials. */
  readonly listen?: TcpPlace;
  /** Places to give instead of where it listens: what others dial when a router stands between. */
  readonly announced?: readonly Endpoint[];
  /** Limits that are not as `WIRE_LIMITS` has them. */
  readonly limits?: Partial<WireLimits>;
};

/** Addresses that stand for all of the machine's. */
const EVERY_HOST: readonly string[] = ["0.0.0.0", "::"];

/** What a socket carries: the connection that it belongs to, once there is one. */
type Carried = { connection: WireConnection | undefined };

/**
 * Opens TCP: frames with their length in front, nothing encrypted, strangers allowed.
 *
 * Throws `NodeError` with `ListenFailed` when the place to listen is taken, or is none of this machine.
 */
export async function openTcpTransport(options: TcpOptions): Promise<RawTransport> {
  const { announced, clock, listen, random } = options;
  const wire: Wire = new Wire({
    clock,
    random,
    limits: wireLimits(options.limits),
    inboundPrefix: "tcp-in",
    isPlace: (endpoint) => parseTcpPlace(endpoint) !== undefined,
    dial: (place, opened) => dialTcp(place, opened, (connection) => wire.ended(connection)),
  });
  const listener = listen === undefined ? undefined : startListening(listen, wire);
  const places = listener === undefined ? [] : placesOf(listener);
  return wire.rawTransport(announced ?? places, async () => {
    listener?.stop(true);
  });
}

function startListening({ host, port }: TcpPlace, wire: Wire): TCPSocketListener<Carried> {
  try {
    return Bun.listen<Carried>({
      hostname: host,
      port,
      socket: handlers(
        (pipe, { remoteAddress }) => acceptFrom(wire, pipe, remoteAddress),
        (connection) => wire.ended(connection),
      ),
    });
  } catch (cause) {
    const place = formatTcpPlace({ host, port });
    const message = `cannot listen at ${place}: it is in use, or no address of this machine; choose another`;
    throw new NodeError("ListenFailed", message, { data: { place }, cause });
  }
}

/** Who has cut the connection before it was looked at has no address any more. */
function acceptFrom(
  wire: Wire,
  pipe: Pipe,
  remoteAddress: string | undefined,
): WireConnection | undefined {
  return remoteAddress ? wire.accept(pipe, hostOf(remoteAddress)) : undefined;
}

function dialTcp(
  endpoint: Endpoint,
  opened: Parameters<Dial>[1],
  ended: (connection: WireConnection) => void,
): Promise<unknown> {
  const { host, port } = assertDefined(parseTcpPlace(endpoint), "a place that was checked");
  return Bun.connect<Carried>({ hostname: host, port, socket: handlers(opened, ended) });
}

/** What a socket does in either direction; `opened` gives the connection, or undefined for one that is not wanted. */
function handlers(
  opened: (pipe: Pipe, socket: Socket<Carried>) => WireConnection | undefined,
  ended: (connection: WireConnection) => void,
): SocketHandler<Carried> {
  const end = ({ data }: Socket<Carried>): void => {
    if (data?.connection !== undefined) ended(data.connection);
  };
  return {
    open: (socket) => {
      const connection = opened(pipeOf(socket), socket);
      socket.data = { connection };
      if (connection === undefined) socket.terminate();
    },
    data: ({ data }, bytes) => data.connection?.receive(bytes),
    drain: ({ data }) => data.connection?.flush(),
    close: end,
    error: end,
    // Why a dial failed tells nobody anything: that it failed is counted.
    connectError: () => undefined,
  };
}

function pipeOf(socket: Socket<Carried>): Pipe {
  return {
    write: (bytes) => socket.write(bytes),
    end: () => {
      socket.end();
    },
    terminate: () => socket.terminate(),
  };
}

/** Where others reach a listener: for one at every address, those of the machine that are not its own alone. */
function placesOf({ hostname, port }: TCPSocketListener<Carried>): readonly Endpoint[] {
  if (!EVERY_HOST.includes(hostname)) return [formatTcpPlace({ host: hostname, port })];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const ours = all.filter(({ family }) => hostname === "::" || family === "IPv4");
  const shown = ours.filter(({ internal }) => !internal);
  // A link-local address of IPv6 means nothing on another machine.
  const reached = shown.filter(({ address }) => !address.toLowerCase().startsWith("fe80:"));
  return (reached.length > 0 ? reached : ours).map(({ address }) =>
    formatTcpPlace({ host: address, port }),
  );
}
