/** One endpoint of one node: a full node's answers, spoilt as the conditions say. */
import { refusal } from "../src/adapters/ethereum-answer.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import { counted } from "../src/primitives/counted.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import type { ActorName } from "./actors.ts";
import { blocksIn, numberOfTag, quantity, withBlocks } from "./block-parameters.ts";
import { CALM_RPC, isInTime, type RpcConditions } from "./chain-conditions.ts";
import type { ChainFaults } from "./chain-faults.ts";
import { hashesInParams, hashesOfLiar } from "./chain-faults-lies.ts";
import { type LogAnswer, spoiltLogs } from "./chain-faults-logs.ts";
import { drawFraction } from "./keyed-random.ts";

type Options = {
  readonly node: ActorName;
  /** Its place among the node's endpoints. */
  readonly index: number;
  readonly full: EthereumRpc;
  readonly faults: ChainFaults;
  /** Virtual milliseconds since the start. */
  readonly nowMs: () => number;
};

/** Faults that an endpoint made up: no world outside has failed. */
const injected = new WeakSet<NodeError>();

/** True for a fault of a simulated endpoint, or one that it led to. */
export function isInjected(error: unknown): boolean {
  if (!(error instanceof NodeError)) return false;
  return injected.has(error) || isTimeout(error) || isInjected(error.cause);
}

/** A call that a node gave up after so long. No virtual time goes by while a real chain answers: it was the plan. */
function isTimeout({ code, data }: NodeError): boolean {
  return code === "RpcUnreachable" && typeof data?.["method"] === "string";
}

