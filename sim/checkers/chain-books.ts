/** What everybody owns on the chain, kept up to date block by block: wallets, channels, and the gas that was paid. */
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { Address } from "../../src/crypto/address.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import { concatBytes } from "../../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../../src/primitives/hex.ts";
import { ACTOR_NAMES } from "../actors.ts";
import { type Asset, ETH } from "../assets.ts";
import { addressOf, type SimulatedChain } from "../simulated-chain.ts";
import type { MinedBlock, TakenBack } from "../witness.ts";
import { askBalances } from "./balance-probe.ts";

/** Every actor, in this run or not, so that a stranger's deposit comes from somewhere. */
const ACCOUNTS: readonly Address[] = ACTOR_NAMES.map(addressOf);

/** Amounts by asset, in its smallest unit. */
type Amounts = Map<Address, bigint>;

/** The books of one run. Only the functions here change them. */
export type ChainBooks = {
  readonly chain: SimulatedChain;
  readonly assets: readonly Asset[];
  /** By account. */
  readonly wallets: Map<Address, Amounts>;
  /** What the adjudicator's own account owns. */
  readonly vault: Amounts;
  /** Per channel, what the adjudicator's storage says. */
  readonly holdings: Map<ChannelId, Amounts>;
  /** Channels that the chain pays out, or has begun to: what they hold may go down from now on. */
  readonly paying: Set<ChannelId>;
  gasWei: bigint;
  /** What each block with a transaction changed, so that it can be taken back. */
  readonly booked: BookedBlock[];
  /** All that there is, by asset. It never changes. */
  readonly totals: Amounts;
};

/** A block in the books. */
type BookedBlock = {
  readonly number: number;
  readonly gasWei: bigint;
  /** Channels that the block tells of, and those of them that it was the first to pay out. */
  readonly touched: ReadonlySet<ChannelId>;
  readonly paid: readonly ChannelId[];
};

/** Opens the books on a chain on which nothing has happened yet. */
export async function openBooks(chain: SimulatedChain): Promise<ChainBooks> {
  const assets = [ETH, chain.token];
  const books: ChainBooks = {
    chain,
    assets,
    wallets: new Map(),
    vault: new Map(),
    holdings: new Map(),
    paying: new Set(),
    gasWei: 0n,
    booked: [],
    totals: new Map(),
  };
  await readWallets(books);
  for (const { address } of assets) books.totals.set(address, explained(books, address));
  return books;
}

/** Begins to keep an account for a channel, which holds nothing yet as far as is known. */
export function addChannel({ holdings }: ChainBooks, channelId: ChannelId): void {
  if (!holdings.has(channelId)) holdings.set(channelId, new Map());
}

/**
 * Books a block: reads all wallets, and the channels that it tells of; all channels only where that does not
 * balance. Gives what does not balance even then, in words.
 */
export async function bookBlock(books: ChainBooks, block: MinedBlock): Promise<string[]> {
  const { logs, number, receipts } = block;
  const paid: ChannelId[] = [];
  for (const { type, channelId } of logs) {
    addChannel(books, channelId);
    const isPayout = type === "Concluded" || type === "AllocationUpdated" || type === "Reclaimed";
    if (!isPayout || books.paying.has(channelId)) continue;
    books.paying.add(channelId);
    paid.push(channelId);
  }
  const gasWei = receipts.reduce((sum, { feeWei }) => sum + feeWei, 0n);
  const touched = new Set(logs.map(({ channelId }) => channelId));
  books.gasWei += gasWei;
  books.booked.push({ number, gasWei, touched, paid });
  await readWallets(books);
  return balance(books, touched);
}

/** What a reorg left behind: channels that it touched, and what does not balance then, in words. */
export type Unbooked = {
  readonly touched: ReadonlySet<ChannelId>;
  readonly imbalances: readonly string[];
};

/** Takes the blocks above the fork out of the books again. */
export async function unbookBlocks(books: ChainBooks, { fork }: TakenBack): Promise<Unbooked> {
  const touched = new Set<ChannelId>();
  for (let last = books.booked.at(-1); last !== undefined && last.number > fork; ) {
    books.gasWei -= last.gasWei;
    for (const channelId of last.paid) books.paying.delete(channelId);
    for (const channelId of last.touched) touched.add(channelId);
    books.booked.pop();
    last = books.booked.at(-1);
  }
  await readWallets(books);
  return { touched, imbalances: await balance(books, touched) };
}

