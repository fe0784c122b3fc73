/** A node from the end of its start to its own end. */
import { systemClock } from "../../adapters/system-clock.ts";
import type { Deployment } from "../../chain/deployment.ts";
import type { Profile } from "../../channel/channel-use.ts";
import type { Address } from "../../crypto/address.ts";
import type { Engine } from "../../engine/engine.ts";
import { REQUESTS_WAITING_MAX } from "../../engine/inbox.ts";
import type { NodeSnapshots } from "../../engine/reconstruction.ts";
import type { NodeEvent } from "../../events/event.ts";
import type { PeerStatus } from "../../network/secure/secure-options.ts";
import type { SecureTransport } from "../../network/secure/secure-transport.ts";
import type { CancelTimer } from "../../ports/clock.ts";
import type { EventStore } from "../../store/event-store.ts";
import type { Configuration } from "../config/configuration.ts";
import { profileOf } from "../config/configuration-checks.ts";
import type { NodeMetrics } from "../metrics/node-metrics.ts";
import type { ChainGate } from "./chain-gate.ts";
import type { Closings } from "./closings.ts";
import { goNitroPlaceOf } from "./go-nitro-way.ts";
import type { NodeEars } from "./node-ears.ts";
import type { NodeLog } from "./node-log.ts";
import { metricSources } from "./node-numbers.ts";
import type { OpenWires } from "./open-wires.ts";
import type { PeerBook } from "./peer-book.ts";
import type { Health, KnownPeer, NotReady, PeerRefusal, RunningNode } from "./running-node.ts";
import { waitUntil } from "./wait-until.ts";

/** Everything that was started. */
export type NodeParts = {
  readonly address: Address;
  readonly deployment: Deployment;
  readonly engine: Engine;
  readonly store: EventStore<NodeEvent>;
  readonly snapshots: NodeSnapshots;
  readonly secure: SecureTransport;
  readonly wires: OpenWires;
  readonly gate: ChainGate;
  readonly book: PeerBook;
  readonly ears: NodeEars;
  readonly configuration: Configuration;
  readonly log: NodeLog;
  readonly metrics: NodeMetrics;
  readonly closings: Closings;
};

/** Milliseconds between two searches for peers that are away. */
const SEARCH_MS = 15_000;

/** Peers that are looked for at once. */
const SEARCHES_MAX = 8;

/** Milliseconds that the step under way has to become durable, once nothing more is taken. */
const LAST_STEP_MS = 1_000;

