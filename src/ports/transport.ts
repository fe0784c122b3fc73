/** The door to other nodes: frames of bytes, with no promise about their delivery. */

/** Where a node can be reached, as the adapter writes it: a name on the virtual wire, a host and port. */
export type Endpoint = string;

/**
 * Carries frames. A frame arrives whole or not at all; it may be lost, repeated, late or out of order,
 * since `network/session` restores order and repeats what was lost. `from` is the endpoint that the
 * adapter itself saw, never something that the frame claims.
 */
export type Transport = {
  readonly send: (to: Endpoint, frame: Uint8Array) => void;
  /**
   * Registers the one listener of this node. `onLost` hears when the connection with an endpoint is gone, and
   * what was under way with it; `onFound` when an endpoint can be reached that could not be before. Wires
   * that know nothing of connections call neither.
   */
  readonly listen: (
    onFrame: (from: Endpoint, frame: Uint8Array) => void,
    onLost?: (endpoint: Endpoint) => void,
    onFound?: (endpoint: Endpoint) => void,
  ) => void;
  /** Ends the connection with an endpoint, if there is one. Absent where there are no connections. */
  readonly drop?: (endpoint: Endpoint) => void;
};
