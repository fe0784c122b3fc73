/** What the build writes about a contract, and how to see that it is still that of the source. */
import { type Abi, keccak256, stringToHex } from "viem";
import type { Hex } from "../src/primitives/hex.ts";

/** A compiled contract. Checked in, so that nobody needs the compiler to run this program. */
export type Artifact = {
  readonly contractName: string;
  readonly abi: Abi;
  /** Code that creates the contract. */
  readonly bytecode: Hex;
  /** Code that the contract has once it exists. */
  readonly deployedBytecode: Hex;
  readonly compiler: CompilerSettings;
  /** `sourceHash` of the source and settings that were compiled. */
  readonly sourceHash: Hex;
};

/** Everything besides the source that decides the bytes. */
export type CompilerSettings = {
  readonly version: string;
  readonly optimizer: { readonly enabled: boolean; readonly runs: number };
  readonly evmVersion: string;
  /** Whether code is made by way of the compiler's middle language, as that of the adjudicator is. */
  readonly viaIR?: true;
};

/**
 * The compiler of the adjudicator, so that one compiler serves all. `london` has no instruction that any
 * chain lacks; 20,000 runs prefer cheap calls over a small contract.
 */
export const COMPILER: CompilerSettings = {
  version: "0.8.17",
  optimizer: { enabled: true, runs: 20_000 },
  evmVersion: "london",
};

/** The same, as the published adjudicator was compiled. Twenty seconds for one contract. */
export const ADJUDICATOR_COMPILER: CompilerSettings = { ...COMPILER, viaIR: true };

/** Names sources under one set of settings. An artifact with another hash is out of date. */
export function sourceHash(sources: readonly string[], compiler: CompilerSettings): Hex {
  return keccak256(stringToHex(JSON.stringify([compiler, ...sources])));
}