/** One per process. */
export class LivingNode implements RunningNode {
  readonly address: Address;
  readonly chainId: bigint;
  readonly deployment: Deployment;
  readonly engine: Engine;
  readonly store: EventStore<NodeEvent>;
  readonly snapshots: NodeSnapshots;
  readonly #parts: NodeParts;
  #stopping: Promise<void> | undefined;
  #cancelSearch: CancelTimer | undefined;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.address = parts.address;
    this.chainId = parts.deployment.chainId;
    this.deployment = parts.deployment;
    this.engine = parts.engine;
    this.store = parts.store;
    this.snapshots = parts.snapshots;
    parts.metrics.follow(metricSources(parts, () => this.health()));
    if (parts.wires.libp2p !== undefined) this.#search();
  }

  readonly peers = (): readonly KnownPeer[] => {
    const { book, ears, secure } = this.#parts;
    const connected = new Map(secure.peers().map((status) => [status.address, status]));
    return book.entries().map((entry) => ({
      ...entry,
      connection: connectionOf(connected.get(entry.address)),
      refusals: ears.refusalsOf(entry.address),
    }));
  };

  readonly places = (): readonly string[] =>
    Object.values(this.#parts.wires).flatMap((wire) => wire.places);

  readonly addPeer = (address: Address, place: string | undefined): PeerRefusal | undefined => {
    const { book, engine, secure } = this.#parts;
    const refusal = book.add(address, place);
    if (refusal !== undefined) return refusal;
    engine.meet(address);
    secure.dial(address);
    return undefined;
  };

  readonly removePeer = (address: Address, place: string | undefined): PeerRefusal | undefined => {
    const { book, ears, engine, secure } = this.#parts;
    const removed = book.remove(address, place);
    if (!removed.ok) return removed.reason;
    if (removed.value.isGone) {
      secure.transport.drop?.(address);
      engine.forget(address);
      ears.forget(address);
    }
    return undefined;
  };

  /** By which rules ledgers with this peer are kept, where nobody says. */
  readonly profileOf = (peer: Address): Profile =>
    goNitroPlaceOf(this.#parts.book, peer) === undefined ? "enforceable" : "go-nitro";

  readonly health = (): Health => {
    const { crash } = this.#parts.ears;
    const notReady = crash === undefined ? this.#notReady() : [];
    return {
      live: crash === undefined,
      ready: crash === undefined && notReady.length === 0,
      notReady,
      crash: crash && textOf(crash.error),
    };
  };

  readonly metricsText = (): Promise<string> => this.#parts.metrics.text();

  readonly stop = (): Promise<void> => {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  };

  #notReady(): readonly NotReady[] {
    const { configuration, engine, gate } = this.#parts;
    const { away, isChecked } = gate.sight;
    const why = away ?? (isChecked ? undefined : "no endpoint has answered so far");
    const { inputs, wishes } = engine.load();
    const { isTrusted, lagSec } = engine.chainSight;
    const isStale = lagSec > profileOf(configuration).staleAfterSec;
    return [
      ...(this.#stopping === undefined ? [] : [{ code: "Stopping" } as const]),
      ...(why === undefined ? [] : [{ code: "ChainAway", why } as const]),
      ...(isTrusted && !isStale ? [] : [{ code: "ChainNotTrusted" } as const]),
      ...(inputs + wishes < REQUESTS_WAITING_MAX ? [] : [{ code: "InboxFull" } as const]),
    ];
  }

  async #stop(): Promise<void> {
    const { closings, ears, engine, log } = this.#parts;
    this.#cancelSearch?.();
    if (ears.crash === undefined) await this.#drain();
    ears.close();
    const left = this.#unsettled();
    engine.stop();
    await waitUntil(() => engine.load().inputs === 0, LAST_STEP_MS);
    await closings.closeAll();
    log.info("the node has ended", { messagesForTheNextStart: left });
  }

  /** Lets peers who are there acknowledge what was sent to them. The rest is in the log, and sent at the next start. */
  async #drain(): Promise<void> {
    const { configuration, engine } = this.#parts;
    const isDone = (): boolean => engine.load().inputs === 0 && this.#unsettled() === 0;
    await waitUntil(isDone, 1_000 * configuration.drainSec);
  }

  /** Messages to peers who are there and have not acknowledged them. */
  #unsettled(): number {
    const { engine, secure } = this.#parts;
    const present = new Set(secure.peers().map(({ address }) => address));
    const open = [...engine.view().messages.values()];
    return open.filter(({ to }) => present.has(to)).length;
  }

  /** Asks other nodes where the peers are that this one cannot reach. */
  #search(): void {
    const { libp2p } = this.#parts.wires;
    if (libp2p === undefined || this.#stopping !== undefined) return;
    const away = this.peers().filter(({ connection }) => connection === undefined);
    for (const { address } of away.slice(0, SEARCHES_MAX)) {
      void libp2p.findPlaces(address).then((places) => {
        if (places.length > 0 && this.#stopping === undefined) this.#parts.secure.dial(address);
      });
    }
    this.#cancelSearch = systemClock.after(SEARCH_MS, () => this.#search());
  }
}

function connectionOf(status: PeerStatus | undefined): KnownPeer["connection"] {
  if (status === undefined) return undefined;
  const { address: _, profiles: __, refused: ___, ...connection } = status;
  return connection;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