/** Remembers how often it was asked, and where it froze. */
export class Endpoint implements EthereumRpc {
  readonly #options: Options;
  readonly #name: string;
  readonly #asked = new Map<string, number>();
  readonly #frozenAt = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
    this.#name = options.index === 0 ? "the endpoint" : `endpoint ${options.index + 1}`;
  }

  /** How it behaves now. */
  get conditions(): RpcConditions {
    const { faults, index, node } = this.#options;
    return faults.rpcNow(node, index);
  }

  async request(method: string, params: readonly unknown[]): Promise<unknown> {
    const { conditions } = this;
    const n = this.#asked.get(method) ?? 0;
    this.#asked.set(method, n + 1);
    const [, latencyMaxMs] = conditions.latencyMs;
    if (latencyMaxMs > CALM_RPC.latencyMs[1]) {
      this.#tellOnce(`slow ${latencyMaxMs}`, `${this.#name} takes up to ${latencyMaxMs} ms`);
    }
    this.#failIfOut(conditions);
    if (this.#happens(conditions.errorFraction, `error ${method}`, n)) {
      this.#tell(`${this.#name} answers ${method} by an error`);
      throw made(refusal(method, { code: -32_603, message: "internal error" }));
    }
    if (method === "eth_sendRawTransaction") return this.#send(conditions, params, n);
    const answer = await this.#answer(conditions, method, params);
    if (method !== "eth_getLogs") return answer;
    return this.#spoil(conditions, answer as LogAnswer, n);
  }

  #failIfOut({ outages }: RpcConditions): void {
    const { nowMs } = this.#options;
    const outage = outages.find((span) => isInTime(span, nowMs()));
    if (outage === undefined) return;
    const what = `${this.#name} is out of reach for ${outage.forSec} s`;
    this.#tellOnce(`${outage.fromSec} ${what}`, what);
    throw unreachable();
  }

  async #send(conditions: RpcConditions, params: readonly unknown[], n: number): Promise<unknown> {
    const answer = await this.#options.full.request("eth_sendRawTransaction", params);
    if (!this.#happens(conditions.lostAnswerFraction, "lost answer", n)) return answer;
    this.#tell("a transaction arrives, and its answer is lost");
    throw unreachable();
  }

  /** What it says of the chain as it sees it: up to its own newest block, and with its own hashes. */
  async #answer(
    conditions: RpcConditions,
    method: string,
    params: readonly unknown[],
  ): Promise<unknown> {
    if (conditions.lies !== "Hashes") return this.#seen(conditions, method, params);
    this.#tellOnce("lies", `${this.#name} lies about hashes`);
    const { faults, full, index, node } = this.#options;
    const liar = { seed: faults.seed, key: `${node} ${index}` };
    const asked = await hashesInParams(liar, full, params);
    return hashesOfLiar(liar, await this.#seen(conditions, method, asked));
  }

  async #seen(
    conditions: RpcConditions,
    method: string,
    params: readonly unknown[],
  ): Promise<unknown> {
    const { faults, full } = this.#options;
    const mayLag = conditions.staleBlocks > 0 || conditions.frozen.length > 0;
    const head = mayLag ? await this.#head(conditions) : undefined;
    // Its pool holds what it has not seen in a block yet, so this count is right.
    const isOfPool = method === "eth_getTransactionCount" && params[1] === "pending";
    if (head === undefined || isOfPool) return full.request(method, params);
    if (method === "eth_blockNumber") return quantity(head);
    const asked = withBlocks(method, params, (block) =>
      numberOfTag(faults.conditions, block, head),
    );
    const isAhead = blocksIn(method, asked).some((block) => Number(block) > head);
    if (isAhead && method === "eth_getBlockByNumber") return null;
    if (isAhead && method !== "eth_getLogs") {
      throw refusal(method, { code: -32_000, message: "header not found" });
    }
    return upTo(head, method, await full.request(method, clipped(method, asked, head)));
  }

  /** Its newest block; undefined when it sees all of them. */
  async #head({ frozen, staleBlocks }: RpcConditions): Promise<number | undefined> {
    const { full, nowMs } = this.#options;
    const span = frozen.find((one) => isInTime(one, nowMs()));
    if (span === undefined && staleBlocks === 0) return undefined;
    const newest = Number(await full.request("eth_blockNumber", []));
    if (staleBlocks > 0) {
      this.#tellOnce(
        `stale ${staleBlocks}`,
        `${this.#name} is ${counted(staleBlocks, "block")} behind`,
      );
    }
    const stale = Math.max(0, newest - staleBlocks);
    if (span === undefined) return stale;
    const key = `frozen ${span.fromSec} ${span.forSec}`;
    const at = this.#frozenAt.get(key) ?? stale;
    this.#frozenAt.set(key, at);
    this.#tellOnce(key, `${this.#name} sees no new block for ${span.forSec} s`);
    return Math.min(at, newest);
  }

  async #spoil(conditions: RpcConditions, logs: LogAnswer, n: number): Promise<LogAnswer> {
    const { faults, full, index, node } = this.#options;
    if (logs.length === 0) return logs;
    const head = async () => Number(await full.request("eth_blockNumber", []));
    const draws = { seed: faults.seed, key: `${node} ${index}`, n };
    const { answer, what } = await spoiltLogs(conditions, logs, draws, head);
    for (const one of what) this.#tell(`${this.#name} ${one}`);
    return answer;
  }

  #happens(fraction: number, component: string, n: number): boolean {
    const { faults, index, node } = this.#options;
    return fraction > 0 && drawFraction(faults.seed, component, `${node} ${index}`, n) < fraction;
  }

  #tell(what: string): void {
    this.#options.faults.tell(this.#options.node, what);
  }

  #tellOnce(key: string, what: string): void {
    const { faults, index, node } = this.#options;
    faults.tellOnce(`${node} ${index} ${key}`, node, what);
  }
}

function unreachable(): NodeError {
  return made(new NodeError("RpcUnreachable", "the simulated endpoint does not answer"));
}

function made(error: NodeError): NodeError {
  injected.add(error);
  return error;
}

/** Logs are asked for up to a block that need not exist yet. */
function clipped(method: string, params: readonly unknown[], head: number): readonly unknown[] {
  if (method !== "eth_getLogs") return params;
  return withBlocks(method, params, (block) => quantity(Math.min(Number(block), head)));
}

/** What it has not seen yet, it does not tell, however it is asked. */
function upTo(head: number, method: string, answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.filter((one) => !isAbove(head, one));
  if (!isAbove(head, answer)) return answer;
  if (method !== "eth_getTransactionByHash") return null;
  return { ...(answer as object), blockHash: null, blockNumber: null, transactionIndex: null };
}

function isAbove(head: number, answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null) return false;
  const { blockNumber, hash, number } = answer as Readonly<Record<string, unknown>>;
  const block = blockNumber ?? (hash === undefined ? undefined : number);
  return typeof block === "string" && Number(block) > head;
}
