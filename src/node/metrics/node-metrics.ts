/** What a node counts and measures, for Prometheus. Labels come from short lists, and nothing in them is secret. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What is read when somebody asks. All of it is cheap, and none of it throws. */
export type MetricSources = {
  /** Numbers without labels, by the name of their gauge. */
  readonly numbers: () => Readonly<Record<GaugeName, number>>;
  /** Open objectives by what they wait for. */
  readonly waits: () => ReadonlyMap<string, number>;
  /** What each wire counts, by wire and code, since the start. */
  readonly wires: () => readonly WireNumbers[];
};

/** One wire. */
export type WireNumbers = {
  readonly wire: string;
  readonly connections: number;
  readonly queuedBytes: number;
  readonly counters: Readonly<Record<string, number>>;
};

/** Gauges without labels: name and help. */
const GAUGES = {
  channels_log_events: "Events in the log.",
  channels_channels: "Channels that the node remembers, finished ones included.",
  channels_objectives_open: "Objectives that are not over.",
  channels_inbox_inputs: "Inputs that wait for the engine, and the one that it works on.",
  channels_waiting_wishes: "Requests of users that wait until a peer has answered.",
  channels_session_unsettled_messages: "Messages of peers that were delivered and not yet judged.",
  channels_session_early_bytes: "Bytes of peers' frames that wait for earlier ones.",
  channels_outbox_messages: "Messages that their peers have not acknowledged.",
  channels_outbox_transactions: "Transactions that are not settled.",
  channels_chain_lag_seconds:
    "Seconds since the newest block was made that an endpoint named; -1 before the first.",
  channels_chain_reachable: "1 while an endpoint of the chain answers, else 0.",
  channels_peers_known: "Peers in the address book.",
  channels_peers_connected: "Peers with a session.",
  channels_peer_bytes_in: "Bytes that came from peers which are connected now.",
  channels_peer_bytes_out: "Bytes that went to peers which are connected now.",
  channels_peer_messages_in: "Frames that came from peers which are connected now.",
  channels_peer_messages_out: "Frames that went to peers which are connected now.",
  channels_handshakes_open: "Handshakes that are not over.",
  channels_live: "1 while the engine runs, else 0.",
  channels_ready: "1 while the node takes work, else 0.",
} as const;

/** The gauges without labels. */
export type GaugeName = keyof typeof GAUGES;

/** Seconds of an append: from a fast disk's sync to one that hangs. */
const APPEND_BUCKETS_SEC = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** Seconds of a call to the chain. */
const CALL_BUCKETS_SEC = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

/** Different texts that one label takes; what comes later counts as `other`. Our own codes are fewer than that. */
const LABEL_VALUES_MAX = 200;

/** One per process. */
export class NodeMetrics {
  readonly #registry = new Registry();
  readonly #labels = new Map<string, Set<string>>();
  readonly #appendSec: Histogram;
  readonly #events: Counter;
  readonly #refusals: Counter;
  readonly #faults: Counter;
  readonly #chainCallSec: Histogram;
  readonly #requests: Counter;
  #sources: MetricSources | undefined;

