/** Asks a ForceMove app on a local chain what the adjudicator asks it: whether a state is supported. */
import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import { ADJUDICATOR_STRUCTS } from "../src/chain/adjudicator-structs.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import type { Address } from "../src/crypto/address.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import type { Hex } from "../src/primitives/hex.ts";
import { NodeError } from "../src/primitives/node-error.ts";
import type { RecoveredState, SupportClaim } from "../src/protocols/payment-rule.ts";

/** What an app says. A revert is a refusal with its reason. */
export type AppVerdict = {
  readonly supported: boolean;
  readonly reason: string;
  readonly reverted: boolean;
};

const ABI = parseAbi([
  "struct RecoveredVariablePart { VariablePart variablePart; uint256 signedBy; }",
  "function stateIsSupported(FixedPart fixedPart, RecoveredVariablePart[] proof, RecoveredVariablePart candidate) view returns (bool supported, string reason)",
  ...ADJUDICATOR_STRUCTS,
]);

/** Calls `stateIsSupported` of the app at `address`. */
export async function askApp(
  rpc: EthereumRpc,
  address: Address,
  { candidate, fixedPart, proof }: SupportClaim,
): Promise<AppVerdict> {
  const args = [fixed(fixedPart), proof.map(recovered), recovered(candidate)] as const;
  const data = encodeFunctionData({ abi: ABI, functionName: "stateIsSupported", args });
  try {
    const answer = (await rpc.request("eth_call", [{ to: address, data }, "latest"])) as Hex;
    const [supported, reason] = decodeFunctionResult({
      abi: ABI,
      functionName: "stateIsSupported",
      data: answer,
    });
    return { supported, reason, reverted: false };
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
    return { supported: false, reason: error.message, reverted: true };
  }
}

function fixed({ challengeDurationSec, ...fixedPart }: FixedPart): FixedPart & {
  readonly challengeDuration: number;
} {
  return { ...fixedPart, challengeDurationSec, challengeDuration: challengeDurationSec };
}

function recovered({ signedBy, variablePart }: RecoveredState): RecoveredState {
  return { signedBy, variablePart };
}
