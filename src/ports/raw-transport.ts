/** A transport that owns sockets: what the one who opened it needs to know of it, and to end it. */
import type { Endpoint, Transport } from "./transport.ts";

/**
 * Real wires carry frames between strangers: nothing is encrypted for us, and nobody is who they say. Every queue and
 * every buffer behind it is bounded, and what goes wrong is counted under a code, never thrown.
 */
export type RawTransport = {
  readonly transport: Transport;
  /** Where others can dial this node, as text that `transport.send` of another node takes. */
  readonly places: readonly Endpoint[];
  /** Connections that are open now, in both directions, those that have not yet completed a frame included. */
  readonly connectionCount: () => number;
  /** Bytes of frames that wait for a connection, or for the other end to take them. */
  readonly queuedBytes: () => number;
  /** How often each thing happened since the transport was opened, by code. The set of codes is fixed. */
  readonly counters: () => Readonly<Record<string, number>>;
  /**
   * Says that whoever sends from this endpoint has proven who it is: from now on its frames may be as large as any.
   * Until then a connection that was accepted is held to the limit for strangers, if there is one.
   */
  readonly trust: (endpoint: Endpoint) => void;
  /** Ends every connection and stops listening. What was queued is lost. Calling it again does nothing. */
  readonly close: () => Promise<void>;
};
