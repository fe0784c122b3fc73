/** Reads the calls of a contract. The names of its functions are hashed once, where viem would at each call. */
import {
  type Abi,
  type DecodeFunctionDataReturnType,
  decodeAbiParameters,
  toFunctionSelector,
} from "viem";
import type { Hex } from "../primitives/hex.ts";

/** Digits of the four bytes that name a function, with `0x`. Source: Solidity ABI specification. */
const SELECTOR_END = 10;

/**
 * Calls that each reader remembers: 16, of some 10 kB as a rule. A call is read for each log that it wrote, and by each
 * node of a process.
 */
const CALLS_MAX = 16;

/**
 * Makes a reader for the functions of an ABI. It gives what viem's `decodeFunctionData` gives, and undefined for calls
 * of other functions and for data that the contract could not read either.
 */
export function createCallReader<const Calls extends Abi>(
  abi: Calls,
): (data: Hex) => DecodeFunctionDataReturnType<Calls> | undefined {
  const functions = new Map(
    abi.flatMap((item) =>
      item.type === "function" ? [[toFunctionSelector(item) as string, item] as const] : [],
    ),
  );
  const read = (data: Hex): DecodeFunctionDataReturnType<Calls> | undefined => {
    const called = functions.get(data.slice(0, SELECTOR_END));
    if (called === undefined) return undefined;
    try {
      const args = decodeAbiParameters(called.inputs, `0x${data.slice(SELECTOR_END)}`);
      // One function of that ABI with its arguments: what viem's own reader builds.
      return { functionName: called.name, args } as DecodeFunctionDataReturnType<Calls>;
    } catch {
      // viem has no other way to say that it cannot be read.
      return undefined;
    }
  };
  const calls = new Map<Hex, DecodeFunctionDataReturnType<Calls> | undefined>();
  return (data) => {
    if (calls.has(data)) return calls.get(data);
    const call = read(data);
    if (calls.size >= CALLS_MAX) calls.clear();
    calls.set(data, call);
    return call;
  };
}
