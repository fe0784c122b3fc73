/** What the engine asks of the chain service, and what it hears from it. */
import type { BlockId } from "../channel/holdings.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import type { AdjudicatorEvent } from "./adjudicator-logs.ts";
import type { HoldingsAnswer } from "./holdings-reading.ts";

/** A transaction that was asked for, and the signed bytes if there are any yet. */
export type AskedTransaction = {
  readonly effectId: EffectId;
  readonly call: ChainCall;
  readonly raw: Hex | undefined;
  readonly transactionHash: Hex | undefined;
  /** Hashes under the same nonce that a dearer one took the place of: each may still be mined. */
  readonly earlier: readonly Hex[];
};

/** Where a life of the service begins. */
export type ChainStart = {
  /** The last block whose logs are all in the node's log; -1 for none. */
  readonly scannedTo: number;
  /** Whether the log knows no channel. Asked at the first look: see `ChainSettings`. False where absent. */
  readonly isNew?: () => boolean;
  /** Recent blocks that the log names, ascending. What the chain does not hold any more is taken back. */
  readonly known: readonly BlockId[];
  /** What earlier lives were told of the newest of those blocks. Where absent, logs that came late to them stay unheard. */
  readonly told?: ToldLogs;
};

/** The logs about channels of this node that its own log holds, of some blocks. */
export type ToldLogs = {
  /** The first of those blocks. */
  readonly from: number;
  /** The last of them. */
  readonly to: number;
  readonly places: readonly ToldLog[];
};

/** Where a log stands that the node's log holds. */
export type ToldLog = BlockId & { readonly logIndex: number };

/** What the chain service tells the engine. Each becomes events before anything else follows from it. */
export type ChainNews =
  | {
      /** All logs up to and including `block` that were not told yet; none is an answer, too. */
      readonly type: "LogsConfirmed";
      readonly logs: readonly AdjudicatorEvent[];
      /** A confirmed block. */
      readonly block: BlockId;
      /** When it was made, in seconds since 1970-01-01 UTC. */
      readonly blockTimeSec: number;
    }
  | {
      /** What was told of blocks above `fork` is undone; what came instead is told after this. */
      readonly type: "ChainReorged";
      /** The newest block that both chains share, as far as this node knows. */
      readonly fork: BlockId;
      /** The newest block that had been told, and is gone. */
      readonly from: BlockId;
      /** The newest block of the chain that took its place. */
      readonly to: BlockId;
    }
  /** Comes after all logs up to the block that it was read at. */
  | HoldingsAnswer
  | {
      /** Signed and not sent yet: send it with `broadcast` once it is durable. */
      readonly type: "TransactionSigned";
      readonly effectId: EffectId;
      readonly nonce: number;
      readonly transactionHash: Hash;
      readonly raw: Hex;
    }
  | {
      readonly type: "TransactionMined";
      readonly effectId: EffectId;
      /** A confirmed block. After a reorganisation the same transaction is told again, in another one. */
      readonly block: BlockId;
      readonly gasUsed: bigint;
      readonly succeeded: boolean;
      /** Why the contract refused it, where that can be found out. */
      readonly reason?: string;
    }
  | {
      /** Not sent, because it could not succeed any more. */
      readonly type: "TransactionPointless";
      readonly effectId: EffectId;
      readonly reason: string;
    };
