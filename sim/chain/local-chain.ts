/** A chain of our own on this machine: one block at a time, at the times that we say. */

import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { EthereumRpc } from "../../src/ports/ethereum-rpc.ts";
import { assert } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { NodeError } from "../../src/primitives/node-error.ts";

/** A chain that stands still until `mine` is called. All tiers give the same answers, block hashes aside. */
export type LocalChain = {
  readonly tier: "anvil" | "evm" | "model";
  /** Keep one request in flight: answers of the `evm` tier come from another thread. */
  readonly rpc: EthereumRpc;
  /**
   * Makes one block of everything pending that fits, first come first served.
   * `timestampSec` is its time, not before that of the block below; equal is allowed.
   */
  readonly mine: (timestampSec: number, making?: BlockMaking) => Promise<void>;
  /**
   * Takes back the newest blocks, 1 to `ROLLBACK_BLOCKS_MAX` and none below the last `checkpoint`, with all
   * that they did, and forgets pending transactions. The same blocks made again have the same hashes.
   */
  readonly rollback: (blocks: number) => Promise<void>;
  /** Forgets pending transactions. */
  readonly dropPending: () => Promise<void>;
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

/** How a block is to be made, where it is not as every other. */
export type BlockMaking = {
  /** Signed transactions that join the pending ones in this order. One that the chain refuses is left out. */
  readonly transactions?: readonly Hex[];
  /** Base fee of the block; `BASE_FEE_WEI` when absent. */
  readonly baseFeeWei?: bigint;
  /** Who earns the tips; the zero address when absent. Another one gives the same block another hash. */
  readonly coinbase?: Address;
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

/** Base fee of a block: 1 gwei. Fixed, so that the cost of a call does not hang on what came before. */
export const BASE_FEE_WEI = 1_000_000_000n;

/** Gas of one block: 30 million, the limit of the main chain under these rules. */
export const BLOCK_GAS_LIMIT = 30_000_000n;

/** Blocks that can be taken back: 64, two epochs, behind which the main chain calls a block final. */
export const ROLLBACK_BLOCKS_MAX = 64;

/** What the tiers call differently. */
export type LocalChainCommands = {
  readonly setNextBlockBaseFee: string;
  readonly setCoinbase: string;
  readonly dropPending: () => Promise<void>;
  /** Takes back the newest blocks; whether pending transactions stay is no matter. */
  readonly rollback: (blocks: number) => Promise<void>;
  /** Called before each block is made, and told when all marks in the past are void. */
  readonly beforeBlock?: () => Promise<void>;
  readonly forgetBlocks?: () => void;
};

type Steering = Pick<LocalChain, "mine" | "rollback" | "dropPending" | "checkpoint" | "reset">;

/** Builds the steering of a chain from JSON-RPC calls that all tiers know. */
export async function steer(rpc: EthereumRpc, commands: LocalChainCommands): Promise<Steering> {
  const snapshot = (): Promise<unknown> => rpc.request("evm_snapshot", []);
  const make = blockMaker(rpc, commands);
  let checkpointId = await snapshot();
  let made = 0;

  return {
    mine: async (timestampSec, making = {}) => {
      await commands.beforeBlock?.();
      await make(timestampSec, making);
      made += 1;
    },
    rollback: async (blocks) => {
      const isWhole = Number.isSafeInteger(blocks) && blocks >= 1;
      assert(isWhole && blocks <= ROLLBACK_BLOCKS_MAX, "1 to 64 blocks are taken back");
      assert(blocks <= made, "nothing is taken back from below the checkpoint");
      await commands.rollback(blocks);
      await commands.dropPending();
      made -= blocks;
    },
    dropPending: commands.dropPending,
    checkpoint: async () => {
      checkpointId = await snapshot();
      commands.forgetBlocks?.();
      made = 0;
    },
    reset: async () => {
      await commands.dropPending();
      await rpc.request("evm_revert", [checkpointId]);
      // A snapshot can be used once.
      checkpointId = await snapshot();
      commands.forgetBlocks?.();
      made = 0;
    },
  };
}

/** Makes one block. The base fee comes first: by it a chain judges what it is sent. */
export function blockMaker(
  rpc: EthereumRpc,
  commands: Pick<LocalChainCommands, "setCoinbase" | "setNextBlockBaseFee">,
): (timestampSec: number, making: BlockMaking) => Promise<void> {
  return async (timestampSec, { baseFeeWei = BASE_FEE_WEI, coinbase, transactions = [] }) => {
    if (coinbase !== undefined) await rpc.request(commands.setCoinbase, [coinbase]);
    await rpc.request(commands.setNextBlockBaseFee, [`0x${baseFeeWei.toString(16)}`]);
    for (const raw of transactions) await sendIfTaken(rpc, raw);
    await rpc.request("evm_mine", [timestampSec]);
    // At once: going back takes this setting back on one tier and leaves it on another.
    if (coinbase !== undefined) await rpc.request(commands.setCoinbase, [ZERO_ADDRESS]);
  };
}

async function sendIfTaken(rpc: EthereumRpc, raw: Hex): Promise<void> {
  try {
    await rpc.request("eth_sendRawTransaction", [raw]);
  } catch (error) {
    // Its money or its nonce went to another one. Anything else is the chain failing.
    if (!(error instanceof NodeError) || error.code !== "RpcRefused") throw error;
  }
}
