/** A transaction that somebody sent, read as a node of the chain reads it. */
import { readSignedBytes, unsignedBytes } from "../src/chain/transaction-bytes.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";
import { ecrecover } from "./chain/model/ecrecover.ts";

/** What the signed bytes say. Amounts are in wei. */
export type SentTransaction = {
  readonly raw: Hex;
  readonly hash: Hash;
  readonly from: Address;
  readonly nonce: number;
  /** The zero address for the creation of a contract. */
  readonly to: Address;
  readonly data: Hex;
  readonly valueWei: bigint;
  readonly chainId: number;
  readonly gasLimit: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly tipPerGasWei: bigint;
};

/** Transactions that are remembered: 256. Whoever waits for one sends it again at each look at the chain. */
const REMEMBERED_MAX = 256;

const remembered = new Map<Hex, SentTransaction | undefined>();

/** Reads signed bytes; undefined when they are no EIP-1559 transaction that somebody signed. */
export function readTransaction(raw: Hex): SentTransaction | undefined {
  if (remembered.has(raw)) return remembered.get(raw);
  const sent = readAnew(raw);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(raw, sent);
  return sent;
}

function readAnew(raw: Hex): SentTransaction | undefined {
  const read = readSignedBytes(raw);
  if (read === undefined) return undefined;
  const { maxFeePerGasWei, maxPriorityFeePerGasWei, signature, ...fields } = read;
  const { r, s, yParity } = signature;
  const from = ecrecover(hashOf(unsignedBytes(read)), { r, s, v: 27n + BigInt(yParity) });
  if (from === undefined) return undefined;
  return {
    raw,
    hash: hashOf(raw),
    from: from as Address,
    nonce: fields.nonce,
    to: fields.to ?? ZERO_ADDRESS,
    data: fields.data,
    valueWei: fields.valueWei,
    chainId: Number(fields.chainId),
    gasLimit: fields.gasLimit,
    maxFeePerGasWei,
    tipPerGasWei: maxPriorityFeePerGasWei,
  };
}

/** What a node answers about a transaction that waits. */
export function asRpcTransaction(sent: SentTransaction): Readonly<Record<string, unknown>> {
  const { chainId, data, from, gasLimit, hash, maxFeePerGasWei, nonce, tipPerGasWei, to } = sent;
  return {
    type: "0x2",
    hash,
    from,
    to: to === ZERO_ADDRESS ? null : to,
    input: data,
    nonce: quantity(nonce),
    value: quantity(sent.valueWei),
    chainId: quantity(chainId),
    gas: quantity(gasLimit),
    gasPrice: quantity(maxFeePerGasWei),
    maxFeePerGas: quantity(maxFeePerGasWei),
    maxPriorityFeePerGas: quantity(tipPerGasWei),
    blockHash: null,
    blockNumber: null,
    transactionIndex: null,
  };
}

function hashOf(bytes: Hex): Hash {
  return toHex(keccak256(fromHex(bytes))) as Hash;
}

function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}
