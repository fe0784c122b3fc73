/** What an item of a Go node's line means in our own words, by what this node knows when it looks at it. */
import type { Message } from "../../messages/message.ts";

/**
 * What is made of an item.
 *
 * - `Say`: our session hears this message.
 * - `Known`: nothing new. Whoever says it may not have heard what followed from it: that is said again at once.
 * - `Early`: it may mean something once something else is known.
 * - `Refused`: the peer is at fault, or wants what this node does not take part in. It is not told: a Go node
 *   would stop at most answers.
 */
export type Hearing =
  | { readonly type: "Say"; readonly message: Message }
  | { readonly type: "Known" }
  | { readonly type: "Early"; readonly code: string }
  | { readonly type: "Refused"; readonly code: string };

/** Our session hears this. */
export const say = (message: Message): Hearing => ({ type: "Say", message });

/** Nothing new. */
export const KNOWN: Hearing = { type: "Known" };

/** It is looked at again later. */
export const early = (code: string): Hearing => ({ type: "Early", code });

/** It is dropped, and counted. */
export const refused = (code: string): Hearing => ({ type: "Refused", code });

/**
 * Codes with which our engine refuses what may be right a moment later. go-nitro's lines overtake each other, and
 * ours do on their way to others.
 */
const EARLY_CODES: ReadonlySet<string> = new Set([
  "UnknownChannel",
  "UnknownObjective",
  "UnknownBase",
  "ChannelNotRunning",
  "LedgerNotEmpty",
  "NotALedger",
  "NotOpen",
  "NotTheMover",
  "TurnOutOfOrder",
]);

/** True where the same item may be taken later. */
export function isEarlyCode(code: string): boolean {
  return EARLY_CODES.has(code);
}
