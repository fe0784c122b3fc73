/**
 * Tries steps on a chain as it is now, without a transaction: each trial is one `eth_call` in which the code of
 * the probe stands where the token's holder is, and other words and codes stand where the trial wants them.
 */
import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import { TOKEN_PROBE } from "../../contracts/token-probe.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { assertDefined } from "../primitives/assert.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ContractCall } from "./adjudicator.ts";

/** A chain at one block, which all trials look at. */
export type ProbedChain = {
  readonly rpc: EthereumRpc;
  /** Number of the block. */
  readonly block: Hex;
};

/** What stands at an account for the length of a call, instead of what the chain has there. */
export type AccountOverride = {
  readonly code?: Hex;
  /** Words of storage by their slots; all others stay. */
  readonly stateDiff?: Readonly<Record<Hex, Hex>>;
};

/** Overrides by account. */
export type Overrides = Readonly<Record<Address, AccountOverride>>;

/** What came of one step. */
export type StepOutcome = {
  /** False when it was reverted. */
  readonly succeeded: boolean;
  /** What was returned, or the reason of the revert, as bytes. */
  readonly data: Hex;
  /** How often the step called the holder. */
  readonly callsBack: number;
};

const ABI = parseAbi([
  "struct Step { address to; bytes data; }",
  "struct Outcome { bool succeeded; bytes data; uint256 callsBack; }",
  "function run(Step[] steps) returns (Outcome[] outcomes)",
]);

/**
 * Takes the steps one after the other, as the holder. A step that fails does not keep the next from being
 * taken. Throws `NodeError` with `RpcRefused` when the endpoint knows no state overrides.
 */
export async function probe<Name extends string>(
  chain: ProbedChain,
  holder: Address,
  overrides: Overrides,
  steps: Readonly<Record<Name, ContractCall>>,
): Promise<Readonly<Record<Name, StepOutcome>>> {
  const named = Object.entries<ContractCall>(steps);
  const calls = named.map(([, call]) => ({ to: call.to, data: call.data }));
  const data = encodeFunctionData({ abi: ABI, functionName: "run", args: [calls] });
  const world = withAccount(overrides, holder, { code: TOKEN_PROBE.deployedBytecode });
  const answer = await chain.rpc.request("eth_call", [{ to: holder, data }, chain.block, world]);
  const outcomes = outcomesOf(answer);
  const results = named.map(([name], index) => {
    const outcome = assertDefined(outcomes[index], "the outcome of each step");
    return [name, { ...outcome, callsBack: Number(outcome.callsBack) }] as const;
  });
  return Object.fromEntries(results) as Record<Name, StepOutcome>;
}

/** Where overrides are not known there is no probe, and whatever is there does not answer like one. */
function outcomesOf(answer: unknown) {
  const hex = isHex(answer) ? answer : "0x";
  try {
    return decodeFunctionResult({ abi: ABI, functionName: "run", data: hex });
  } catch (cause) {
    const message =
      "the endpoint does not know state overrides of eth_call, without which a token cannot be tried; use another one, or a fork";
    throw new NodeError("RpcRefused", message, { cause });
  }
}

/** Overrides with one account's added; words are added to those that are there. */
export function withAccount(
  overrides: Overrides,
  account: Address,
  { code, stateDiff }: AccountOverride,
): Overrides {
  const there = overrides[account] ?? {};
  const words = stateDiff === undefined ? {} : { stateDiff: { ...there.stateDiff, ...stateDiff } };
  return {
    ...overrides,
    [account]: { ...there, ...(code === undefined ? {} : { code }), ...words },
  };
}

/**
 * Asks one contract a question, from outside. Undefined when the contract reverts, and when it returns no word:
 * that is no answer either.
 */
export async function askWord(
  { block, rpc }: ProbedChain,
  { data, to }: ContractCall,
  overrides: Overrides = {},
): Promise<bigint | undefined> {
  try {
    const answer = await rpc.request("eth_call", [{ to, data }, block, overrides]);
    return isHex(answer, 32) ? BigInt(answer) : undefined;
  } catch (error) {
    if (error instanceof NodeError && error.code === "RpcRefused") return undefined;
    throw error;
  }
}
