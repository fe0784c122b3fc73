/** What besides a transfer can change who owns what: words of the chain that are changed in trials, and time. */
import { numberToHex } from "viem";
import type { Address } from "../crypto/address.ts";
import { isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";
import { balanceOfCall } from "./erc20.ts";
import { answerOf } from "./token-check-answers.ts";
import { askWord, type Overrides, type ProbedChain, probe } from "./token-check-probe.ts";
import { NEWCOMER, transferTokenCall } from "./token-check-story.ts";
import {
  type BalanceWord,
  otherWords,
  readWord,
  TRIAL_AMOUNT,
  type Word,
  withWords,
  wordsOfAccount,
} from "./token-check-words.ts";

/** A token, and a holder whose balance is one known word. */
export type LeverTrial = {
  readonly chain: ProbedChain;
  readonly token: Address;
  readonly holder: Address;
  /** What the holder owns when the word holds `TRIAL_AMOUNT`. */
  readonly owned: bigint;
  readonly word: BalanceWord;
};

/** A year, in seconds: interest that does not show in a year is none. */
const YEAR_SEC = 365 * 86_400;

/** How a balance changes without a transfer, in words; empty when no way was found. */
export async function rebasesOf(trial: LeverTrial): Promise<readonly string[]> {
  const { chain, holder, owned, token, word } = trial;
  const ways: string[] = [];
  if (owned !== TRIAL_AMOUNT) {
    ways.push(`a balance is worked out: from the word ${TRIAL_AMOUNT} it makes ${owned}`);
  }
  for (const other of await otherWords(chain, token, holder, word)) {
    const changed = await balanceWith(trial, other);
    if (changed !== undefined && changed !== owned) {
      ways.push(`the word ${other.slot} of ${other.at} changes every balance`);
    }
  }
  const later = await balanceIn(trial, YEAR_SEC);
  if (later !== undefined && later !== owned) ways.push("a balance changes as time passes");
  return ways;
}

/** The holder's balance once another word is about twice what it is, or a billion billionths if it is zero. */
async function balanceWith(
  { chain, holder, token, word }: LeverTrial,
  other: Word,
): Promise<bigint | undefined> {
  const value = await readWord(chain, other);
  const changed = value === 0n ? 10n ** 18n : (2n * value + 1n) % 2n ** 256n;
  const overrides = withWords(withWords({}, [word], TRIAL_AMOUNT), [other], changed);
  return askWord(chain, balanceOfCall(token, holder), overrides);
}

/** The holder's balance in some time. Undefined when the endpoint cannot be asked about another time. */
async function balanceIn(
  { chain, holder, token, word }: LeverTrial,
  seconds: number,
): Promise<bigint | undefined> {
  const { block, rpc } = chain;
  const head = await rpc.request("eth_getBlockByNumber", [block, false]);
  const { timestamp } = head as { readonly timestamp: string };
  const { data, to } = balanceOfCall(token, holder);
  const overrides = withWords({}, [word], TRIAL_AMOUNT);
  const then = { time: numberToHex(Number(timestamp) + seconds) };
  try {
    const answer = await rpc.request("eth_call", [{ to, data }, block, overrides, then]);
    return isHex(answer, 32) ? BigInt(answer) : undefined;
  } catch (error) {
    if (error instanceof NodeError && error.code === "RpcRefused") return undefined;
    throw error;
  }
}

/** The highest bit of a word: some tokens keep there, beside the balance, who is blocked. */
const TOP_BIT = 2n ** 255n;

/** Of a transfer, whom a word of the token's storage can stop: the recipient, the sender, or neither. */
export async function refusableOf(trial: LeverTrial): Promise<readonly string[]> {
  const { holder, token, word } = trial;
  const funded = withWords({}, [word], TRIAL_AMOUNT);
  const ofNewcomer = wordsOfAccount(token, NEWCOMER);
  const ofHolder = wordsOfAccount(token, holder).filter(({ slot }) => slot !== word.slot);
  const found: string[] = [];
  const recipient = [withWords(funded, ofNewcomer, 1n)];
  const sender = [
    withWords(funded, ofHolder, 1n),
    withWords(funded, [word], TRIAL_AMOUNT + TOP_BIT),
  ];
  if (word.slotOf !== undefined) {
    recipient.push(withWords(funded, [{ at: word.at, slot: word.slotOf(NEWCOMER) }], TOP_BIT));
  }
  if (!(await moves(trial, funded))) return found;
  if (await someStop(trial, recipient)) found.push("the recipient");
  if (await someStop(trial, sender)) found.push("the sender");
  return found;
}

async function someStop(trial: LeverTrial, worlds: readonly Overrides[]): Promise<boolean> {
  for (const world of worlds) {
    if (!(await moves(trial, world))) return true;
  }
  return false;
}

async function moves({ chain, holder, token }: LeverTrial, world: Overrides): Promise<boolean> {
  const steps = { move: transferTokenCall(token, NEWCOMER, 1n) };
  const { move } = await probe(chain, holder, world, steps);
  return !["a revert", "false"].includes(answerOf(move));
}
