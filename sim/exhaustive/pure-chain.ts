/** A chain of a few lines, on which channels are funded and closed in agreement: one call, one block. */
import type { AdjudicatorEvent } from "../../src/chain/adjudicator-logs.ts";
import type { ChainNews } from "../../src/chain/chain-news.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Address } from "../../src/crypto/address.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import { assert } from "../../src/primitives/assert.ts";
import { toHex } from "../../src/primitives/hex.ts";
import type { ChainCall, EffectId } from "../../src/protocols/effects.ts";

/** What the chain holds. */
export type PureChain = {
  /** By channel and asset, and what accounts were paid. */
  readonly holdings: Map<string, bigint>;
  /** One entry for each log and each transaction there was: their numbers. */
  readonly logs: unknown[];
  readonly transactions: number[];
};

/** A call that a node asked for. */
export type PureTransaction = { readonly effectId: EffectId; readonly call: ChainCall };

/** What a node hears of its transaction, and everybody of its logs. */
export type Execution = {
  readonly signed: ChainNews;
  readonly mined: ChainNews;
  readonly logs: readonly AdjudicatorEvent[];
};

type Place = () => AdjudicatorEvent["position"];

/** Makes a call. The contract refuses a deposit at other holdings than it names. */
export function execute(
  chain: PureChain,
  by: number,
  { call, effectId }: PureTransaction,
): Execution {
  const raw = new TextEncoder().encode(effectId);
  const transactionHash = toHex(keccak256(raw)) as Hash;
  const nonce = chain.transactions.filter((one) => one === by).length;
  chain.transactions.push(by);
  const place: Place = () => {
    const blockNumber = chain.logs.length;
    chain.logs.push(undefined);
    // Each log has a block of its own.
    const blockHash = toHex(keccak256(Uint8Array.of(blockNumber))) as Hash;
    return { blockNumber, blockHash, transactionIndex: 0, logIndex: blockNumber, transactionHash };
  };
  const logs = logsOf(chain, call, place);
  const block = { blockNumber: 0, blockHash: transactionHash };
  return {
    signed: { type: "TransactionSigned", effectId, nonce, transactionHash, raw: toHex(raw) },
    mined: {
      type: "TransactionMined",
      effectId,
      block,
      gasUsed: 1n,
      succeeded: logs !== undefined,
    },
    logs: logs ?? [],
  };
}

/** What is held for a channel, or was paid to an account. */
export function heldFor({ holdings }: PureChain, destination: string, asset: Address): bigint {
  return holdings.get(`${destination} ${asset}`) ?? 0n;
}

function logsOf(chain: PureChain, call: ChainCall, place: Place): AdjudicatorEvent[] | undefined {
  if (call.type === "ApproveToken") return [];
  if (call.type === "Deposit") return deposit(chain, call, place);
  assert(call.type === "ConcludeAndTransferAllAssets", "nobody disputes on this chain");
  const { channelId, variablePart } = call;
  const concluded = { type: "Concluded", position: place(), channelId, finalizesAtSec: 1 } as const;
  const payouts = variablePart.outcome.map(({ allocations, asset }, assetIndex) => {
    const initialHoldings = heldFor(chain, channelId, asset);
    for (const { amount, destination } of allocations) {
      pay(chain, channelId, { destination, asset, amount });
    }
    const finalHoldings = heldFor(chain, channelId, asset);
    const paid = { assetIndex, initialHoldings, finalHoldings, indices: [] };
    return { type: "AllocationUpdated", position: place(), channelId, ...paid } as const;
  });
  return [concluded, ...payouts];
}

function deposit(
  chain: PureChain,
  { amount, asset, channelId, expectedHeld }: ChainCall & { readonly type: "Deposit" },
  place: Place,
): AdjudicatorEvent[] | undefined {
  const held = heldFor(chain, channelId, asset);
  if (held !== expectedHeld) return undefined;
  const holdings = held + amount;
  chain.holdings.set(`${channelId} ${asset}`, holdings);
  return [{ type: "Deposited", position: place(), channelId, asset, holdings }];
}

/** Pays a claim as far as there is money. */
function pay(
  chain: PureChain,
  channelId: ChannelId,
  claim: { readonly destination: string; readonly asset: Address; readonly amount: bigint },
): void {
  const { amount, asset, destination } = claim;
  const left = heldFor(chain, channelId, asset);
  const isCovered = amount < left;
  const paid = isCovered ? amount : left;
  chain.holdings.set(`${channelId} ${asset}`, left - paid);
  chain.holdings.set(`${destination} ${asset}`, heldFor(chain, destination, asset) + paid);
}
