/** Puts the peers that run go-nitro onto a real wire: one stream of libp2p for each line. */
import { type Address, parseAddress } from "../../crypto/address.ts";
import { type Result, reject } from "../../primitives/result.ts";
import { type GoNitroBook, type GoNitroOptions, GoNitroPeers } from "./go-nitro-peers.ts";
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
export type OpenGoNitroOptions = Omit<GoNitroOptions, "book" | "lines"> & {
  readonly streams: LineStreams;
  readonly book: Omit<GoNitroBook, "isGoNitro">;
  /**
   * Where a peer that runs go-nitro is: `go-nitro:` and a peer id, or a multiaddr that ends in one. Undefined for any
   * other peer.
   */
  readonly placeOf: (peer: Address) => string | undefined;
};

/**
 * Opens the peers that have such a place. Whoever builds the engine gives it the joined transport
 * (`GoNitroPeers.join`), gives `view` once the engine runs, and closes this when the engine stops.
 */
export async function openGoNitroPeers(options: OpenGoNitroOptions): Promise<GoNitroPeers> {
  const { book, placeOf, streams, ...rest } = options;
  let onLine: Parameters<GoNitroLines["listen"]>[0] | undefined;
  const lines: GoNitroLines = {
    send: (to, line) => {
      const place = placeOf(to);
      if (place?.startsWith(GO_NITRO_SCHEME) !== true) {
        return Promise.resolve(reject({ code: "NotAPeer" }));
      }
      const bytes = new TextEncoder().encode(line);
      return streams.sendLine(place.slice(GO_NITRO_SCHEME.length), GO_NITRO_PROTOCOL, bytes);
    },
    listen: (listener) => {
      onLine = listener;
    },
  };
  const isGoNitro = (peer: Address): boolean => placeOf(peer) !== undefined;
  const peers = new GoNitroPeers({ ...rest, lines, book: { ...book, isGoNitro } });
  await streams.handle(GO_NITRO_PROTOCOL, ({ address }, line) => {
    // A peer id of another kind of key is nobody's in a channel.
    const from = parseAddress(address);
    if (from.ok) onLine?.(from.value, line);
  });
  return peers;
}
