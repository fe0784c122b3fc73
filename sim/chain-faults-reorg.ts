/** What a reorg does to the transactions in the blocks that it takes back. */
import { signTransaction } from "../src/chain/transaction.ts";
import type { Address } from "../src/crypto/address.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { toHex } from "../src/primitives/hex.ts";
import { ACTOR_NAMES, keyOf } from "./actors.ts";
import type { Reorg } from "./chain-conditions.ts";
import { type ChainFaults, type Fate, nameOf } from "./chain-faults.ts";
import { drawBytes } from "./keyed-random.ts";
import type { Mempool, WaitingTransaction } from "./mempool.ts";
import { readTransaction, type SentTransaction } from "./sent-transaction.ts";
import { addressOf } from "./simulated-chain.ts";

/** Gas of a payment. */
const PAYMENT_GAS = 21_000n;

type TakenBlock = { readonly transactions: readonly WaitingTransaction[] };

type ReorgAt = {
  readonly faults: ChainFaults;
  readonly reorg: Reorg;
  /** How many reorgs the run had before. */
  readonly nth: number;
  /** The newest block, of the run, that is left. */
  readonly fork: number;
};

/** A transaction, and what becomes of it. */
type Fated = {
  readonly waiting: WaitingTransaction;
  readonly fate: Fate;
};

/** Gives the transactions of the old blocks, oldest first, back to the pool. Says in words what becomes of each. */
export async function returnToPool(
  pool: Mempool,
  old: readonly TakenBlock[],
  at: ReorgAt,
): Promise<readonly string[]> {
  const all = old.flatMap(({ transactions }, index) =>
    transactions.map((waiting) => fated(waiting, at.fork + 1 + index, at)),
  );
  for (const { fate, waiting } of inNewPlaces(all)) {
    const other = fate === "Replaced" ? await anotherOf(pool, waiting) : undefined;
    if (fate !== "Dropped") pool.putBack({ ...waiting, ...other });
  }
  return all.map(({ fate, waiting }) => {
    return `transaction ${waiting.nonce} of ${nameOf(waiting.from)}: ${fate.toLowerCase()}`;
  });
}

/** What the same sender asked for before with that nonce; else, of an actor, a payment of nothing to herself. */
async function anotherOf(
  pool: Mempool,
  waiting: WaitingTransaction,
): Promise<SentTransaction | undefined> {
  const earlier = pool.earlier(waiting).at(-1);
  const actor = ACTOR_NAMES.find((name) => addressOf(name) === waiting.from);
  if (earlier !== undefined || actor === undefined) return earlier;
  const { from, maxFeePerGasWei, nonce, tipPerGasWei } = waiting;
  const { raw } = signTransaction(
    {
      ...{ to: from, data: "0x", valueWei: 0n, nonce, maxFeePerGasWei },
      chainId: BigInt(waiting.chainId),
      gasLimit: PAYMENT_GAS,
      maxPriorityFeePerGasWei: tipPerGasWei,
    },
    (digest) => signatureBackend.signDigest(digest, keyOf(actor)),
  );
  return readTransaction(raw);
}

/** Who makes the blocks of a branch; nobody in particular on the first. */
export function minerOf(branch: number): { readonly coinbase?: Address } {
  if (branch === 0) return {};
  return { coinbase: toHex(drawBytes(0, "miner", "", branch).slice(0, 20)) as Address };
}

function fated(waiting: WaitingTransaction, block: number, { faults, nth, reorg }: ReorgAt): Fated {
  const { delay, fate } = faults.fateOf(waiting, reorg, nth);
  const notBefore = fate === "Delayed" ? block + delay : block;
  return { waiting: { ...waiting, notBefore, since: block }, fate };
}

/** Those that are reordered take each other's places, the last one first. */
function inNewPlaces(all: readonly Fated[]): readonly Fated[] {
  const places = all.filter(({ fate }) => fate === "Reordered").map(({ waiting }) => waiting);
  return all.map((one) => {
    const place = one.fate === "Reordered" ? places.pop() : undefined;
    if (place === undefined) return one;
    const { notBefore, order } = place;
    return { ...one, waiting: { ...one.waiting, notBefore, order } };
  });
}
