/** Calls of ERC-20 tokens, as data. Source: ERC-20. */
import { encodeFunctionData, parseAbi } from "viem";
import type { Address } from "../crypto/address.ts";
import { isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ContractCall } from "./adjudicator.ts";

const ABI = parseAbi([
  "function approve(address spender, uint256 amount) returns (bool)",
  "function balanceOf(address owner) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
]);

/** Lets `spender` take up to `amount` of the caller's tokens: what a deposit needs beforehand. */
export function approveCall(token: Address, spender: Address, amount: bigint): ContractCall {
  const args = [spender, amount] as const;
  const data = encodeFunctionData({ abi: ABI, functionName: "approve", args });
  return { to: token, data, valueWei: 0n };
}

/** Asks what `owner` has. Read the answer with `decodeTokenAmount`. */
export function balanceOfCall(token: Address, owner: Address): ContractCall {
  const data = encodeFunctionData({ abi: ABI, functionName: "balanceOf", args: [owner] });
  return { to: token, data, valueWei: 0n };
}

/** Asks how much of `owner`'s tokens `spender` may still take. Read the answer with `decodeTokenAmount`. */
export function allowanceCall(token: Address, owner: Address, spender: Address): ContractCall {
  const args = [owner, spender] as const;
  const data = encodeFunctionData({ abi: ABI, functionName: "allowance", args });
  return { to: token, data, valueWei: 0n };
}

/**
 * Reads the answer to `balanceOfCall` or `allowanceCall`, in the token's smallest unit.
 * Throws `NodeError` with `CodeMismatch` when no token gave it.
 */
export function decodeTokenAmount(answer: unknown): bigint {
  if (isHex(answer, 32)) return BigInt(answer);
  const message = "no ERC-20 token answers at this address; check the asset and the chain";
  throw new NodeError("CodeMismatch", message, { data: { answer } });
}
