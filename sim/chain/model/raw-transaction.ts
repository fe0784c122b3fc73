/** Reads signed transactions: those of EIP-1559, and the old form that the maker of the Create2 proxy uses. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { ecrecover } from "./ecrecover.ts";
import type { ModelTransaction } from "./execution.ts";
import { encodeList, encodeNumber, type RlpItem, splitList } from "./rlp.ts";
import { hashOf, wordOf } from "./words.ts";

/** A transaction as it was sent. */
export type SentTransaction = ModelTransaction & {
  readonly hash: Hex;
  readonly raw: Hex;
  readonly type: 0 | 2;
  /** Undefined for one that is valid on every chain. */
  readonly chainId: bigint | undefined;
  readonly v: bigint;
  readonly r: bigint;
  readonly s: bigint;
};

/** Fields before the signature, and in all, of the two forms. */
const FIELDS = { typed: 9, typedSigned: 12, old: 6, oldSigned: 9 } as const;

/** Undefined when the bytes are no transaction of a known form, or nobody signed it. */
export function readRawTransaction(raw: Hex): SentTransaction | undefined {
  return raw.startsWith("0x02") ? readTyped(raw) : readOld(raw);
}

function readTyped(raw: Hex): SentTransaction | undefined {
  const items = splitList(raw.slice(4));
  if (items?.length !== FIELDS.typedSigned) return undefined;
  const [chainId, nonce, tip, fee, gasLimit, to, value, data, , v, r, s] = items;
  const unsigned = `02${encodeList(items.slice(0, FIELDS.typed).map(({ whole }) => whole))}`;
  return signedBy(raw, unsigned, numberOf(v), {
    type: 2,
    chainId: numberOf(chainId),
    nonce: numberOf(nonce),
    maxTipWei: numberOf(tip),
    maxFeeWei: numberOf(fee),
    gasLimit: numberOf(gasLimit),
    to: addressOf(to),
    valueWei: numberOf(value),
    data: bytesOf(data),
    v: numberOf(v),
    r: numberOf(r),
    s: numberOf(s),
  });
}

function readOld(raw: Hex): SentTransaction | undefined {
  const items = splitList(raw.slice(2));
  if (items?.length !== FIELDS.oldSigned) return undefined;
  const [nonce, price, gasLimit, to, value, data, v, r, s] = items;
  const mark = numberOf(v);
  const chainId = mark < 35n ? undefined : (mark - 35n) / 2n;
  const body = items.slice(0, FIELDS.old).map(({ whole }) => whole);
  // Since EIP-155 the signature covers the chain as well.
  const chain = chainId === undefined ? [] : [encodeNumber(chainId), "80", "80"];
  const parity = chainId === undefined ? mark - 27n : (mark - 35n) % 2n;
  return signedBy(raw, encodeList([...body, ...chain]), parity, {
    type: 0,
    chainId,
    nonce: numberOf(nonce),
    maxTipWei: numberOf(price),
    maxFeeWei: numberOf(price),
    gasLimit: numberOf(gasLimit),
    to: addressOf(to),
    valueWei: numberOf(value),
    data: bytesOf(data),
    v: mark,
    r: numberOf(r),
    s: numberOf(s),
  });
}

function signedBy(
  raw: Hex,
  unsigned: string,
  parity: bigint,
  fields: Omit<SentTransaction, "from" | "hash" | "raw">,
): SentTransaction | undefined {
  const signature = {
    v: 27n + parity,
    r: `0x${wordOf(fields.r)}`,
    s: `0x${wordOf(fields.s)}`,
  } as const;
  const from = ecrecover(hashOf(unsigned), signature);
  return from && { ...fields, from, raw, hash: hashOf(raw.slice(2)) };
}

function numberOf(item: RlpItem | undefined): bigint {
  return item === undefined || item.content === "" ? 0n : BigInt(`0x${item.content}`);
}

function bytesOf(item: RlpItem | undefined): Hex {
  return `0x${item?.content ?? ""}`;
}

function addressOf(item: RlpItem | undefined): Hex | undefined {
  return item === undefined || item.content === "" ? undefined : `0x${item.content}`;
}
