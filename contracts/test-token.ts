/** The token of tests and demonstrations. */
import { encodeFunctionData, parseAbi } from "viem";
import type { ContractCall } from "../src/chain/adjudicator.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Artifact } from "./artifact.ts";
import artifact from "./artifacts/TestToken.json" with { type: "json" };

/** The compiled token. */
export const TEST_TOKEN: Artifact = artifact as Artifact;

const ABI = parseAbi(["function mint(address to, uint256 amount) returns (bool)"]);

/** Gives `to` new tokens. Anyone may. */
export function mintCall(token: Address, to: Address, amount: bigint): ContractCall {
  const data = encodeFunctionData({ abi: ABI, functionName: "mint", args: [to, amount] });
  return { to: token, data, valueWei: 0n };
}
