/** The bytes of a transaction of EIP-1559: what is signed, what is sent, and how that is read. Source: EIP-1559, EIP-2718; RLP: Yellow Paper, appendix B. */
import type { Address } from "../crypto/address.ts";
import { assert } from "../primitives/assert.ts";
import { type Hex, isHex } from "../primitives/hex.ts";

/** Everything that a signature of a transaction covers. */
export type TransactionFields = {
  readonly chainId: bigint;
  /** Number of transactions that the sender made before. */
  readonly nonce: number;
  /** Most of the price of a unit of gas that goes to the block's maker. */
  readonly maxPriorityFeePerGasWei: bigint;
  /** Most that the sender pays for one unit of gas, tip included. */
  readonly maxFeePerGasWei: bigint;
  readonly gasLimit: bigint;
  /** Undefined for the creation of a contract. */
  readonly to: Address | undefined;
  readonly valueWei: bigint;
  readonly data: Hex;
};

/** A signature as a transaction holds it: 32 bytes each, and the parity of the curve's point. */
export type TransactionSignature = { readonly yParity: 0 | 1; readonly r: Hex; readonly s: Hex };

/** A signed transaction that was read. */
export type ReadTransaction = TransactionFields & {
  readonly signature: TransactionSignature;
};

/** The number of this kind of transaction. Source: EIP-1559. */
const TYPE = "02";

/** Lists of fewer bytes, and texts of fewer, have their size in one byte. Source: Yellow Paper, appendix B. */
const SHORT_MAX = 55;
const TEXT = 0x80;
const LIST = 0xc0;

/** Nine that are signed, the list of what is accessed among them, and three of the signature. Source: EIP-1559. */
const FIELDS = 12;

const WORD_DIGITS = 64;
const ADDRESS_DIGITS = 40;

/** The bytes of which a signature covers the hash. */
export function unsignedBytes(fields: TransactionFields): Hex {
  return `0x${TYPE}${listOf(itemsOf(fields))}`;
}

/** The bytes that `eth_sendRawTransaction` takes. */
export function signedBytes(fields: TransactionFields, signature: TransactionSignature): Hex {
  const { r, s, yParity } = signature;
  const items = `${numberItem(BigInt(yParity))}${wordItem(r)}${wordItem(s)}`;
  return `0x${TYPE}${listOf(itemsOf(fields) + items)}`;
}

function itemsOf(fields: TransactionFields): string {
  const { chainId, data, gasLimit, maxFeePerGasWei, maxPriorityFeePerGasWei, to, valueWei } =
    fields;
  assert(maxPriorityFeePerGasWei <= maxFeePerGasWei, "the tip is a part of the fee");
  assert(to === undefined || isHex(to, ADDRESS_DIGITS / 2), "an account has 20 bytes");
  assert(isHex(data), "what is sent along is whole bytes");
  const numbers = [BigInt(fields.nonce), maxPriorityFeePerGasWei, maxFeePerGasWei, gasLimit];
  const before = [chainId, ...numbers].map(numberItem).join("");
  // Nothing is told beforehand of what it will access.
  return `${before}${textItem(to?.slice(2) ?? "")}${numberItem(valueWei)}${textItem(data.slice(2))}${listOf("")}`;
}

function listOf(items: string): string {
  return sizeOf(items, LIST) + items;
}

function textItem(digits: string): string {
  const isOwnSize = digits.length === 2 && digits < "80";
  return isOwnSize ? digits : sizeOf(digits, TEXT) + digits;
}

/** In as few bytes as it needs: none for zero. */
function numberItem(value: bigint): string {
  assert(value >= 0n, "a transaction holds no negative number");
  return textItem(value === 0n ? "" : evenDigits(value.toString(16)));
}

function wordItem(word: Hex): string {
  assert(isHex(word, WORD_DIGITS / 2), "half of a signature has 32 bytes");
  return numberItem(BigInt(word));
}

function sizeOf(digits: string, base: number): string {
  const sizeBytes = digits.length / 2;
  if (sizeBytes <= SHORT_MAX) return byteOf(base + sizeBytes);
  const size = evenDigits(sizeBytes.toString(16));
  return byteOf(base + SHORT_MAX + size.length / 2) + size;
}

