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
 * Milliseconds until the next try after so many failures in a row: doubled each time, and between half of
 * that and all of it by chance, so that many nodes do not come back at once. At least one look.
 */
export function backOffMs(pollMs: number, failures: number, random: Random): number {
  if (failures === 0) return pollMs;
  const [drawn = 0] = random.bytes(1);
  const longestMs = pollMs * 2 ** Math.min(failures, DOUBLINGS_MAX);
  return Math.max(pollMs, Math.round((longestMs * (256 + drawn)) / 512));
}
