/** How long a node waits for an endpoint, and how long it leaves one alone that failed. */

import type { Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Random } from "../ports/random.ts";
import { mark } from "../primitives/mark.ts";
import { NodeError } from "../primitives/node-error.ts";

/** Milliseconds until a call without an answer has failed: 10,000, five times what a slow public endpoint takes. */
export const RPC_TIMEOUT_MS = 10_000;

/** Times that the pause doubles: after three failures it is eight looks long, and stays so. */
const DOUBLINGS_MAX = 3;

/** An endpoint whose calls end in time: with an answer, or with `RpcUnreachable`. */
export function withTimeout(rpc: EthereumRpc, clock: Clock, timeoutMs: number): EthereumRpc {
  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        const cancel = clock.after(timeoutMs, () => {
          const message = `no answer to ${method} came in ${timeoutMs} ms`;
          mark("chain/answer-too-late");
          reject(new NodeError("RpcUnreachable", message, { data: { method } }));
        });
        rpc.request(method, params).then(resolve, reject).finally(cancel);
      }),
  };
}

/**
 * Times that a read is asked in all: 3. A look at the chain that catches up asks thirty times and more, and begins
 * anew when one of them fails. Of an endpoint that fails once in six times, hardly any look would come to its end,
 * and each later one has more to ask.
 */
const READS_MAX = 3;

/** What changes nothing, and has the same answer however often it is asked. */
const READS: ReadonlySet<string> = new Set([
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getLogs",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
]);

/** An endpoint whose reads are asked again at once when they fail. What it answers to the last one counts. */
export function withMoreTries(rpc: EthereumRpc): EthereumRpc {
  return {
    request: async (method, params) => {
      const triesMax = READS.has(method) ? READS_MAX : 1;
      for (let tries = 1; tries < triesMax; tries += 1) {
        try {
          return await rpc.request(method, params);
        } catch (error) {
          if (!(error instanceof NodeError)) throw error;
        }
      }
      return await rpc.request(method, params);
    },
  };
}

/**
 * Milliseconds until the next try after so many failures in a row: doubled each time, and between half of
 * that and all of it by chance, so that many nodes do not come back at once. At least one look.
 */
export function backOffMs(pollMs: number, failures: number, random: Random): number {
  if (failures === 0) return pollMs;
  const [drawn = 0] = random.bytes(1);
  const longestMs = pollMs * 2 ** Math.min(failures, DOUBLINGS_MAX);
  return Math.max(pollMs, Math.round((longestMs * (256 + drawn)) / 512));
}
