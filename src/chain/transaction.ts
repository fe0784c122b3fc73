/** Ethereum transactions: what is to be called, and the signed bytes that ask for it. Source: EIP-1559. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash, Signature } from "../crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import type { ContractCall } from "./adjudicator.ts";
import { signedBytes, type TransactionSignature, unsignedBytes } from "./transaction-bytes.ts";

/** Everything that a signature of a transaction covers. */
export type Transaction = ContractCall & {
  readonly chainId: bigint;
  /** Number of transactions that the sender made before. */
  readonly nonce: number;
  readonly gasLimit: bigint;
  /** Most that the sender pays for one unit of gas, tip included. */
  readonly maxFeePerGasWei: bigint;
  /** Most of it that goes to the block's maker. */
  readonly maxPriorityFeePerGasWei: bigint;
};

/** A transaction that `eth_sendRawTransaction` takes. */
export type SignedTransaction = {
  readonly raw: Hex;
  /** Its name on chain: keccak-256 of `raw`. */
  readonly hash: Hash;
};

/** Signs a transaction. The same transaction and key give the same bytes, so sending it twice is harmless. */
export function signTransaction(
  transaction: Transaction,
  signDigest: (digest: Hash) => Signature,
): SignedTransaction {
  const digest = hashOf(unsignedBytes(transaction));
  const raw = signedBytes(transaction, split(signDigest(digest)));
  return { raw, hash: hashOf(raw) };
}

function split(signature: Signature): TransactionSignature {
  const digits = signature.slice(2);
  return {
    r: `0x${digits.slice(0, 64)}`,
    s: `0x${digits.slice(64, 128)}`,
    yParity: digits.slice(128) === "1b" ? 0 : 1,
  };
}

function hashOf(bytes: Hex): Hash {
  return toHex(keccak256(fromHex(bytes))) as Hash;
}
