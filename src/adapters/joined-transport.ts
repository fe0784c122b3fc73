/** Several raw transports as one: each endpoint goes to the one that understands it. */
import type { RawTransport } from "../ports/raw-transport.ts";
import type { Endpoint } from "../ports/transport.ts";

/** A transport with a name for its counters, and the beginnings of its endpoints. */
export type Branch = {
  /** A word such as `tcp`: the counters of this transport begin with it and a dot. */
  readonly name: string;
  /** How the endpoints of this transport begin, of both directions: `tcp:` and `tcp-in:`. */
  readonly prefixes: readonly string[];
  readonly raw: RawTransport;
};

/** How the endpoints of TCP begin. */
export const TCP_PREFIXES: readonly string[] = ["tcp:", "tcp-in:"];

/** How the endpoints of libp2p begin. */
export const LIBP2P_PREFIXES: readonly string[] = ["/", "libp2p-in:"];

/**
 * Joins transports. What goes to an endpoint that none of them understands is lost, and counted as `NowhereToSend`
 * without a name before it.
 */
export function joinTransports(branches: readonly Branch[]): RawTransport {
  let nowhere = 0;
  const branchOf = (endpoint: Endpoint): RawTransport | undefined =>
    branches.find(({ prefixes }) => prefixes.some((prefix) => endpoint.startsWith(prefix)))?.raw;
  const sumOf = (count: (raw: RawTransport) => number): number =>
    branches.reduce((sum, { raw }) => sum + count(raw), 0);
  return {
    transport: {
      send: (to, frame) => {
        const raw = branchOf(to);
        if (raw === undefined) nowhere += 1;
        raw?.transport.send(to, frame);
      },
      listen: (onFrame, onLost) => {
        for (const { raw } of branches) raw.transport.listen(onFrame, onLost);
      },
      drop: (endpoint) => branchOf(endpoint)?.transport.drop?.(endpoint),
    },
    places: branches.flatMap(({ raw }) => raw.places),
    connectionCount: () => sumOf((raw) => raw.connectionCount()),
    queuedBytes: () => sumOf((raw) => raw.queuedBytes()),
    counters: () => ({ ...namedCounters(branches), NowhereToSend: nowhere }),
    trust: (endpoint) => branchOf(endpoint)?.trust(endpoint),
    close: async () => {
      await Promise.all(branches.map(({ raw }) => raw.close()));
    },
  };
}

function namedCounters(branches: readonly Branch[]): Record<string, number> {
  const all = branches.flatMap(({ name, raw }) =>
    Object.entries(raw.counters()).map(([code, count]) => [`${name}.${code}`, count] as const),
  );
  return Object.fromEntries(all);
}
