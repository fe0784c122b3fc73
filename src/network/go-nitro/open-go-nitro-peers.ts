/** Puts the peers that run go-nitro onto a real wire: one stream of libp2p for each line. */
import { parseAddress } from "../../crypto/address.ts";
import { type Result, reject } from "../../primitives/result.ts";
import { type GoNitroOptions, GoNitroPeers } from "./go-nitro-peers.ts";
import { GO_NITRO_SCHEME, type GoNitroLines } from "./lines.ts";

/** The protocol by which go-nitro's nodes send each other lines. Source: go-nitro, p2p-message-service. */
export const GO_NITRO_PROTOCOL = "/nitro/msg/1.0.0";

/** What libp2p does for this: the adapter in `adapters/libp2p-lines.ts` has this form. */
export type LineStreams = {
  /** Takes the lines of a protocol. `address` is that of the key by which the peer has proven its peer id. */
  readonly handle: (
    protocol: string,
    onLine: (from: { readonly address: string | undefined }, line: Uint8Array) => void,
  ) => Promise<void>;
  /** Sends a line to a peer id, or to a multiaddr that ends in one. Never rejects. */
  readonly sendLine: (
    to: string,
    protocol: string,
    line: Uint8Array,
  ) => Promise<Result<undefined, { readonly code: string }>>;
};

/** Everything but the lines, which are made here. */
export type OpenGoNitroOptions = Omit<GoNitroOptions, "lines"> & { readonly streams: LineStreams };

/**
 * Opens the peers whose endpoint in the address book begins with `go-nitro:`. Whoever builds the engine joins its
 * transport (`GoNitroPeers.join`), gives `view` once the engine runs, and closes this when the engine stops.
 */
export async function openGoNitroPeers(options: OpenGoNitroOptions): Promise<GoNitroPeers> {
  const { streams, ...rest } = options;
  let onLine: Parameters<GoNitroLines["listen"]>[0] | undefined;
  const lines: GoNitroLines = {
    send: (endpoint, line) => {
      if (!endpoint.startsWith(GO_NITRO_SCHEME)) {
        return Promise.resolve(reject({ code: "NotAPeer" }));
      }
      const place = endpoint.slice(GO_NITRO_SCHEME.length);
      return streams.sendLine(place, GO_NITRO_PROTOCOL, new TextEncoder().encode(line));
    },
    listen: (listener) => {
      onLine = listener;
    },
  };
  const peers = new GoNitroPeers({ ...rest, lines });
  await streams.handle(GO_NITRO_PROTOCOL, ({ address }, line) => {
    // A peer id of another kind of key is nobody's in a channel.
    const from = parseAddress(address);
    if (from.ok) onLine?.(from.value, line);
  });
  return peers;
}
