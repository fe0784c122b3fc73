/** Answers that a chain would give once more: it changes only by what is asked of it, and many ask for the same block. */
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";

/** What changes nothing, and says nothing of what is to come. Whatever else is asked may change everything. */
const READS: ReadonlySet<string> = new Set([
  "eth_blockNumber",
  "eth_call",
  "eth_chainId",
  "eth_estimateGas",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getCode",
  "eth_getLogs",
  "eth_getStorageAt",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
]);

/** Most answers that are kept: some hundred bytes to some thousand each. */
const KEPT_MAX = 4_096;

/** The same chain, for whoever is the only one that talks to it. Answers are fresh objects each time. */
export function rememberReads(rpc: EthereumRpc): EthereumRpc {
  const known = new Map<string, string>();
  let changes = 0;
  const forget = (): void => {
    changes += 1;
    known.clear();
  };
  const change: EthereumRpc["request"] = async (method, params) => {
    forget();
    // What was read while it changed is neither old nor new.
    return await rpc.request(method, params).finally(forget);
  };
  return {
    request: async (method, params) => {
      const key = JSON.stringify([method, params]);
      if (!READS.has(method) || key.includes('"pending"')) return await change(method, params);
      const told = known.get(key);
      if (told !== undefined) return JSON.parse(told);
      const before = changes;
      const answer = await rpc.request(method, params);
      if (changes === before && known.size < KEPT_MAX) known.set(key, JSON.stringify(answer));
      return answer;
    },
  };
}
