/** Asks an adjudicator on a local chain what it asks itself before a challenge: whether a claim is supported. */
import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { Claim, SignedVariablePart } from "../src/chain/adjudicator.ts";
import { ADJUDICATOR_STRUCTS } from "../src/chain/adjudicator-structs.ts";
import type { Address } from "../src/crypto/address.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import type { AppVerdict } from "./force-move-app.ts";

const ABI = parseAbi([
  "function stateIsSupported(FixedPart fixedPart, SignedVariablePart[] proof, SignedVariablePart candidate) view returns (bool supported, string reason)",
  ...ADJUDICATOR_STRUCTS,
]);

/** Calls `stateIsSupported` of the adjudicator, which recovers the signers and asks the channel's app. */
export async function askAdjudicator(
  rpc: EthereumRpc,
  adjudicator: Address,
  { candidate, fixedPart, proof }: Claim,
): Promise<AppVerdict> {
  const functionName = "stateIsSupported";
  const fixed = { ...fixedPart, challengeDuration: fixedPart.challengeDurationSec };
  const args = [fixed, proof.map(split), split(candidate)] as const;
  const data = encodeFunctionData({ abi: ABI, functionName, args });
  try {
    const answer = (await rpc.request("eth_call", [{ to: adjudicator, data }, "latest"])) as Hex;
    const [supported, reason] = decodeFunctionResult({ abi: ABI, functionName, data: answer });
    return { supported, reason, reverted: false };
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
    return { supported: false, reason: error.message, reverted: true };
  }
}

function split({ signatures, variablePart }: SignedVariablePart) {
  const sigs = signatures.map((signature) => ({
    r: signature.slice(0, 66) as Hex,
    s: `0x${signature.slice(66, 130)}` as const,
    v: Number.parseInt(signature.slice(130), 16),
  }));
  return { variablePart, sigs };
}
