/** What the main chain takes, and what of it a dispute over one ledger may use up. */

/** Gas that one transaction may ask for: 16,777,216, 2 to the power of 24. Source: EIP-7825. */
export const TRANSACTION_GAS_MAX = 16_777_216;

/**
 * Bytes of one transaction that public nodes pass on: 128 KiB. Source: go-ethereum,
 * core/txpool/legacypool, txMaxSize.
 */
export const TRANSACTION_BYTES_MAX: number = 128 * 1024;

/** Blocks in a day, one every 12 seconds, when none is missed. */
export const BLOCKS_PER_DAY = 7_200;

/** Gas of a transaction before anything runs. */
const BASE_GAS = 21_000;
/** Gas asked at least for a zero byte of a call, and four times that for another. Source: EIP-7623. */
const FLOOR_GAS_PER_ZERO_BYTE = 10;
const ZERO_BYTES_PER_BYTE = 4;

/** The least gas that a call of these bytes takes, however little it runs. Source: EIP-7623. */
export function floorGas(call: Uint8Array): number {
  const zeros = call.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  const tokens = zeros + ZERO_BYTES_PER_BYTE * (call.length - zeros);
  return BASE_GAS + FLOOR_GAS_PER_ZERO_BYTE * tokens;
}
