/** How much one ledger channel carries. */

/**
 * Guarantees in one ledger, counted over all its assets: 100. A target channel with two assets counts
 * twice. More channels between two peers need more ledgers. Source: ADR 0014.
 */
export const GUARANTEES_MAX: number = 100;
