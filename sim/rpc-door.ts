/** The door of simulated nodes to the chain: real answers, at virtual times. */
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import type { ActorName } from "./actors.ts";
import { CALM_RPC, rpcConditionsOf } from "./chain-conditions.ts";
import type { ChainFaults } from "./chain-faults.ts";
import { Endpoint } from "./chain-faults-rpc.ts";
import { drawBetween } from "./keyed-random.ts";
import type { Timeline } from "./timeline.ts";

/** Something to do with the real chain, while the simulated world stands still. */
type ChainTask = () => Promise<void>;

type Options = {
  readonly seed: number;
  readonly timeline: Timeline;
  /** What a node of the chain answers. */
  readonly full: EthereumRpc;
  readonly faults: ChainFaults;
  /** Virtual milliseconds since the start. */
  readonly nowMs: () => number;
};

/**
 * Keeps the simulation and the chain in lock-step. What nodes ask is queued; the world loop takes one
 * task at a time, waits for the real answer, and only then lets virtual time go on. The virtual time of
 * the answer is drawn from the seed, so wall time never reaches a node.
 */
export class RpcDoor {
  readonly #options: Options;
  readonly #tasks: ChainTask[] = [];
  readonly #asked = new Map<string, number>();
  readonly #endpoints = new Map<ActorName, readonly Endpoint[]>();

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

  /** The endpoints of one node, the one that it sends to first. Asked again, the node meets the same ones. */
  rpcsOf(node: ActorName): readonly EthereumRpc[] {
    return this.#endpointsOf(node).map((endpoint, index) => {
      // The first one has the name that it had when there was one.
      const name = index === 0 ? node : `${node}#${index}`;
      return { request: (method, params) => this.#ask(name, endpoint, method, params) };
    });
  }

  /** The first endpoint of one node. */
  rpcOf(node: ActorName): EthereumRpc {
    return assertDefined(this.rpcsOf(node)[0], "an endpoint");
  }

  /** The first endpoint of a node as it would be without faults: for what a script asks, and no node does. */
  truthOf(node: ActorName): EthereumRpc {
    const { full } = this.#options;
    const truth = { conditions: CALM_RPC, request: full.request };
    return { request: (method, params) => this.#ask(node, truth, method, params) };
  }

  #endpointsOf(node: ActorName): readonly Endpoint[] {
    const { faults, full, nowMs } = this.#options;
    const known = this.#endpoints.get(node);
    if (known !== undefined) return known;
    const endpoints = rpcConditionsOf(faults.conditions, node).map(
      (_, index) => new Endpoint({ node, index, full, faults, nowMs }),
    );
    this.#endpoints.set(node, endpoints);
    return endpoints;
  }

  #ask(
    name: string,
    endpoint: Pick<Endpoint, "conditions" | "request">,
    method: string,
    params: readonly unknown[],
  ): Promise<unknown> {
    const { seed, timeline } = this.#options;
    const key = `${name} ${method}`;
    const n = this.#asked.get(key) ?? 0;
    this.#asked.set(key, n + 1);
    const delayMs = drawBetween(endpoint.conditions.latencyMs, seed, "rpc", key, n);
    return new Promise((resolve, reject) => {
      this.add(async () => {
        try {
          const answer = await endpoint.request(method, params);
          timeline.after(delayMs, () => resolve(answer));
        } catch (error) {
          timeline.after(delayMs, () => reject(error));
        }
      });
    });
  }
}
