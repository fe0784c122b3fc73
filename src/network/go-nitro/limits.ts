/** What a peer that runs go-nitro can make this node keep, and how often it hears the same. */

/** Milliseconds until a word is said again: 1,000, doubling up to 30,000, as in our own session. */
export const SAY_AGAIN_AFTER_MS = 1_000;
export const SAY_AGAIN_AFTER_MS_MAX = 30_000;

/**
 * Times that a word is said while this node waits for nothing of it any more: 8, a minute and a half. Those that the
 * wire did not take are not counted.
 */
export const UNAWAITED_TIMES_MAX = 8;

/**
 * Times that a voucher is said and the wire takes it: 2. The next one says it again in any case, and so does the final
 * state; and a Go node stops for good behind a thousand vouchers that its owner has not read.
 */
export const VOUCHER_TIMES_MAX = 2;

/**
 * Milliseconds that the end of a ledger waits behind my last agreement in it, which was said twice by then: 3,000. A
 * Go leader that has yet to hear of the agreement would stop at the end.
 */
export const END_BEHIND_AGREEMENT_MS = 3_000;

/**
 * Milliseconds that an intermediary waits before she asks a Go payer for the end: 3,000. The payer tells the payee at
 * once, who would stop at the end of a channel of which he has yet to hear that it is open; that is said to him twice.
 */
export const END_BEHIND_OPENING_MS = 3_000;

/** Items of one peer that wait to be looked at: 512, two of the longest messages. What is above is dropped. */
export const ITEMS_WAITING_MAX = 512;

/** Bytes of the lines that these came in: 2 MiB. */
export const WAITING_BYTES_MAX: number = 2 * 1024 * 1024;

/** Items of one peer that came too early, and are looked at again: 64. The oldest makes room. */
export const EARLY_ITEMS_MAX = 64;

/** Milliseconds after which what came too early is forgotten: 120,000. What it waits for has its own minute. */
export const EARLY_MS_MAX = 120_000;

/** New virtual channels whose signatures are gathered: 64 for each peer that told of one. */
export const GATHERED_MAX = 64;

/** Ledger states of one ledger whose agreement can be said again: 64. */
export const AGREEMENTS_MAX = 64;
