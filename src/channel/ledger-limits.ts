/** How much one ledger channel carries. */

/**
 * Guarantees in one ledger, counted over all its assets: 100. A target with two assets counts twice.
 *
 * A full ledger that has to be forced on chain takes 202 transactions and 47 to 68 million gas, 0.03 %
 * of what the blocks of a day hold; the dearest takes 1.1 million, the longest 29 kB. Single limits
 * of the chain would allow four times as many. But each guarantee makes every reclaim of its ledger
 * dearer: with 100, a hub whose 20,000 guarantees are disputed on one day fills 4.7 % of that day,
 * with 254 it would fill 8.7 %. More channels between two peers need more ledgers. Source: ADR 0014.
 */
export const GUARANTEES_MAX: number = 100;
