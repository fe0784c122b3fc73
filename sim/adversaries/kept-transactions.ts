/** What a cheat's own node sends, and her endpoint passes on to nobody. The node keeps to the rules: she does not. */
import { ANSWER_SELECTORS, DEPOSIT_SELECTOR } from "../../src/chain/adjudicator.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { SentTransaction } from "../sent-transaction.ts";
import type { Adversary } from "./adversary.ts";

/** A deposit that the others wait for. */
export function keepDeposit(adversary: Adversary, sent: SentTransaction): void {
  keep(adversary, sent, [DEPOSIT_SELECTOR], "keeps a deposit");
}

/** An answer: her node would answer her own old state with the newest, as if somebody else had shown it. */
export function keepAnswer(adversary: Adversary, sent: SentTransaction): void {
  keep(adversary, sent, ANSWER_SELECTORS, "keeps an answer");
}

function keep(
  adversary: Adversary,
  { data, from, hash }: SentTransaction,
  selectors: readonly Hex[],
  deed: string,
): void {
  const isMeant = selectors.some((selector) => data.startsWith(selector));
  if (from !== adversary.address || !isMeant) return;
  adversary.did(deed);
  adversary.world.pool.drop(hash);
}
