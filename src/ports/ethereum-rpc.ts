/** The door to an Ethereum chain: JSON-RPC calls. */

/**
 * Sends one JSON-RPC call and returns its `result`.
 *
 * Throws `NodeError` with `RpcUnreachable` when no answer came, `ChainDied` when a local chain ended,
 * `RpcRefused` when the answer is an error (its `code`, `message` and `data` are in `NodeError.data`).
 */
export type EthereumRpc = {
  readonly request: (method: string, params: readonly unknown[]) => Promise<unknown>;
};