  constructor() {
    const registers = [this.#registry];
    this.#appendSec = new Histogram({
      name: "channels_append_seconds",
      help: "Time until a batch of events is durable.",
      buckets: APPEND_BUCKETS_SEC,
      registers,
    });
    this.#events = new Counter({
      name: "channels_events_total",
      help: "Events that were appended since the start, by type.",
      labelNames: ["type"],
      registers,
    });
    this.#refusals = new Counter({
      name: "channels_refusals_total",
      help: "What of peers was refused or dropped, by layer and code.",
      labelNames: ["layer", "code"],
      registers,
    });
    this.#faults = new Counter({
      name: "channels_faults_total",
      help: "What failed outside or had to be put off, by kind and code.",
      labelNames: ["kind", "code"],
      registers,
    });
    this.#chainCallSec = new Histogram({
      name: "channels_chain_call_seconds",
      help: "Calls to endpoints of the chain, by method and outcome.",
      labelNames: ["method", "outcome"],
      buckets: CALL_BUCKETS_SEC,
      registers,
    });
    this.#requests = new Counter({
      name: "channels_requests_total",
      help: "Answers of the API, by method and by the name of the error; `ok` where there is none.",
      labelNames: ["method", "code"],
      registers,
    });
    collectDefaultMetrics({ register: this.#registry });
    this.#addGauges();
    this.#addTables();
  }

  /** What the gauges show from now on; before, they show nothing. */
  follow(sources: MetricSources): void {
    this.#sources = sources;
  }

  /** A batch of events became durable after so many seconds. */
  appended(tookSec: number): void {
    this.#appendSec.observe(tookSec);
  }

  /** An event was appended. */
  event(type: string): void {
    this.#events.inc({ type: this.#bounded("type", type) });
  }

  /** Something of a peer was refused, by the engine, the session, the secure transport or a handshake. */
  refused(layer: string, code: string): void {
    this.#refusals.inc({ layer, code: this.#bounded("refusal", code) });
  }

  /** Something failed. */
  failed(kind: string, code: string): void {
    this.#faults.inc({ kind, code: this.#bounded("fault", code) });
  }

  /** A call to the chain ended. */
  chainCall(method: string, outcome: string, tookSec: number): void {
    this.#chainCallSec.observe({ method: this.#bounded("call", method), outcome }, tookSec);
  }

  /** The API answered a request. Methods that do not exist count as one: callers invent them. */
  answered(method: string, error: string | undefined): void {
    const code = this.#bounded("error", error ?? "ok");
    this.#requests.inc({ method: this.#bounded("method", method), code });
  }

  /** Everything, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #addGauges(): void {
    const names = Object.keys(GAUGES) as GaugeName[];
    const gauges = names.map(
      (name) => new Gauge({ name, help: GAUGES[name], registers: [this.#registry] }),
    );
    // One look for all of them: the first to be asked sets the others.
    const [first] = gauges;
    if (first === undefined) return;
    Object.assign(first, {
      collect: () => {
        const numbers = this.#sources?.numbers();
        for (const [index, name] of names.entries()) {
          if (numbers !== undefined) gauges[index]?.set(numbers[name]);
        }
      },
    });
  }

  #addTables(): void {
    const registers = [this.#registry];
    const sources = (): MetricSources | undefined => this.#sources;
    new Gauge({
      name: "channels_objectives_waiting",
      help: "Open objectives, by what they wait for.",
      labelNames: ["waiting_for"],
      registers,
      collect() {
        this.reset();
        for (const [wait, count] of sources()?.waits() ?? [])
          this.set({ waiting_for: wait }, count);
      },
    });
    new Gauge({
      name: "channels_wire_connections",
      help: "Connections that are open, by wire.",
      labelNames: ["wire"],
      registers,
      collect() {
        for (const { connections, wire } of sources()?.wires() ?? [])
          this.set({ wire }, connections);
      },
    });
    new Gauge({
      name: "channels_wire_queued_bytes",
      help: "Bytes that wait to be written, by wire.",
      labelNames: ["wire"],
      registers,
      collect() {
        for (const { queuedBytes, wire } of sources()?.wires() ?? [])
          this.set({ wire }, queuedBytes);
      },
    });
    new Gauge({
      name: "channels_wire_happenings",
      help: "What happened on a wire since the start, by wire and code.",
      labelNames: ["wire", "code"],
      registers,
      collect() {
        for (const { counters, wire } of sources()?.wires() ?? []) {
          for (const [code, count] of Object.entries(counters)) this.set({ wire, code }, count);
        }
      },
    });
  }

  #bounded(label: string, value: string): string {
    const seen = this.#labels.get(label) ?? new Set<string>();
    this.#labels.set(label, seen);
    if (seen.has(value)) return value;
    if (seen.size >= LABEL_VALUES_MAX || !/^[A-Za-z_][\w./-]{0,63}$/.test(value)) return "other";
    seen.add(value);
    return value;
  }
}
