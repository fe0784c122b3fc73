/** What a full node of the simulated chain answers: the real chain's answers, with the pool of this world. */
import type { Address } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { blocksIn, numberOfTag, quantity, withBlocks } from "./block-parameters.ts";
import type { ChainConditions } from "./chain-conditions.ts";
import type { Mempool } from "./mempool.ts";
import { asRpcTransaction } from "./sent-transaction.ts";

type Options = {
  readonly rpc: EthereumRpc;
  readonly pool: Mempool;
  readonly conditions: ChainConditions;
  /** Takes signed bytes into the pool. */
  readonly accept: (raw: Hex) => Promise<Hash>;
};

/** A node that knows everything at once, and says what it knows. */
export function fullNode(options: Options): EthereumRpc {
  const { accept, pool, rpc } = options;
  return {
    request: async (method, params) => {
      const [first, second] = params;
      if (method === "eth_sendRawTransaction") return accept(first as Hex);
      if (method === "eth_getTransactionByHash") {
        const waiting = pool.byHash(first as Hash);
        if (waiting !== undefined) return asRpcTransaction(waiting);
      }
      if (method === "eth_getTransactionCount" && second === "pending") {
        const latest = await rpc.request(method, [first, "latest"]);
        return quantity(pool.pendingNonce(lowered(first), Number(latest)));
      }
      if (!isTagged(method, params)) return rpc.request(method, params);
      return rpc.request(method, await withoutTags(options, method, params));
    },
  };
}

function isTagged(method: string, params: readonly unknown[]): boolean {
  return blocksIn(method, params).some((one) => one === "safe" || one === "finalized");
}

/** Local chains have conventions of their own for two of the tags. */
async function withoutTags(
  { conditions, rpc }: Options,
  method: string,
  params: readonly unknown[],
): Promise<readonly unknown[]> {
  const head = Number(await rpc.request("eth_blockNumber", []));
  return withBlocks(method, params, (block) => numberOfTag(conditions, block, head));
}

function lowered(address: unknown): Address {
  return String(address).toLowerCase() as Address;
}
