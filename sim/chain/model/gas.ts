/**
 * What calls cost on the model: the published prices of what a call does to the chain, and a table, measured
 * once, for the work in between. A model of the money, not of the machine: no more exact than a few per cent.
 */

/** First look at a word of storage in a transaction. Source: EIP-2929. */
export const COLD_SLOT = 2_100n;
/** Every later look. Source: EIP-2929. */
export const WARM_SLOT = 100n;
/** First call of an account. Source: EIP-2929. */
export const COLD_ACCOUNT = 2_600n;
/** Every transaction, and all that a transfer of coins costs. Source: Yellow Paper. */
export const TRANSACTION = 21_000n;
/** On top of it for one that makes a contract, and for a contract that makes one. Source: EIP-2. */
export const CREATION = 32_000n;
/** A byte of a contract's code, to keep it. Source: Yellow Paper. */
export const CODE_BYTE = 200n;
/** Coins that go along with a call, less what the called account gets of it. Source: Yellow Paper. */
export const VALUE_SENT = 6_700n;
/** An account that did not exist. Source: EIP-161. */
export const NEW_ACCOUNT = 25_000n;

/** The part of a transaction's gas that can be given back, as a divisor. Source: EIP-3529. */
const REFUND_DIVISOR = 5n;

/** A zero byte and another byte of calldata. Source: EIP-2028. */
const ZERO_BYTE = 4n;
const OTHER_BYTE = 16n;

/** A word of the code that makes a contract. Source: EIP-3860. */
const INIT_WORD = 2n;

/** What a transaction costs before anything runs. `digits` is its data in hex without `0x`. */
export function intrinsicGas(digits: string, isCreation: boolean): bigint {
  let zeros = 0;
  for (let at = 0; at < digits.length; at += 2) {
    if (digits.charCodeAt(at) === 48 && digits.charCodeAt(at + 1) === 48) zeros++;
  }
  const others = digits.length / 2 - zeros;
  const creation = isCreation ? CREATION + INIT_WORD * BigInt(Math.ceil(digits.length / 64)) : 0n;
  return TRANSACTION + creation + ZERO_BYTE * BigInt(zeros) + OTHER_BYTE * BigInt(others);
}

/** A write to storage: before the transaction, before this write, and now. Source: EIP-2200, EIP-3529. */
export function storeCost({
  original,
  present,
  value,
}: {
  readonly original: bigint;
  readonly present: bigint;
  readonly value: bigint;
}): { readonly gas: bigint; readonly refund: bigint } {
  if (present === value) return { gas: WARM_SLOT, refund: 0n };
  if (original === present) {
    if (original === 0n) return { gas: 20_000n, refund: 0n };
    return { gas: 2_900n, refund: value === 0n ? 4_800n : 0n };
  }
  let refund = 0n;
  if (original !== 0n && present === 0n) refund -= 4_800n;
  if (original !== 0n && value === 0n) refund += 4_800n;
  if (original === value) refund += original === 0n ? 19_900n : 2_800n;
  return { gas: WARM_SLOT, refund };
}

/** The code of a contract that is made. Source: Yellow Paper, EIP-1014, EIP-3860. */
export function creationCost(creationBytes: number, deployedBytes: number): bigint {
  const words = BigInt(Math.ceil(creationBytes / 32));
  return CODE_BYTE * BigInt(deployedBytes) + 8n * words;
}

/** Work of a call that is given no more than four words: 787 measured for a deposit. */
const CALL_WORK = 800n;

/** Bytes of such a call: a selector and four words. */
const SHORT_CALL_BYTES = 132;

/** Work for each byte more: reading, copying, hashing, writing. Between 13 and 18 measured. */
const WORK_PER_BYTE = 15n;

/** What a contract does with what it is given, besides storage, logs and signatures. */
export function workOf(dataBytes: number): bigint {
  const more = Math.max(0, dataBytes - SHORT_CALL_BYTES);
  return CALL_WORK + WORK_PER_BYTE * BigInt(more);
}

/** Work for each byte that one contract gives another: what is to be known of it is known already. */
const INNER_WORK_PER_BYTE = 6n;

/** The same for a call that a contract makes. */
export function innerWorkOf(dataBytes: number): bigint {
  return CALL_WORK + INNER_WORK_PER_BYTE * BigInt(dataBytes);
}

/** A signature of a state: 3,000 for `ecrecover`, and the hash of the state, which is made anew for each. */
export const SIGNATURE_WORK = 5_500n;

/** A log. Source: Yellow Paper. */
export function logCost(topics: number, dataBytes: number): bigint {
  return 375n * BigInt(1 + topics) + 8n * BigInt(dataBytes);
}

/** What is left to pay of the gas used, once what can be given back is. */
export function afterRefund(gasUsed: bigint, refund: bigint): bigint {
  const most = gasUsed / REFUND_DIVISOR;
  return gasUsed - (refund < most ? refund : most);
}
