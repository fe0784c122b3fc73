/** The calls of the adjudicator within a transaction, whoever made them. */
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";

/** One call as `callTracer` tells it, with the calls that it made. */
type Frame = {
  readonly type?: unknown;
  readonly to?: unknown;
  readonly input?: unknown;
  /** Why it was undone, and all within it. */
  readonly error?: unknown;
  readonly calls?: unknown;
};

/**
 * The calldata of each call that changed something in the adjudicator, in the order in which they began, which is
 * the order of their logs: it writes them before it pays anybody. Undefined when the endpoint gives no traces, or
 * none of blocks so old. Throws `NodeError` when it cannot be reached.
 */
export async function tracedCalls(
  rpc: EthereumRpc,
  transactionHash: Hash,
  adjudicator: Address,
): Promise<readonly Hex[] | undefined> {
  try {
    const params = [transactionHash, { tracer: "callTracer" }];
    const trace = await rpc.request("debug_traceTransaction", params);
    return callsIn(trace, adjudicator);
  } catch (error) {
    if (error instanceof NodeError && error.code === "RpcRefused") return undefined;
    throw error;
  }
}

function callsIn(trace: unknown, adjudicator: Address): readonly Hex[] {
  const waiting: unknown[] = [trace];
  const found: Hex[] = [];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    const { calls, error, input, to, type }: Frame = next;
    if (error !== undefined && error !== null) continue;
    const isIt = type === "CALL" && typeof to === "string" && to.toLowerCase() === adjudicator;
    if (isIt && isHex(input)) found.push(input);
    // Depth first, and in order: the first call within is the next to look at.
    if (Array.isArray(calls)) waiting.push(...calls.toReversed());
  }
  return found;
}