function evenDigits(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

function byteOf(value: number): string {
  return value.toString(16).padStart(2, "0");
}

/**
 * Reads what was sent. Undefined for anything but the one encoding of a signed transaction of this kind that does not
 * tell beforehand what it will access: this program writes no others. Whether somebody can have signed it is not
 * asked here.
 */
export function readSignedBytes(raw: Hex): ReadTransaction | undefined {
  if (!raw.startsWith(`0x${TYPE}`) || !isHex(raw)) return undefined;
  const list = itemAt(raw, 4);
  if (list === undefined || !list.isList || list.end !== raw.length) return undefined;
  const items = itemsIn(raw, list);
  if (items?.length !== FIELDS) return undefined;
  const [chainId, nonce, tip, fee, gasLimit, to, value, data, accessed, parity, r, s] = items;
  const numbers = [chainId, nonce, tip, fee, gasLimit, value, parity, r, s].map(numberIn);
  const isWhole = numbers.every((number) => number !== undefined) && data?.isList === false;
  if (!isWhole || !isAccount(to) || !isEmptyList(accessed)) return undefined;
  const [onChain = 0n, nth = 0n, tipWei = 0n, feeWei = 0n, gas = 0n, wei = 0n] = numbers;
  const [odd = 0n, left = 0n, right = 0n] = numbers.slice(6);
  if (odd > 1n || nth > Number.MAX_SAFE_INTEGER) return undefined;
  return {
    chainId: onChain,
    nonce: Number(nth),
    maxPriorityFeePerGasWei: tipWei,
    maxFeePerGasWei: feeWei,
    gasLimit: gas,
    to: to.content === "" ? undefined : (`0x${to.content}` as Address),
    valueWei: wei,
    data: `0x${data.content}`,
    signature: { yParity: odd === 0n ? 0 : 1, r: wordOf(left), s: wordOf(right) },
  };
}

/** An item of the encoding. `start` and `end` are places of its content in the text, `content` its digits. */
type Item = {
  readonly isList: boolean;
  readonly start: number;
  readonly end: number;
  readonly content: string;
};

function itemsIn(raw: Hex, { end, start }: Item): readonly Item[] | undefined {
  const items: Item[] = [];
  for (let at = start; at < end; ) {
    const item = itemAt(raw, at);
    if (item === undefined || item.end > end) return undefined;
    items.push(item);
    at = item.end;
  }
  return items;
}

/** Undefined where the size of an item goes beyond the text, or could have been written shorter. */
function itemAt(raw: Hex, at: number): Item | undefined {
  const first = Number.parseInt(raw.slice(at, at + 2), 16);
  if (first < TEXT) {
    return { isList: false, start: at, end: at + 2, content: raw.slice(at, at + 2) };
  }
  const isList = first >= LIST;
  const short = first - (isList ? LIST : TEXT);
  const start = at + 2 + 2 * Math.max(0, short - SHORT_MAX);
  const sizeBytes = short <= SHORT_MAX ? short : Number.parseInt(raw.slice(at + 2, start), 16);
  const end = start + 2 * sizeBytes;
  // Also when there is no first byte.
  if (!(end <= raw.length)) return undefined;
  const content = raw.slice(start, end);
  const shortest = isList ? listOf(content) : textItem(content);
  return shortest === raw.slice(at, end) ? { isList, start, end, content } : undefined;
}

/** Undefined for anything but a number of at most 256 bits, in as few bytes as it needs. */
function numberIn(item: Item | undefined): bigint | undefined {
  if (item === undefined) return undefined;
  const { content, isList } = item;
  if (isList || content.length > WORD_DIGITS || content.startsWith("00")) return undefined;
  return content === "" ? 0n : BigInt(`0x${content}`);
}

function isEmptyList(item: Item | undefined): boolean {
  return item?.isList === true && item.content === "";
}

function isAccount(item: Item | undefined): item is Item {
  const isText = item !== undefined && !item.isList;
  return isText && (item.content === "" || item.content.length === ADDRESS_DIGITS);
}

function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(WORD_DIGITS, "0")}`;
}
