/** Connections of libp2p that others have opened and use for nothing: they are closed after a while. */
import type { Connection } from "@libp2p/interface";
import type { Libp2p } from "libp2p";
import type { CancelTimer, Clock } from "../ports/clock.ts";

/** 10 s between two looks. */
const LOOK_MS = 10_000;

/** Looks in a row that find a connection idle before it is closed: half a minute. Who needs it again dials again. */
const IDLE_LOOKS = 3;

/** Looks after connections until it is closed. One that ever brought a frame or a line stays as long as it likes. */
export class IdleConnections {
  readonly #libp2p: Libp2p;
  readonly #clock: Clock;
  readonly #used = new WeakSet<Connection>();
  readonly #idleLooks = new WeakMap<Connection, number>();
  #cancel: CancelTimer;
  #closed = 0;

  constructor(libp2p: Libp2p, clock: Clock) {
    this.#libp2p = libp2p;
    this.#clock = clock;
    this.#cancel = this.#lookLater();
  }

  /** Connections that were closed so far. */
  get closed(): number {
    return this.#closed;
  }

  /** Says that a connection is there for something. */
  use(connection: Connection): void {
    this.#used.add(connection);
  }

  close(): void {
    this.#cancel();
  }

  #lookLater(): CancelTimer {
    return this.#clock.after(LOOK_MS, () => {
      for (const connection of this.#libp2p.getConnections()) this.#lookAt(connection);
      this.#cancel = this.#lookLater();
    });
  }

  #lookAt(connection: Connection): void {
    if (connection.direction !== "inbound" || this.#used.has(connection)) return;
    const looks = connection.streams.length > 0 ? 0 : (this.#idleLooks.get(connection) ?? 0) + 1;
    this.#idleLooks.set(connection, looks);
    if (looks < IDLE_LOOKS) return;
    this.#closed += 1;
    connection.abort(new Error("this connection was used for nothing"));
  }
}
