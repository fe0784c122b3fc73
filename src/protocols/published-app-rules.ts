/**
 * The rules of the example apps that the published contracts bring, for direct channels. Each is what its
 * contract checks between two states, and besides that money only moves between the allocations that are
 * there: the contracts let a mover change an asset, or a type, that pays nobody.
 *
 * How a state is shown on chain: all but TrivialApp take turns strictly. The contract supports the state of
 * turn t by the states of the last n turns, as many as there are participants, each with the signature of
 * its mover, participant `turn % n`, and with no other. Off chain all sign every state, so whoever holds
 * those states shows them and leaves out the signatures of all but the movers. Hence no state before turn
 * n - 1 can be shown, HashLockedSwap shows none but that of turn 4, and CountingApp none that has the
 * prefund in its proof, since the postfund does not count on: until then only all together can end the
 * channel. These are examples; money that must be safe needs another app.
 */
import { ALLOCATION_TYPE, type Allocation } from "../channel/outcome.ts";
import type { VariablePart } from "../channel/state.ts";
import { sha256 } from "../crypto/sha256.ts";
import { fromHex, type Hex, hexSizeBytes, toHex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { consensusRule } from "./app-rule.ts";
import type { AppRule } from "./protocol.ts";
import type { Rejection } from "./rejection.ts";

/** Bytes of one ABI word. */
const WORD = 32;

/** The turn of the one swap of HashLockedSwap. Source: HashLockedSwap.stateIsSupported. */
const SWAP_TURN = 4;

/** TrivialApp: the contract takes any state, so all that is checked is that the money stays. */
export const trivialRule: AppRule = consensusRule;

/** CountingApp: the app data is one uint256, one more with each turn, and the outcome stays. */
export const countingRule: AppRule = (from, to) => {
  const kept = consensusRule(from, to);
  if (!kept.ok) return kept;
  if (!isSamePay(from, to)) return refuse("the outcome must not change");
  const before = counterOf(from.appData);
  const after = counterOf(to.appData);
  if (before === undefined || after === undefined) return refuse("the app data is no counter");
  // After the largest uint256 comes none: no word holds one more.
  return after === before + 1n ? accept(undefined) : refuse("the counter must be one more");
};

/**
 * SingleAssetPayments: one asset, simple allocations, one per participant in their order, and only the
 * mover's may get smaller.
 */
export const singleAssetPaymentsRule: AppRule = (from, to) => {
  const kept = consensusRule(from, to);
  if (!kept.ok) return kept;
  const [exit, ...others] = to.outcome;
  if (exit === undefined || others.length > 0) return refuse("only one asset is allowed");
  const { allocations } = exit;
  if (allocations.some(isNotSimple)) return refuse("only simple allocations are allowed");
  const mover = to.turnNum % allocations.length;
  const before = claimsOf(from);
  const isTakenFrom = ({ amount }: Allocation, index: number): boolean =>
    index !== mover && amount < (before[index]?.amount ?? 0n);
  return allocations.some(isTakenFrom) ? refuse("only the mover may pay") : accept(undefined);
};

/**
 * HashLockedSwap: at turn 4, two participants swap their amounts of the one asset, and the app data
 * brings what the hash of turn 3 is the SHA-256 of. Before, while the hash is agreed upon, nothing moves;
 * afterwards nothing is left to do.
 */
export const hashLockedSwapRule: AppRule = (from, to) => {
  const kept = consensusRule(from, to);
  if (!kept.ok) return kept;
  if (to.turnNum > SWAP_TURN) return refuse("the swap was the last turn");
  if (to.turnNum < SWAP_TURN) {
    return isSamePay(from, to) ? accept(undefined) : refuse("nothing moves before the swap");
  }
  if (from.outcome.length !== 1) return refuse("only one asset is allowed");
  if (!isSwapped(claimsOf(from), claimsOf(to))) return refuse("the two amounts must be swapped");
  const lock = lockOf(from.appData);
  const key = lockOf(to.appData);
  if (lock === undefined || key === undefined)
    return refuse("the app data is no hash and preimage");
  const isKey = toHex(sha256(fromHex(key.preimage))) === lock.hash;
  return isKey ? accept(undefined) : refuse("the preimage is not that of the hash");
};

function refuse(why: string): Result<never, Rejection> {
  return reject({ code: "AppRefuses", why });
}

function claimsOf({ outcome }: VariablePart): readonly Allocation[] {
  return outcome.flatMap(({ allocations }) => allocations);
}

/** True when every allocation has the amount it had. Their number is the same by now. */
function isSamePay(from: VariablePart, to: VariablePart): boolean {
  const before = claimsOf(from);
  return claimsOf(to).every(({ amount }, index) => amount === before[index]?.amount);
}

function isNotSimple({ allocationType }: Allocation): boolean {
  return allocationType !== ALLOCATION_TYPE.simple;
}

function isSwapped(before: readonly Allocation[], after: readonly Allocation[]): boolean {
  return (
    after.length === 2 &&
    after[0]?.amount === before[1]?.amount &&
    after[1]?.amount === before[0]?.amount
  );
}

/** The contract reads the first word and ignores what follows. */
function counterOf(appData: Hex): bigint | undefined {
  return hexSizeBytes(appData) < WORD ? undefined : BigInt(wordText(appData, 0));
}

type Lock = { readonly hash: Hex; readonly preimage: Hex };

/** Words before the preimage: where the pair begins, the hash, where the preimage begins, its length. */
const LOCK_WORDS = 4;

/**
 * Reads `abi.encode(AppData(hash, preimage))`, as Solidity writes it. The contract reads other layouts
 * too; two ways to write one thing help nobody.
 */
function lockOf(appData: Hex): Lock | undefined {
  const sizeBytes = hexSizeBytes(appData);
  if (sizeBytes < LOCK_WORDS * WORD) return undefined;
  const [start, hash, middle, length] = [0, 1, 2, 3].map((index) => wordText(appData, index));
  const preimageBytes = Number(BigInt(length ?? 0));
  const isCanonical =
    Number(start) === WORD &&
    Number(middle) === 2 * WORD &&
    sizeBytes === WORD * (LOCK_WORDS + Math.ceil(preimageBytes / WORD));
  if (!isCanonical) return undefined;
  const at = 2 + 2 * WORD * LOCK_WORDS;
  return { hash: hash as Hex, preimage: `0x${appData.slice(at, at + 2 * preimageBytes)}` };
}

function wordText(appData: Hex, index: number): Hex {
  const at = 2 + 2 * WORD * index;
  return `0x${appData.slice(at, at + 2 * WORD)}`;
}
