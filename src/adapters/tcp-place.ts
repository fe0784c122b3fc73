/** Places of TCP as text: `tcp://host:port`, with an IPv6 address in brackets. */
import type { Endpoint } from "../ports/transport.ts";

/** Where a socket is connected to, or listens. */
export type TcpPlace = { readonly host: string; readonly port: number };

const PORT_MAX = 65_535;

/** Longest name that DNS has. */
const HOST_LENGTH_MAX = 253;

const PLACE = /^tcp:\/\/(?:\[([0-9a-fA-F:.]+(?:%[\w.]+)?)\]|([\w.-]+)):(\d{1,5})$/;

/** Reads a place; undefined when the text is none. Names are not looked up. */
export function parseTcpPlace(text: Endpoint): TcpPlace | undefined {
  const [, six, other, digits] = PLACE.exec(text) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  if (host === undefined || host.length > HOST_LENGTH_MAX) return undefined;
  return port >= 1 && port <= PORT_MAX ? { host, port } : undefined;
}

/** Writes a place. */
export function formatTcpPlace({ host, port }: TcpPlace): Endpoint {
  return host.includes(":") ? `tcp://[${host}]:${port}` : `tcp://${host}:${port}`;
}
