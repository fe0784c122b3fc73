/** How much gas a transaction may use. */
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ContractCall } from "./adjudicator.ts";
import { quantity } from "./block-header.ts";
import { reasonOfFault } from "./revert-reason.ts";

/** The most gas that a transaction may have on the main chain: 2^24. Source: EIP-7825. */
export const GAS_LIMIT_MAX: bigint = 2n ** 24n;

/** A quarter above the estimate: what others do in between may make a call dearer. */
const MARGIN_PARTS = 4n;

/** What an estimate came to. */
export type GasEstimate =
  | { readonly type: "Gas"; readonly gas: bigint }
  /** In the newest block the contract refuses the call. */
  | { readonly type: "Refused"; readonly reason: string }
  /** The endpoint cannot tell. */
  | { readonly type: "Unknown" };

/** Asks what a call takes in the newest block, with a margin. Throws `NodeError` when nobody answers. */
export async function estimateGas(
  rpc: EthereumRpc,
  from: Address,
  { data, to, valueWei }: ContractCall,
): Promise<GasEstimate> {
  try {
    const answer = await rpc.request("eth_estimateGas", [
      { from, to, data, value: quantity(valueWei) },
    ]);
    const gas = BigInt(String(answer));
    const withMargin = gas + gas / MARGIN_PARTS;
    return { type: "Gas", gas: withMargin < GAS_LIMIT_MAX ? withMargin : GAS_LIMIT_MAX };
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
    const reason = reasonOfFault(error);
    return reason === undefined ? { type: "Unknown" } : { type: "Refused", reason };
  }
}
