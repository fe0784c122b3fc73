/** The protocol's chain calls as calls of contracts, with the gas that each may use. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { Address } from "../crypto/address.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall } from "../protocols/effects.ts";
import {
  type ContractCall,
  concludeAndTransferAllAssetsCall,
  decodeHoldings,
  depositCall,
  holdingsCall,
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
  }
}

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
