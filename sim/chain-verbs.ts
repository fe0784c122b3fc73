/** What a script can do to the chain. */
import type { ContractCall } from "../src/chain/adjudicator.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { ActorName } from "./actors.ts";
import type { Censorship, Reorg, RpcConditions } from "./chain-conditions.ts";

/** The chain as a script directs it. Blocks and seconds count from now on. */
export type ChainVerbs = {
  /** Time of the newest block, in seconds since 1970-01-01 UTC. */
  readonly newestSec: () => number;
  /** The number that the next block has, counted from the first one of the run, which is 1. */
  readonly nextBlock: () => number;
  /** Takes blocks back at once, and makes others in their place. Resolves when they are made. */
  readonly reorg: (reorg: Reorg) => Promise<void>;
  /** From the next block on, miners leave these transactions out. */
  readonly censor: (censorship: Censorship & { readonly blocks: number }) => void;
  /** From the next block on, a block costs this much. Transactions that pay less wait. */
  readonly feeSpike: (spike: { readonly baseFeeWei: bigint; readonly blocks: number }) => void;
  /** Lets time pass until a block has this time or a later one. Seconds since 1970-01-01 UTC. */
  readonly mineUntil: (sec: number) => Promise<void>;
  /**
   * Sends a transaction of somebody outside the cast, past every node. Resolves with its hash when the pool
   * has it; `mined` waits for its block.
   */
  readonly asStranger: (call: ContractCall, how?: StrangerCall) => Promise<Hash>;
  /** Waits until a transaction is in a block. True when the contract took it. */
  readonly mined: (hash: Hash) => Promise<boolean>;
  /** For a while, the endpoints of a node do not answer. */
  readonly pauseRpc: (node: ActorName, forSec: number) => void;
  /** For a while, the endpoints of a node behave otherwise; or one of them, by its place. */
  readonly troubleRpc: (
    node: ActorName,
    forSec: number,
    conditions: Partial<RpcConditions>,
    endpoint?: number,
  ) => void;
};

/** How a stranger sends. */
export type StrangerCall = {
  /** Somebody who is not in the cast; Eve when absent. */
  readonly by?: ActorName;
  /** What the diagram says of it; the function's selector when absent. */
  readonly label?: string;
  /** Goes into its block before all that wait. */
  readonly isFirst?: boolean;
  readonly gasLimit?: bigint;
};
