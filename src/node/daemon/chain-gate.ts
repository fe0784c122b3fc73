/**
 * The way to a chain's endpoints, shut until each has shown that it is on the right chain, and that the contracts
 * there have the code that this program was built for.
 */
import { checkDeployment, type Deployment } from "../../chain/deployment.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EthereumRpc } from "../../ports/ethereum-rpc.ts";
import { NodeError } from "../../primitives/node-error.ts";

/** What the gate is for. */
export type ChainGateOptions = {
  readonly rpcs: readonly EthereumRpc[];
  readonly deployment: Deployment;
  readonly clock: Clock;
  /** An endpoint that answered is of another chain, or has foreign code: this node must end. */
  readonly onMismatch: (error: NodeError) => void;
  /** A call ended: its method, how, and after how many milliseconds. */
  readonly onCall?: (method: string, outcome: CallOutcome, tookMs: number) => void;
};

/** How a call ended. */
export type CallOutcome = "answered" | "refused" | "unreachable";

/** What is known of the chain from the calls that were made. */
export type ChainSight = {
  /** True once an endpoint was found to be the right one. */
  readonly isChecked: boolean;
  /** Why the last call to every endpoint came to nothing; undefined while one of them answers. */
  readonly away: string | undefined;
  /** When the newest block was made that any endpoint named, in seconds since 1970; undefined before the first. */
  readonly newestBlockSec: number | undefined;
};

/** Errors that no waiting mends. */
const MISMATCHES: readonly string[] = ["WrongChain", "CodeMismatch"];

/** One per node and life. */
export class ChainGate {
  /** The same endpoints in the same order, each behind its check. */
  readonly rpcs: readonly EthereumRpc[];
  readonly #options: ChainGateOptions;
  readonly #checked = new Set<number>();
  readonly #checks = new Map<number, Promise<void>>();
  readonly #away = new Map<number, string>();
  #newestBlockSec: number | undefined;

  constructor(options: ChainGateOptions) {
    this.#options = options;
    this.rpcs = options.rpcs.map((rpc, number) => ({
      request: async (method, params) => {
        await this.#check(number, rpc);
        const answer = await this.#call(number, rpc, method, params);
        if (method === "eth_getBlockByNumber" && params[0] === "latest") this.#noteBlock(answer);
        return answer;
      },
    }));
  }

  /**
   * Checks all endpoints. Resolves with what keeps every one of them from being used, or undefined when one can
   * be. Throws `NodeError` with `WrongChain` or `CodeMismatch` when one must not be.
   */
  async open(): Promise<NodeError | undefined> {
    const checks = this.#options.rpcs.map((rpc, number) => this.#check(number, rpc));
    const ends = await Promise.allSettled(checks);
    const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    const mismatch = failures.find(isMismatch);
    if (mismatch !== undefined) throw mismatch;
    const [first] = failures;
    if (first !== undefined && !(first instanceof NodeError)) throw first;
    return failures.length < ends.length ? undefined : first;
  }

  /** What is known by now. */
  get sight(): ChainSight {
    const isAway = this.#away.size === this.#options.rpcs.length;
    return {
      isChecked: this.#checked.size > 0,
      away: isAway ? this.#away.get(0) : undefined,
      newestBlockSec: this.#newestBlockSec,
    };
  }

  async #check(number: number, rpc: EthereumRpc): Promise<void> {
    if (this.#checked.has(number)) return;
    const running = this.#checks.get(number) ?? this.#checkNow(number, rpc);
    this.#checks.set(number, running);
    try {
      await running;
    } finally {
      this.#checks.delete(number);
    }
  }

  async #checkNow(number: number, rpc: EthereumRpc): Promise<void> {
    const { deployment, onMismatch } = this.#options;
    const counted: EthereumRpc = {
      request: (method, params) => this.#call(number, rpc, method, params),
    };
    try {
      await checkChain(counted, deployment.chainId);
      await checkDeployment(counted, deployment);
      this.#checked.add(number);
    } catch (error) {
      if (isMismatch(error)) onMismatch(error);
      throw error;
    }
  }

  async #call(
    number: number,
    rpc: EthereumRpc,
    method: string,
    params: readonly unknown[],
  ): Promise<unknown> {
    const { clock, onCall } = this.#options;
    const startedMs = clock.nowMs();
    const told = (outcome: CallOutcome): void =>
      onCall?.(method, outcome, Math.max(0, clock.nowMs() - startedMs));
    try {
      const answer = await rpc.request(method, params);
      this.#away.delete(number);
      told("answered");
      return answer;
    } catch (error) {
      const isAnswer = error instanceof NodeError && error.code === "RpcRefused";
      if (isAnswer) this.#away.delete(number);
      else this.#away.set(number, error instanceof Error ? error.message : String(error));
      told(isAnswer ? "refused" : "unreachable");
      throw error;
    }
  }

  #noteBlock(answer: unknown): void {
    const madeSec = Number((answer as { readonly timestamp?: unknown } | null)?.timestamp);
    if (!Number.isSafeInteger(madeSec)) return;
    this.#newestBlockSec = Math.max(this.#newestBlockSec ?? 0, madeSec);
  }
}

async function checkChain(rpc: EthereumRpc, wanted: bigint): Promise<void> {
  const answer = await rpc.request("eth_chainId", []);
  const isId = typeof answer === "string" && /^0x[0-9a-f]{1,16}$/i.test(answer);
  if (isId && BigInt(answer) === wanted) return;
  const found = isId ? `chain ${BigInt(answer)}` : "no chain that it can name";
  const message = `the Ethereum endpoint is of ${found}, and chain.id says ${wanted}; correct one of them`;
  throw new NodeError("WrongChain", message, { data: { wanted: String(wanted), answer } });
}

function isMismatch(error: unknown): error is NodeError {
  return error instanceof NodeError && MISMATCHES.includes(error.code);
}
