/** The encoding of transactions, as far as they need it. Everything is hex without `0x`. Source: Yellow Paper, appendix B. */

/** One item of a list: its content, and the item whole. */
export type RlpItem = { readonly content: string; readonly whole: string };

/** Splits a list into its items. Lists inside stay whole. Undefined when it is not the encoding of a list. */
export function splitList(digits: string): readonly RlpItem[] | undefined {
  const list = itemAt(digits, 0);
  if (list === undefined || list.whole.length !== digits.length || byteAt(digits, 0) < 0xc0) {
    return undefined;
  }
  const items: RlpItem[] = [];
  for (let at = 0; at < list.content.length; ) {
    const item = itemAt(list.content, at);
    if (item === undefined) return undefined;
    items.push(item);
    at += item.whole.length;
  }
  return items;
}

/** A list of items that are encoded already. */
export function encodeList(items: readonly string[]): string {
  return withHeader(items.join(""), 0xc0);
}

/** A number, in as few bytes as it needs. */
export function encodeNumber(value: bigint): string {
  if (value === 0n) return "80";
  const digits = value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  return value < 0x80n ? even : withHeader(even, 0x80);
}

function withHeader(content: string, base: number): string {
  const sizeBytes = content.length / 2;
  if (sizeBytes < 56) return byte(base + sizeBytes) + content;
  const digits = sizeBytes.toString(16);
  const size = digits.length % 2 === 0 ? digits : `0${digits}`;
  return byte(base + 55 + size.length / 2) + size + content;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function byteAt(digits: string, at: number): number {
  return Number.parseInt(digits.slice(at, at + 2), 16);
}

function itemAt(digits: string, at: number): RlpItem | undefined {
  const first = byteAt(digits, at);
  if (Number.isNaN(first)) return undefined;
  if (first < 0x80) return { content: digits.slice(at, at + 2), whole: digits.slice(at, at + 2) };
  const base = first < 0xc0 ? 0x80 : 0xc0;
  const short = first - base;
  const sizeBytes = short < 56 ? 0 : short - 55;
  const sizeEnd = at + 2 + 2 * sizeBytes;
  const size = sizeBytes === 0 ? short : Number.parseInt(digits.slice(at + 2, sizeEnd), 16);
  const end = sizeEnd + 2 * size;
  if (!(end <= digits.length)) return undefined;
  return { content: digits.slice(sizeEnd, end), whole: digits.slice(at, end) };
}
