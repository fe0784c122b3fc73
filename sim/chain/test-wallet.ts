/** Sends transactions of one account on a local chain, for tests. */
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import type { RpcLog } from "../../src/chain/adjudicator-logs.ts";
import { signTransaction, type Transaction } from "../../src/chain/transaction.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { BASE_FEE_WEI, LOCAL_CHAIN_ID } from "./local-chain.ts";
import type { TestAccount } from "./test-account.ts";

/** The parts of a receipt that every chain gives. */
export type TestReceipt = {
  readonly status: Hex;
  readonly gasUsed: Hex;
  readonly cumulativeGasUsed: Hex;
  readonly effectiveGasPrice: Hex;
  readonly blockNumber: Hex;
  readonly transactionIndex: Hex;
  readonly transactionHash: Hash;
  readonly contractAddress: Hex | null;
  readonly from: Hex;
  readonly to: Hex | null;
  readonly type: Hex;
  readonly logs: readonly RpcLog[];
};

/** Gas of a test's transaction: enough for any call of the contracts. */
const GAS_LIMIT = 1_000_000n;

/** Signs a call of one account. `nonce` counts that account's transactions, from 0. */
export function signCall(
  account: TestAccount,
  nonce: number,
  call: ContractCall,
  changes: Partial<Transaction> = {},
): { readonly raw: Hex; readonly hash: Hash } {
  const transaction: Transaction = {
    ...call,
    chainId: BigInt(LOCAL_CHAIN_ID),
    nonce,
    gasLimit: GAS_LIMIT,
    maxFeePerGasWei: 2n * BASE_FEE_WEI,
    maxPriorityFeePerGasWei: BASE_FEE_WEI,
    ...changes,
  };
  return signTransaction(transaction, account.signDigest);
}

/** Sends a call, with the account's next nonce. */
export async function sendCall(
  rpc: EthereumRpc,
  account: TestAccount,
  call: ContractCall,
): Promise<Hash> {
  const count = await rpc.request("eth_getTransactionCount", [account.address, "pending"]);
  const { hash, raw } = signCall(account, Number(count), call);
  await rpc.request("eth_sendRawTransaction", [raw]);
  return hash;
}

/** The receipt of a transaction that is in a block, without what differs between chains. */
export async function receiptOf(rpc: EthereumRpc, hash: Hash): Promise<TestReceipt> {
  const receipt = (await rpc.request("eth_getTransactionReceipt", [hash])) as TestReceipt;
  return {
    status: receipt.status,
    gasUsed: receipt.gasUsed,
    cumulativeGasUsed: receipt.cumulativeGasUsed,
    effectiveGasPrice: receipt.effectiveGasPrice,
    blockNumber: receipt.blockNumber,
    transactionIndex: receipt.transactionIndex,
    transactionHash: receipt.transactionHash,
    contractAddress: receipt.contractAddress,
    from: receipt.from,
    to: receipt.to,
    type: receipt.type,
    logs: receipt.logs,
  };
}
