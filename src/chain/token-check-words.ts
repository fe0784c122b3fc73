/** Words of a token's storage: the one that is somebody's balance, and others that have a say in it. */
import { keccak256, numberToHex, padHex } from "viem";
import type { Address } from "../crypto/address.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import type { ContractCall } from "./adjudicator.ts";
import { balanceOfCall } from "./erc20.ts";
import { askWord, type Overrides, type ProbedChain, withAccount } from "./token-check-probe.ts";

/** One word of storage. */
export type Word = { readonly at: Address; readonly slot: Hex };

/** The word that decides what the holder owns. */
export type BalanceWord = Word & {
  /** The word of somebody else; undefined where it was found by looking and not by a rule. */
  readonly slotOf: ((owner: Address) => Hex) | undefined;
};

/** Mappings that are looked at, one for each of the first places that a contract has for its variables. */
const PLACES = 100;

const wordOf = (value: bigint): Hex => numberToHex(value, { size: 32 });

const hashOf = (...parts: readonly Hex[]): Hex =>
  keccak256(`0x${parts.map((part) => part.slice(2)).join("")}`);

/** Where a mapping has the word of an account: by the rule of Solidity, and by that of Vyper. */
const MAPPINGS: readonly ((owner: Address) => Hex)[] = Array.from(
  { length: PLACES },
  (_, place) => [
    (owner: Address) => hashOf(padHex(owner, { size: 32 }), wordOf(BigInt(place))),
    (owner: Address) => hashOf(wordOf(BigInt(place)), padHex(owner, { size: 32 })),
  ],
).flat();

/** Place of the balances in the upgradable tokens of OpenZeppelin 5. Source: ERC-7201, "openzeppelin.storage.ERC20". */
const NAMED_PLACE = "0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00";

/** What follows the owner in the hashed balance slot of Solady's token: its seed, in twelve bytes. */
const SOLADY_SEED = "0x000000000000000087a211a2";

const BALANCES: readonly ((owner: Address) => Hex)[] = [
  ...MAPPINGS,
  (owner) => hashOf(padHex(owner, { size: 32 }), NAMED_PLACE),
  (owner) => hashOf(owner, SOLADY_SEED),
];

/** A balance that no account has by chance, and that fits into eight bytes. */
export const TRIAL_AMOUNT = 123_456_789_123n;

/** Looks for the word that is the owner's balance: by the usual rules, then among all words that are read. */
export async function findBalanceWord(
  chain: ProbedChain,
  token: Address,
  owner: Address,
): Promise<BalanceWord | undefined> {
  const call = balanceOfCall(token, owner);
  const before = await askWord(chain, call);
  const changes = async (words: readonly Word[]): Promise<boolean> => {
    const now = await askWord(chain, call, withWords({}, words, TRIAL_AMOUNT));
    return now !== undefined && now !== before && now > 0n;
  };
  const ruled = BALANCES.map((slotOf) => ({ at: token, slot: slotOf(owner), slotOf }));
  if (await changes(ruled)) return findIn(ruled, changes);
  for (const word of (await wordsRead(chain, call)) ?? []) {
    if (await changes([word])) return { ...word, slotOf: undefined };
  }
  return undefined;
}

/** Halves the words until one is left: of two halves at least one changes the balance. */
async function findIn(
  words: readonly BalanceWord[],
  changes: (words: readonly Word[]) => Promise<boolean>,
): Promise<BalanceWord | undefined> {
  let left = words;
  while (left.length > 1) {
    const half = left.slice(0, left.length / 2);
    left = (await changes(half)) ? half : left.slice(left.length / 2);
  }
  return left[0];
}

/** Overrides with one value put into several words. */
export function withWords(overrides: Overrides, words: readonly Word[], value: bigint): Overrides {
  return words.reduce(
    (world, { at, slot }) => withAccount(world, at, { stateDiff: { [slot]: wordOf(value) } }),
    overrides,
  );
}

/** Words that mappings of the token may have for an account: whether it is blocked, for instance. */
export function wordsOfAccount(token: Address, account: Address): readonly Word[] {
  return MAPPINGS.map((slotOf) => ({ at: token, slot: slotOf(account) }));
}

/** The words that a call reads, in all contracts. Undefined when the endpoint cannot tell. */
export async function wordsRead(
  { block, rpc }: ProbedChain,
  { data, to }: ContractCall,
): Promise<readonly Word[] | undefined> {
  try {
    const answer = await rpc.request("eth_createAccessList", [{ to, data }, block]);
    const { accessList } = answer as { readonly accessList?: readonly AccessEntry[] };
    return accessList?.flatMap(({ address, storageKeys }) =>
      storageKeys.map((slot) => ({ at: address.toLowerCase() as Address, slot })),
    );
  } catch (error) {
    if (error instanceof NodeError && error.code === "RpcRefused") return undefined;
    throw error;
  }
}

type AccessEntry = { readonly address: Hex; readonly storageKeys: readonly Hex[] };

/** Variables of the token that are looked at where the endpoint cannot tell which words are read. */
const VARIABLES = 32;

/** Words besides the balance that may have a say in it. */
export async function otherWords(
  chain: ProbedChain,
  token: Address,
  holder: Address,
  balance: Word,
): Promise<readonly Word[]> {
  const read = await wordsRead(chain, balanceOfCall(token, holder));
  const words =
    read ??
    Array.from({ length: VARIABLES }, (_, place) => ({ at: token, slot: wordOf(BigInt(place)) }));
  return words.filter(({ at, slot }) => at !== balance.at || slot !== balance.slot);
}

/** What a word holds. */
export async function readWord({ block, rpc }: ProbedChain, { at, slot }: Word): Promise<bigint> {
  const answer = await rpc.request("eth_getStorageAt", [at, slot, block]);
  return isHex(answer, 32) ? BigInt(answer) : 0n;
}
