/** A chain of our own on this machine: one block at a time, at the times that we say. */

import type { Address } from "../../src/crypto/address.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import type { NodeError } from "../../src/primitives/node-error.ts";

/** A chain that stands still until `mine` is called. Both tiers give the same answers, block hashes aside. */
export type LocalChain = {
  readonly tier: "anvil" | "evm";
  /** Keep one request in flight: answers of the `evm` tier come from another thread. */
  readonly rpc: EthereumRpc;
  /**
   * Makes one block of everything pending that fits, first come first served.
   * `timestampSec` is its time, not before that of the block below; equal is allowed.
   */
  readonly mine: (timestampSec: number) => Promise<void>;
  /** Remembers the present state for `reset`. Call it while no transaction is pending. */
  readonly checkpoint: () => Promise<void>;
  /**
   * Goes back to the last `checkpoint`, or to the first state when there was none, and forgets pending
   * transactions. What follows has the same block numbers, times and hashes as on a fresh chain.
   */
  readonly reset: () => Promise<void>;
  /** Ends the chain. Calling it again does nothing. */
  readonly stop: () => Promise<void>;
  /** Fulfilled when the chain ends though nobody called `stop`. Absent where that cannot happen. */
  readonly died?: Promise<NodeError>;
};

/** What a local chain begins with. */
export type LocalChainOptions = {
  /** Accounts that own something in the first block. All others own nothing. */
  readonly accounts: readonly GenesisAccount[];
};

/** An account and its coins at the beginning. */
export type GenesisAccount = { readonly address: Address; readonly balanceWei: bigint };

/** Chain id of local chains, the one that tools expect of them. */
export const LOCAL_CHAIN_ID = 31_337;

/** Rules of the chain. Later ones rehash block history, which makes each block dearer than the last. */
export const HARDFORK = "cancun";

/** Time of the first block, in seconds: 2023-11-14 22:13:20 UTC. Any constant would do. */
export const GENESIS_TIMESTAMP_SEC = 1_700_000_000;

/** Base fee of every block: 1 gwei. Fixed, so that the cost of a call does not hang on what came before. */
export const BASE_FEE_WEI = 1_000_000_000n;

/** Gas of one block: 30 million, the limit of the main chain under these rules. */
export const BLOCK_GAS_LIMIT = 30_000_000n;

/** What the tiers call differently. */
export type LocalChainCommands = {
  readonly setNextBlockBaseFee: string;
  readonly dropPending: () => Promise<void>;
};

/** Builds the steering of a chain from JSON-RPC calls that both tiers know. */
export async function steer(
  rpc: EthereumRpc,
  { setNextBlockBaseFee, dropPending }: LocalChainCommands,
): Promise<Pick<LocalChain, "mine" | "checkpoint" | "reset">> {
  const snapshot = (): Promise<unknown> => rpc.request("evm_snapshot", []);
  let checkpointId = await snapshot();

  return {
    mine: async (timestampSec) => {
      await rpc.request(setNextBlockBaseFee, [`0x${BASE_FEE_WEI.toString(16)}`]);
      await rpc.request("evm_mine", [timestampSec]);
    },
    checkpoint: async () => {
      checkpointId = await snapshot();
    },
    reset: async () => {
      await dropPending();
      await rpc.request("evm_revert", [checkpointId]);
      // A snapshot can be used once.
      checkpointId = await snapshot();
    },
  };
}
