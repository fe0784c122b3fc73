/** A chain of a few lines: what an adjudicator answers to the calls of well-behaved nodes. */
import type { AdjudicatorEvent } from "../src/chain/adjudicator-logs.ts";
import type { ChainNews } from "../src/chain/chain-news.ts";
import { keccak256 } from "../src/crypto/keccak.ts";
import { sha256 } from "../src/crypto/sha256.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { assert } from "../src/primitives/assert.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";
import type { ChainCall } from "../src/protocols/effects.ts";

/** Bytes of a signed transaction of each kind, as the nodes of a simulated run send them. */
const RAW_SIZE_BYTES: Readonly<Record<ChainCall["type"], number>> = {
  Deposit: 250,
  ApproveToken: 180,
  ConcludeAndTransferAllAssets: 1_800,
  Challenge: 1_800,
  Checkpoint: 1_800,
  Conclude: 1_800,
  TransferAllAssets: 1_000,
  Transfer: 1_000,
  Reclaim: 2_000,
};

/** A transaction on its way: what its sender hears first, and what happens when it is mined. */
export type Sent = {
  readonly signed: ChainNews & { readonly type: "TransactionSigned" };
  readonly mine: () => {
    readonly mined: ChainNews & { readonly type: "TransactionMined" };
    /** What every node sees. Empty when the contract refused the call. */
    readonly logs: readonly AdjudicatorEvent[];
  };
};

/** A block for each transaction. */
export class RecordingChain {
  readonly #holdings = new Map<string, bigint>();
  #blockNumber = 0;
  #count = 0;

  /** Takes a transaction of an account that has sent `nonce` others. */
  send(effectId: string, nonce: number, call: ChainCall): Sent {
    this.#count += 1;
    const raw = rawOf(this.#count, RAW_SIZE_BYTES[call.type]);
    const transactionHash = toHex(keccak256(fromHex(raw))) as Hash;
    const name = { effectId } as Pick<Sent["signed"], "effectId">;
    return {
      signed: { type: "TransactionSigned", ...name, nonce, transactionHash, raw },
      mine: () => {
        this.#blockNumber += 1;
        const logs = this.#execute(call, transactionHash);
        const succeeded = logs !== undefined;
        const blockHash = blockHashOf(this.#blockNumber);
        const block = { blockNumber: this.#blockNumber, blockHash };
        const receipt = { block, gasUsed: 60_000n, succeeded };
        return { mined: { type: "TransactionMined", ...name, ...receipt }, logs: logs ?? [] };
      },
    };
  }

  /** The logs of a call; undefined when the contract refuses it. */
  #execute(call: ChainCall, transactionHash: Hash): readonly AdjudicatorEvent[] | undefined {
    if (call.type === "ApproveToken") return [];
    const { channelId } = call;
    const blockHash = blockHashOf(this.#blockNumber);
    const blockNumber = this.#blockNumber;
    const at = (logIndex: number) => ({
      channelId,
      position: { blockNumber, blockHash, transactionIndex: 0, logIndex, transactionHash },
    });
    if (call.type === "Deposit") {
      const key = `${channelId} ${call.asset}`;
      const held = this.#holdings.get(key) ?? 0n;
      if (held !== call.expectedHeld) return undefined;
      const holdings = held + call.amount;
      this.#holdings.set(key, holdings);
      return [{ type: "Deposited", ...at(0), asset: call.asset, holdings }];
    }
    assert(call.type === "ConcludeAndTransferAllAssets", "nothing else is recorded");
    const payouts = call.variablePart.outcome.map(({ asset }, assetIndex): AdjudicatorEvent => {
      const key = `${channelId} ${asset}`;
      const initialHoldings = this.#holdings.get(key) ?? 0n;
      this.#holdings.delete(key);
      const paid = { assetIndex, initialHoldings, finalHoldings: 0n, indices: [] };
      return { type: "AllocationUpdated", ...at(assetIndex), ...paid };
    });
    const finalizesAtSec = 1_700_000_000 + this.#blockNumber * 12;
    return [...payouts, { type: "Concluded", ...at(payouts.length), finalizesAtSec }];
  }
}

function blockHashOf(blockNumber: number): Hash {
  return toHex(sha256(new TextEncoder().encode(`block ${blockNumber}`))) as Hash;
}

/** Bytes without order, as those of a signature and of calldata mostly are. */
function rawOf(number: number, sizeBytes: number): Hex {
  const parts: Uint8Array[] = [];
  for (let size = 0; size < sizeBytes; size += 32) {
    parts.push(sha256(new TextEncoder().encode(`raw ${number} ${size}`)));
  }
  return toHex(concatBytes(...parts).subarray(0, sizeBytes));
}
