/** How many connections of libp2p one host may have: counted before anything is computed for them. */
import type { ConnectionGater, MultiaddrConnection } from "@libp2p/interface";
import { hostOf } from "./tcp-host.ts";

/** Refuses a connection of a host that has as many as it may. */
export class HostLimit {
  readonly #perHostMax: number;
  readonly #counts = new Map<string, number>();
  #refused = 0;

  constructor(perHostMax: number) {
    this.#perHostMax = perHostMax;
  }

  /** Connections that were refused so far. */
  get refused(): number {
    return this.#refused;
  }

  /** What libp2p asks. */
  gater(): ConnectionGater {
    return { denyInboundConnection: (connection) => !this.#admits(connection) };
  }

  #admits(connection: MultiaddrConnection): boolean {
    const host = hostOfAddress(connection.remoteAddr.toString());
    const count = this.#counts.get(host) ?? 0;
    if (count >= this.#perHostMax) {
      this.#refused += 1;
      return false;
    }
    this.#counts.set(host, count + 1);
    connection.addEventListener("close", () => this.#leave(host), { once: true });
    return true;
  }

  #leave(host: string): void {
    const left = (this.#counts.get(host) ?? 0) - 1;
    if (left > 0) this.#counts.set(host, left);
    else this.#counts.delete(host);
  }
}

/** The host in an address such as `/ip4/127.0.0.1/tcp/4001`; the text itself when it names none. */
export function hostOfAddress(address: string): string {
  const host = /^\/ip[46]\/([^/]+)/.exec(address)?.[1];
  return host === undefined ? address : hostOf(host);
}
