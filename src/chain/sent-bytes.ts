/** Signed bytes on their way to an endpoint, which may have them already. */
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { OpenTransaction } from "./open-transaction.ts";

/** Signed bytes, and what the chain calls them. */
export type SignedBytes = Pick<OpenTransaction, "hash" | "raw">;

/** Refusals that tell of another transaction under the same nonce, in the words of the usual nodes. */
const IN_THE_WAY = /nonce (is )?too low|underpriced/i;

/** Gives signed bytes to an endpoint. Throws `NodeError` when it does not take them, nor has anything under their number. */
export async function sendRaw(rpc: EthereumRpc, open: SignedBytes): Promise<void> {
  try {
    await rpc.request("eth_sendRawTransaction", [open.raw]);
  } catch (error) {
    // After a restart, or an answer that was lost, the chain may have it already, and refuses the copy.
    if (await isKnown(rpc, open)) return;
    // Or one of the same nonce is mined: the receipts, or their absence, will tell. Or one waits that offers as
    // much, which a lost log may have sent: it is mined, or this one is raised above it.
    if (error instanceof NodeError && IN_THE_WAY.test(error.message)) return;
    throw error;
  }
}

async function isKnown(rpc: EthereumRpc, { hash }: SignedBytes): Promise<boolean> {
  const known = await rpc.request("eth_getTransactionByHash", [hash]);
  return known !== null && known !== undefined;
}
