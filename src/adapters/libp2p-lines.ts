/** One message as one stream of libp2p: a line of text and its end, as go-nitro's peers speak. */
import type { Hex } from "../primitives/hex.ts";
import type { Result } from "../primitives/result.ts";

/** The protocol by which go-nitro's nodes send each other JSON. Source: go-nitro, p2p-message-service. */
export const GO_NITRO_PROTOCOL = "/nitro/msg/1.0.0";

/** Who sent a line, as the connection itself has proven. */
export type LinePeer = {
  /** The peer id as text. */
  readonly peerId: string;
  /** The address of the public key in the peer id, in lower case; undefined when it is no secp256k1 key. */
  readonly address: Hex | undefined;
};

/**
 * Why a line was not sent. Nothing is known about its arrival when it was: the other end answers by a line of its own.
 *
 * - `NotAPeer`: the text is neither a peer id nor a multiaddr that ends in one. The caller's fault.
 * - `PeerUnreachable`: no address of the peer is known, or none answered. Try again later.
 * - `ProtocolUnknown`: the peer answered, and does not speak this protocol.
 * - `LineTooLong`: the line is above the limit, or holds the byte that ends lines. The caller's fault.
 * - `LineTimedOut`: the stream was opened, and not taken to its end in time. It may or may not have arrived.
 * - `StreamBroken`: the stream ended while the line was written. It may or may not have arrived.
 * - `TooManyStreams`: so many lines are under way to this peer that none may be added. Try again later.
 * - `Closed`: this node has ended.
 */
export type LineFault = {
  readonly code:
    | "NotAPeer"
    | "PeerUnreachable"
    | "ProtocolUnknown"
    | "LineTooLong"
    | "LineTimedOut"
    | "StreamBroken"
    | "TooManyStreams"
    | "Closed";
};

/** Lines to and from peers of libp2p. */
export type Libp2pLines = {
  /**
   * Takes the lines of a protocol, without the byte that ends them. At most one listener for each protocol. A stream
   * without a whole line of permitted length in time is reset and counted.
   */
  readonly handle: (
    protocol: string,
    onLine: (from: LinePeer, line: Uint8Array) => void,
  ) => Promise<void>;
  /**
   * Opens a stream to a peer, writes the line and the byte that ends it, and closes. `to` is a peer id whose addresses
   * are known, or a multiaddr that ends in `/p2p/<peer id>`. Never rejects.
   */
  readonly sendLine: (
    to: string,
    protocol: string,
    line: Uint8Array,
  ) => Promise<Result<undefined, LineFault>>;
};
