/** Pings: who is still there, how far away, and when the keys are due to change. */
import type { Address } from "../../crypto/address.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Connection } from "./connections.ts";
import { PING_MS, REKEY_PINGS, REKEY_PINGS_GRACE, SILENT_PINGS_MAX } from "./secure-limits.ts";

/** What follows from pings. */
export type KeepAliveOptions = {
  readonly clock: Clock;
  readonly ping: (connection: Connection) => void;
  readonly onSilent: (connection: Connection) => void;
  /** The keys are due to change. Called again at each ping until they have. */
  readonly onWorn: (connection: Connection) => void;
  /** The connection has held for the time of a ping. */
  readonly onSteady: (connection: Connection) => void;
};

/** One timer for each peer that is there. */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #timers = new Map<Address, CancelTimer>();

  constructor(options: KeepAliveOptions) {
    this.#options = options;
  }

  /** Pings now, and from now on. */
  start(connection: Connection): void {
    this.stop(connection.peer);
    this.#ping(connection);
  }

  stop(peer: Address): void {
    this.#timers.get(peer)?.();
    this.#timers.delete(peer);
  }

  /** A pong has come. */
  heard(connection: Connection): void {
    const elapsedMs = this.#options.clock.nowMs() - connection.pingedAtMs;
    connection.roundTripMs = Math.max(0, elapsedMs);
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Silence is counted in pings, which no clock that is set anew can shorten. */
  #tick(connection: Connection): void {
    const { onSilent, onSteady, onWorn } = this.#options;
    connection.silentPings += 1;
    connection.pings += 1;
    if (connection.silentPings >= SILENT_PINGS_MAX) {
      onSilent(connection);
      return;
    }
    onSteady(connection);
    if (isWorn(connection)) onWorn(connection);
    this.#ping(connection);
  }

  #ping(connection: Connection): void {
    const { clock, ping } = this.#options;
    const cancel = clock.after(PING_MS, () => this.#tick(connection));
    this.#timers.set(connection.peer, cancel);
    connection.pingedAtMs = clock.nowMs();
    ping(connection);
  }
}

/** Whoever began the session changes its keys; the other one only should that never happen. */
function isWorn({ current, pings }: Connection): boolean {
  const { isInitiator } = current.facts;
  return current.isWorn || pings >= REKEY_PINGS + (isInitiator ? 0 : REKEY_PINGS_GRACE);
}
