/** What a cheat's own node would do against her: it keeps to the rules, and answers any old state with the newest. */
import { ANSWER_SELECTORS } from "../../src/chain/adjudicator.ts";
import type { SentTransaction } from "../sent-transaction.ts";
import type { Adversary } from "./adversary.ts";

/** Her node sends its answer to a challenge, and her endpoint passes it on to nobody. */
export function keepAnswer(adversary: Adversary, { data, from, hash }: SentTransaction): void {
  const isAnswer = ANSWER_SELECTORS.some((selector) => data.startsWith(selector));
  if (from !== adversary.address || !isAnswer) return;
  adversary.did("keeps an answer");
  adversary.world.pool.drop(hash);
}
