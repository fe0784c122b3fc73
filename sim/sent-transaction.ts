/** A transaction that somebody sent, read as a node of the chain reads it. */
import { createRequire } from "node:module";
import { parseTransaction, recoverTransactionAddress, serializeTransaction } from "viem";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { addressOfPublicKey } from "../src/crypto/canonical-signature.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";

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

/** Reads signed bytes; undefined when they are no EIP-1559 transaction that somebody signed. */
export async function readTransaction(raw: Hex): Promise<SentTransaction | undefined> {
  try {
    const read = parseTransaction(raw as `0x02${string}`);
    if (read.type !== "eip1559" || read.r === undefined || read.s === undefined) return undefined;
    const { chainId, gas = 0n, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = read;
    const { data = "0x", nonce = 0, r, s, to, value = 0n, yParity = 0, ...others } = read;
    const digest = { ...others, data, nonce, to: to ?? null, value } as const;
    return {
      raw,
      hash: hashOf(raw),
      from: await signerOf(raw, serializeTransaction({ ...digest, type: "eip1559" }), {
        r,
        s,
        yParity,
      }),
      nonce,
      to: (to ?? ZERO_ADDRESS).toLowerCase() as Address,
      data,
      valueWei: value,
      chainId,
      gasLimit: gas,
      maxFeePerGasWei: maxFeePerGas,
      tipPerGasWei: maxPriorityFeePerGas,
    };
  } catch {
    // Bytes of no form, or a signature that nobody can have made.
    return undefined;
  }
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

type Signed = { readonly r: Hex; readonly s: Hex; readonly yParity: number };

type Recover = (
  rs: Uint8Array,
  recovery: number,
  digest: Uint8Array,
  compressed: boolean,
) => Uint8Array;

const recover = loadNative();

async function signerOf(raw: Hex, unsigned: Hex, { r, s, yParity }: Signed): Promise<Address> {
  if (recover === undefined) {
    const serializedTransaction = raw as `0x02${string}`;
    return (await recoverTransactionAddress({ serializedTransaction })).toLowerCase() as Address;
  }
  const rs = concatBytes(fromHex(padded(r)), fromHex(padded(s)));
  return addressOfPublicKey(recover(rs, yParity, keccak256(fromHex(unsigned)), false));
}

/** Native code is seven times as fast, and every transaction of every run comes through here. */
function loadNative(): Recover | undefined {
  try {
    const native = createRequire(import.meta.url)("secp256k1/bindings.js");
    return (native as { readonly ecdsaRecover: Recover }).ecdsaRecover;
  } catch {
    return undefined;
  }
}

function padded(word: Hex): Hex {
  return `0x${word.slice(2).padStart(64, "0")}`;
}

function hashOf(bytes: Hex): Hash {
  return toHex(keccak256(fromHex(bytes))) as Hash;
}

function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}