/** Reads everything anew that ever held anything, and gives what does not balance, in words. */
export async function closeBooks(books: ChainBooks): Promise<string[]> {
  await readWallets(books);
  return balance(
    books,
    [...books.holdings].flatMap(([id, { size }]) => (size > 0 ? [id] : [])),
  );
}

/** What the adjudicator holds for a channel, as of the newest block with a transaction. */
export function heldOnChain(
  { holdings }: ChainBooks,
  channelId: ChannelId,
  asset: Address,
): bigint {
  return holdings.get(channelId)?.get(asset) ?? 0n;
}

/** Reads these channels; and all others where that does not explain what the adjudicator owns. */
async function balance(books: ChainBooks, ids: Iterable<ChannelId>): Promise<string[]> {
  await readHoldings(books, ids);
  // A payout into another channel is told for the one that pays alone.
  if (imbalances(books).length > 0) await readHoldings(books, [...books.holdings.keys()]);
  return imbalances(books);
}

function imbalances(books: ChainBooks): string[] {
  return books.assets.flatMap(({ address, symbol, unit }) => {
    const wrong: string[] = [];
    const total = books.totals.get(address) ?? 0n;
    const found = explained(books, address);
    if (found !== total) {
      wrong.push(
        `there were ${total} ${unit} of ${symbol}; wallets, adjudicator and gas explain ${found}`,
      );
    }
    const vault = books.vault.get(address) ?? 0n;
    const claimed = sumOver(books.holdings, address);
    if (claimed !== vault) {
      wrong.push(
        `the adjudicator owns ${vault} ${unit} of ${symbol}; its channels hold ${claimed}`,
      );
    }
    return wrong;
  });
}

function explained({ gasWei, vault, wallets }: ChainBooks, asset: Address): bigint {
  const gas = asset === ETH.address ? gasWei : 0n;
  return sumOver(wallets, asset) + (vault.get(asset) ?? 0n) + gas;
}

function sumOver(accounts: ReadonlyMap<string, Amounts>, asset: Address): bigint {
  let sum = 0n;
  for (const amounts of accounts.values()) sum += amounts.get(asset) ?? 0n;
  return sum;
}

async function readWallets({ chain, assets, vault, wallets }: ChainBooks): Promise<void> {
  const owners = [...ACCOUNTS, chain.deployment.adjudicator];
  const questions = owners.flatMap((owner) => assets.map((asset) => ({ owner, asset })));
  const amounts = await askBalances(chain.local.rpc, questions);
  for (const [index, { asset, owner }] of questions.entries()) {
    const account = owner === chain.deployment.adjudicator ? vault : accountOf(wallets, owner);
    account.set(asset.address, amounts[index] ?? 0n);
  }
}

function accountOf(wallets: Map<Address, Amounts>, owner: Address): Amounts {
  const account = wallets.get(owner) ?? new Map<Address, bigint>();
  wallets.set(owner, account);
  return account;
}

async function readHoldings(books: ChainBooks, ids: Iterable<ChannelId>): Promise<void> {
  for (const id of ids) {
    const amounts: Amounts = new Map();
    for (const { address } of books.assets)
      amounts.set(address, await storedFor(books, id, address));
    books.holdings.set(id, amounts);
  }
}

/** Reads the contract's storage, past what the contract itself says about it. */
async function storedFor({ chain }: ChainBooks, id: ChannelId, asset: Address): Promise<bigint> {
  const slot = holdingsSlot(id, asset);
  const params = [chain.deployment.adjudicator, slot, "latest"];
  return BigInt((await chain.local.rpc.request("eth_getStorageAt", params)) as Hex);
}

/** The second variable of the contract, a mapping of mappings. Source: MultiAssetHolder.sol, `holdings`. */
const HOLDINGS_SLOT = 1n;

/** Where Solidity stores `holdings[asset][id]`. */
export function holdingsSlot(id: ChannelId, asset: Address): Hex {
  const ofAsset = keccak256(concatBytes(wordOf(BigInt(asset)), wordOf(HOLDINGS_SLOT)));
  return toHex(keccak256(concatBytes(fromHex(id), ofAsset)));
}

function wordOf(value: bigint): Uint8Array {
  return fromHex(`0x${value.toString(16).padStart(64, "0")}`);
}
