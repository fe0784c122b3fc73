/** The wire to nodes of go-nitro as this room sees it: lines of text, each on a stream of its own. */
import type { Address } from "../../crypto/address.ts";
import type { Result } from "../../primitives/result.ts";

/** How places of peers that run go-nitro begin in an address book; a peer id or a multiaddr follows. */
export const GO_NITRO_SCHEME = "go-nitro:";

/** Lines to and from nodes of go-nitro. Every one may be lost, doubled, late or out of order. */
export type GoNitroLines = {
  /**
   * Sends a line, without the byte that ends it. The result says no more than that the wire took it; a failure is
   * a value, and the line is said again.
   */
  readonly send: (
    to: Address,
    line: string,
  ) => Promise<Result<undefined, { readonly code: string }>>;
  /** Registers the one listener. `from` is whose key the connection has proven, never what the line claims. */
  readonly listen: (onLine: (from: Address, line: Uint8Array) => void) => void;
};
