/** A node in a process of its own: `channels node start`, its client, and ways to end it that nobody likes. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ActorName, keyOf } from "../../sim/actors.ts";
import { addressOf } from "../../sim/simulated-chain.ts";
import type { Address } from "../../src/crypto/address.ts";
import { makeToken } from "../../src/node/api/access-token.ts";
import { NodeCallError } from "../../src/node/client/node-call-error.ts";
import {
  type ClientMethods,
  connectNode,
  type NodeClient,
} from "../../src/node/client/node-client.ts";
import { assert } from "../../src/primitives/assert.ts";

/** Longest time for which a node may be away, in milliseconds, before whoever asks gives up. */
const PATIENCE_MS = 60_000;

const ENTRY: string = join(import.meta.dir, "..", "..", "bin", "channels.ts");

/** What a daemon says once it is reachable. */
type Ready = { readonly places: readonly string[]; readonly api: string };

/** How a daemon is started. */
export type DaemonOptions = {
  readonly name: ActorName;
  /** A folder of its own. */
  readonly home: string;
  readonly chainUrl: string;
  /** By which wire it listens. */
  readonly wire: "tcp" | "libp2p";
  readonly peers: () => readonly {
    readonly address: Address;
    readonly places: readonly string[];
  }[];
};

/** One node over all lives of its process. */
export class Daemon {
  readonly name: ActorName;
  readonly address: Address;
  readonly #options: DaemonOptions;
  #process: Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  #ready: Ready | undefined;
  #ports: { tcp: number; api: number } | undefined;
  #said = "";

  constructor(options: DaemonOptions) {
    this.name = options.name;
    this.address = addressOf(options.name);
    this.#options = options;
    mkdirSync(options.home, { recursive: true });
  }

  get wasStarted(): boolean {
    return this.#ready !== undefined;
  }

  get place(): string {
    return this.#running().places[0] ?? "";
  }

  get url(): string {
    return this.#running().api;
  }

  get processId(): number {
    assert(this.#process !== undefined, "the process runs");
    return this.#process.pid;
  }

  /** What it has written to standard error, over all lives. */
  get said(): string {
    return this.#said;
  }

  /** A client that may do everything. */
  client(): NodeClient {
    const text = readFileSync(join(this.#options.home, "data", "tokens"), "utf8").trim();
    const expiresAtSec = Math.floor(Date.now() / 1_000) + 86_400;
    const how = { scopes: ["manage"], expiresAtSec, name: "tests" } as const;
    return connectNode({ url: this.url, token: makeToken(Buffer.from(text, "hex"), how) });
  }

  /**
   * Calls a method until the node is there to answer. What acts needs an idempotency key: an answer that is lost is
   * asked for again.
   */
  async insist<Name extends keyof ClientMethods>(
    method: Name,
    params: ClientMethods[Name]["params"],
  ): Promise<ClientMethods[Name]["result"]> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.client().call(method, params);
      } catch (error) {
        const isAway = error instanceof NodeCallError && error.code === "Unreachable";
        if (!isAway || performance.now() > deadlineMs) throw error;
        await Bun.sleep(20);
      }
    }
  }

  /** Starts it, at the ports that it had before, and waits until it is reachable. */
  async start(): Promise<void> {
    const { chainUrl, home, name, peers, wire } = this.#options;
    const listen = { tcp: "off", libp2p: "off", [wire]: `127.0.0.1:${this.#ports?.tcp ?? 0}` };
    const settings = {
      dataDirectory: join(home, "data"),
      chain: { rpc: [chainUrl], id: 31_337, pollMs: 50 },
      listen,
      peers: peers(),
      openToStrangers: true,
      policy: { depositMax: `${10n ** 20n}` },
      api: { listen: `127.0.0.1:${this.#ports?.api ?? 0}` },
    };
    const path = join(home, "node.json");
    writeFileSync(path, JSON.stringify(settings));
    const started = Bun.spawn(
      [process.execPath, "--no-install", ENTRY, "node", "start", "--config", path, "--json"],
      {
        cwd: home,
        env: { ...process.env, CHANNELS_KEY: keyOf(name) },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    this.#process = started;
    void this.#listen(started.stderr);
    this.#ready = await firstJson<Ready>(started.stdout).catch((cause: unknown) => {
      throw new Error(`${name} did not start: ${this.#said.slice(-2_000)}`, { cause });
    });
    this.#ports = { tcp: portOf(this.place), api: portOf(this.url) };
  }

  /** Ends the process as a power cut would, as far as a process can tell. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.exited;
  }

  /** Asks it to end, and gives the exit code. */
  async stop(): Promise<number> {
    this.#process?.kill("SIGTERM");
    return (await this.#process?.exited) ?? 0;
  }

  /** Bytes of memory that the process has now. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.processId}/status`, "utf8");
    return 1_024 * Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  }

  #running(): Ready {
    assert(this.#ready !== undefined, "the node was started");
    return this.#ready;
  }

  async #listen(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.#said += decoder.decode(bytes, { stream: true });
  }
}

function portOf(place: string): number {
  const port = /:(\d+)$/.exec(place) ?? /\/tcp\/(\d+)/.exec(place);
  assert(port !== null, "a place names a port");
  return Number(port[1]);
}

/** The one JSON document that a stream begins with; it stays open behind it. */
async function firstJson<Value>(stream: ReadableStream<Uint8Array>): Promise<Value> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    if (text.endsWith("\n")) return JSON.parse(text) as Value;
  }
  throw new Error("the stream ended before the document did");
}
