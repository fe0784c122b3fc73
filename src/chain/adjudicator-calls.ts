/** The protocol's chain calls as calls of contracts, with the gas that each may use. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import { encodeOutcome } from "../channel/outcome-encoding.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import type { ChainCall } from "../protocols/effects.ts";
import {
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  decodeHoldings,
  depositCall,
  holdingsCall,
  reclaimCall,
  transferAllAssetsCall,
  transferCall,
} from "./adjudicator.ts";
import { approveCall } from "./erc20.ts";

/** Gas of a deposit: the dearest measured, an ERC-20 into an empty channel, takes 82,690. */
const DEPOSIT_GAS = 150_000n;
/** Gas of an approval: 46,212 measured. */
const APPROVE_GAS = 80_000n;
/** Gas of a conclusion without its payouts: signatures, hashing and the status word. */
const CONCLUDE_GAS = 120_000n;
/** Gas for one participant's signature and one allocation's payout, an ERC-20 to a new holder. */
const CONCLUDE_GAS_PER_ALLOCATION = 70_000n;

/** Gas of one step of a dispute: the dearest, the challenge of a ledger with 100 guarantees, takes 1.1 million. */
const DISPUTE_GAS = 2_000_000n;

/** The contract call that does what the protocol asked for. */
export function callOf(adjudicator: Address, call: ChainCall): ContractCall {
  switch (call.type) {
    case "Deposit":
      return depositCall(adjudicator, call);
    case "ApproveToken":
      return approveCall(call.asset, adjudicator, call.amount);
    case "ConcludeAndTransferAllAssets":
      return concludeAndTransferAllAssetsCall(
        adjudicator,
        call.fixedPart,
        call.variablePart,
        call.signatures,
      );
    case "Challenge":
      return challengeCall(adjudicator, call, call.challengerSignature);
    case "Checkpoint":
      return checkpointCall(adjudicator, call);
    case "Conclude":
      return concludeCall(adjudicator, call.fixedPart, call.variablePart, call.signatures);
    case "TransferAllAssets":
      return transferAllAssetsCall(adjudicator, call);
    case "Transfer":
      return transferCall(adjudicator, { ...call, outcomeBytes: encodedOutcome(call.outcome) });
    case "Reclaim":
      return reclaimCall(adjudicator, {
        ...call,
        sourceChannelId: call.channelId,
        sourceOutcomeBytes: encodedOutcome(call.sourceOutcome),
        targetOutcomeBytes: encodedOutcome(call.targetOutcome),
      });
  }
}

const encodedOutcome = (outcome: Outcome): Hex => toHex(encodeOutcome(outcome));

/** The most gas that the call may use. What it does not use is not paid. */
export function gasLimitOf(call: ChainCall): bigint {
  switch (call.type) {
    case "Deposit":
      return DEPOSIT_GAS;
    case "ApproveToken":
      return APPROVE_GAS;
    case "ConcludeAndTransferAllAssets": {
      const allocations = call.variablePart.outcome.flatMap((exit) => exit.allocations).length;
      return CONCLUDE_GAS + CONCLUDE_GAS_PER_ALLOCATION * BigInt(allocations);
    }
    case "Challenge":
    case "Checkpoint":
    case "Conclude":
    case "TransferAllAssets":
    case "Transfer":
    case "Reclaim":
      return DISPUTE_GAS;
  }
}

/** What the adjudicator holds: now, in the newest block, or at the end of another one. */
export async function holdingsAt(
  rpc: EthereumRpc,
  adjudicator: Address,
  asset: Address,
  channelId: ChannelId,
  at: Hex | "latest" = "latest",
): Promise<bigint> {
  const { data, to } = holdingsCall(adjudicator, asset, channelId);
  return decodeHoldings((await rpc.request("eth_call", [{ to, data }, at])) as Hex);
}
