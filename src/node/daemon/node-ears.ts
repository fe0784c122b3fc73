/** Hears what the parts of a node tell while they work: counts it, writes it down, and acts on a little of it. */
import type { Address } from "../../crypto/address.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EngineFault } from "../../engine/engine-options.ts";
import type { GoNitroFault } from "../../network/go-nitro/go-nitro-peers.ts";
import type { PeerChange, SecureFault } from "../../network/secure/secure-options.ts";
import type { SecureTransport } from "../../network/secure/secure-transport.ts";
import { misbehaviourOf } from "../../network/secure/session-faults.ts";
import { TokenBucket } from "../../network/secure/token-bucket.ts";
import type { SessionFault } from "../../network/session.ts";
import { unreachable } from "../../primitives/assert.ts";
import type { NodeMetrics } from "../metrics/node-metrics.ts";
import type { NodeLog } from "./node-log.ts";
import type { PeerBook } from "./peer-book.ts";

type Options = {
  readonly book: PeerBook;
  readonly log: NodeLog;
  readonly metrics: NodeMetrics;
  readonly onCrash: (error: unknown) => void;
};

/** What the engine hears of a peer. */
type PeerNews = { readonly type: "Meet" | "Forget"; readonly peer: Address };

/** Lines about peers that come and go: a hundred at once, then two in a second; a peer may do so without end. */
const LINES_RATE = { perSecond: 2, burst: 100 } as const;

/** One per node and life. */
export class NodeEars {
  readonly #options: Options;
  readonly #refusals = new Map<Address, number>();
  /** For the engine, of peers that came and went while it started. */
  #early: PeerNews[] = [];
  readonly #lines = new TokenBucket(LINES_RATE, Date.now());
  #engine: Engine | undefined;
  #secure: SecureTransport | undefined;
  #crash: { readonly error: unknown } | undefined;
  #isDeaf = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Why the node has ended by itself; undefined while it has not. */
  get crash(): { readonly error: unknown } | undefined {
    return this.#crash;
  }

  /** From now on peers that come and go are told to the engine. */
  listenFor(engine: Engine, secure: SecureTransport): void {
    this.#engine = engine;
    this.#secure = secure;
    for (const news of this.#early) this.#tellEngine(news);
    this.#early = [];
  }

  /** The node is ended by its owner: what breaks from now on is no news. */
  close(): void {
    this.#isDeaf = true;
  }

  /** What of a peer's was refused since the start. */
  refusalsOf(peer: Address): number {
    return this.#refusals.get(peer) ?? 0;
  }

  /** Nothing is counted any more of somebody who has left the address book. */
  forget(peer: Address): void {
    this.#refusals.delete(peer);
  }

  crashed(error: unknown): void {
    if (this.#isDeaf || this.#crash !== undefined) return;
    this.#crash = { error };
    this.#options.log.error("the node has to end", { error });
    this.#options.onCrash(error);
  }

  engineFault(fault: EngineFault): void {
    const { log, metrics } = this.#options;
    switch (fault.type) {
      case "Peer":
        metrics.refused("session", fault.fault.code);
        this.#judge(fault.fault);
        break;
      case "Refusal":
        metrics.refused("engine", fault.code);
        this.#count(fault.from);
        log.debug("a message was refused", { peer: fault.from, code: fault.code });
        break;
      case "Chain":
        metrics.failed("chain", fault.error.code);
        log.warn("the chain, or its endpoint, has a fault", {
          code: fault.error.code,
          error: fault.error.message,
        });
        break;
      case "Snapshot":
        metrics.failed("snapshot", fault.problem.type);
        log.warn("a snapshot is missing: the next start takes longer", { why: fault.problem.type });
        break;
      case "Crash":
        this.crashed(fault.error);
        break;
      default:
        unreachable(fault);
    }
  }

  secureFault({ code, detail, peer }: SecureFault): void {
    const { log, metrics } = this.#options;
    metrics.refused("secure", code);
    if (peer !== undefined && code !== "PeerAway") this.#count(peer);
    log.debug("a frame or a handshake was dropped", { code, peer, detail });
  }

  goNitroFault({ code, peer }: GoNitroFault): void {
    const { log, metrics } = this.#options;
    metrics.refused("go-nitro", code);
    this.#count(peer);
    log.debug("a line of a node of go-nitro was dropped, or lost", { code, peer });
  }

  peerChanged(change: PeerChange): void {
    const { book, log } = this.#options;
    const { peer, type } = change;
    const tell = this.#lines.take(1, Date.now()) ? log.info : log.debug;
    if (type === "Connected") {
      const isNew = book.arrived(peer);
      tell("a peer is there", { peer, place: change.place, isNew });
      this.#tellEngine({ type: "Meet", peer });
    } else {
      tell("a peer is gone", { peer, reason: change.reason });
      if (book.left(peer)) this.#tellEngine({ type: "Forget", peer });
    }
  }

  #tellEngine(news: PeerNews): void {
    const { peer, type } = news;
    if (this.#engine === undefined) this.#early.push(news);
    else if (type === "Meet") this.#engine.meet(peer);
    else {
      this.#engine.forget(peer);
      this.#refusals.delete(peer);
    }
  }

  #judge(fault: SessionFault): void {
    if ("peer" in fault) this.#count(fault.peer);
    const breach = misbehaviourOf(fault);
    if (breach !== undefined) this.#secure?.punish(breach.peer, breach.code);
  }

  #count(peer: Address): void {
    if (!this.#options.book.isKnown(peer)) return;
    this.#refusals.set(peer, this.refusalsOf(peer) + 1);
  }
}
