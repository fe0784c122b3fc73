/** The door of simulated nodes to the chain: real answers, at virtual times. */
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import { drawBetween } from "./keyed-random.ts";
import type { Timeline } from "./timeline.ts";

/** Something to do with the real chain, while the simulated world stands still. */
type ChainTask = () => Promise<void>;

/** Virtual milliseconds that an RPC answer takes, fewest and most. A node in the same data centre. */
const RPC_LATENCY_MS: readonly [number, number] = [1, 10];

type Options = {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly rpc: EthereumRpc;
};

/**
 * Keeps the simulation and the chain in lock-step. What nodes ask is queued; the world loop takes one
 * task at a time, waits for the real answer, and only then lets virtual time go on. The virtual time of
 * the answer is drawn from the seed, so wall time never reaches a node.
 */
export class RpcDoor {
  readonly #options: Options;
  readonly #tasks: ChainTask[] = [];
  #asked = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Adds a task of the world itself, such as mining a block. */
  add(task: ChainTask): void {
    this.#tasks.push(task);
  }

  /** Does the oldest task. False when there is none. */
  async serveOne(): Promise<boolean> {
    const task = this.#tasks.shift();
    if (task === undefined) return false;
    await task();
    return true;
  }

  /** The RPC of one node. */
  rpcOf(node: string): EthereumRpc {
    return { request: (method, params) => this.#ask(node, method, params) };
  }

  #ask(node: string, method: string, params: readonly unknown[]): Promise<unknown> {
    const { rpc, seed, timeline } = this.#options;
    const key = `${node} ${method}`;
    const n = this.#asked.get(key) ?? 0;
    this.#asked.set(key, n + 1);
    const delayMs = drawBetween(RPC_LATENCY_MS, seed, "rpc", key, n);
    return new Promise((resolve, reject) => {
      this.add(async () => {
        try {
          const answer = await rpc.request(method, params);
          timeline.after(delayMs, () => resolve(answer));
        } catch (error) {
          timeline.after(delayMs, () => reject(error));
        }
      });
    });
  }
}
