/**
 * Reads and writes the ABI as compiled Solidity does it: what it refuses, and with which bytes, is part of
 * what a contract is. Source: Solidity 0.8, "Contract ABI Specification" and the decoder that it compiles.
 */
import type { Hex } from "../../../src/primitives/hex.ts";
import { emptyRevert, PANIC, panic } from "./revert.ts";
import { padded, wordOf } from "./words.ts";

/** Bytes that are read: a call's data behind the selector, or the content of a `bytes`. */
export type Source = {
  /** Hex without `0x`. */
  readonly digits: string;
  readonly sizeBytes: number;
};

/** How values of one type are read and written. */
export type Codec<Value> = {
  /** True when the value stands elsewhere, and its place holds an offset. */
  readonly isDynamic: boolean;
  /** Bytes that it takes where it stands: 32 for a dynamic one. */
  readonly headBytes: number;
  /** Reads the value at a byte. Throws `Revert` as the contract would. */
  readonly decode: (source: Source, at: number) => Value;
  /** Writes the value as hex without `0x`; of a dynamic one, what the offset leads to. */
  readonly encode: (value: Value) => string;
};

/** Offsets and sizes above this are refused without a look: 2 to the power of 64, less 1. */
const LENGTH_MAX = (1n << 64n) - 1n;

/** Most elements of an array for which the decoder can even reserve memory; more are a panic. */
const ELEMENTS_MAX = (1n << 59n) - (1n << 20n);

/** Reads from hex. */
export function sourceOf(bytes: Hex, fromByte = 0): Source {
  const digits = bytes.slice(2 + 2 * fromByte);
  return { digits, sizeBytes: digits.length / 2 };
}

/** An unsigned number of so many bits. */
export function uint(bits: number): Codec<bigint> {
  return ranged(1n << BigInt(bits));
}

/** A number below `count`: how an enum is written. */
export function ranged(count: bigint): Codec<bigint> {
  return value((word) => {
    const number = BigInt(`0x${word}`);
    if (number >= count) throw emptyRevert();
    return number;
  }, wordOf);
}

/** Twenty bytes, in lower case. */
export const ADDRESS: Codec<Hex> = value(
  (word): Hex => {
    if (!word.startsWith("0".repeat(24))) throw emptyRevert();
    return `0x${word.slice(24)}`;
  },
  (address) => address.slice(2).padStart(64, "0"),
);

/** Thirty-two bytes. */
export const BYTES32: Codec<Hex> = value(
  (word): Hex => `0x${word}`,
  (bytes) => bytes.slice(2),
);

/** True or false, and nothing else. */
export const BOOL: Codec<boolean> = value(
  (word) => {
    const number = BigInt(`0x${word}`);
    if (number > 1n) throw emptyRevert();
    return number === 1n;
  },
  (isTrue) => wordOf(isTrue ? 1n : 0n),
);

/** Any number of bytes. */
export const BYTES: Codec<Hex> = {
  isDynamic: true,
  headBytes: 32,
  decode: (source, at) => {
    const size = lengthAt(source, at);
    if (size > LENGTH_MAX - 64n) throw panic(PANIC.memory);
    const from = at + 32;
    if (from + Number(size) > source.sizeBytes) throw emptyRevert();
    return `0x${source.digits.slice(2 * from, 2 * (from + Number(size)))}`;
  },
  encode: (bytes) => wordOf(BigInt(bytes.length / 2 - 1)) + padded(bytes.slice(2)),
};

/** Any number of one type. */
export function array<Value>(element: Codec<Value>): Codec<readonly Value[]> {
  return {
    isDynamic: true,
    headBytes: 32,
    decode: (source, at) => {
      const length = lengthAt(source, at);
      if (length > ELEMENTS_MAX) throw panic(PANIC.memory);
      const from = at + 32;
      const count = Number(length);
      if (from + count * element.headBytes > source.sizeBytes) throw emptyRevert();
      const values: Value[] = [];
      for (let index = 0; index < count; index++) {
        const place = from + index * element.headBytes;
        values.push(
          element.decode(source, element.isDynamic ? follow(source, from, place) : place),
        );
      }
      return values;
    },
    encode: (values) =>
      wordOf(BigInt(values.length)) + joined(values.map((one) => [element, element.encode(one)])),
  };
}

/** A struct, or the arguments of a function: its fields in the order in which they are written. */
export function tuple<Value extends object>(
  fields: {
    readonly [Name in keyof Value]-?: Codec<Value[Name]>;
  },
): Codec<Value> {
  const codecs = Object.entries(fields) as unknown as readonly [keyof Value, Codec<unknown>][];
  const isDynamic = codecs.some(([, codec]) => codec.isDynamic);
  const sizeBytes = codecs.reduce((size, [, codec]) => size + codec.headBytes, 0);
  return {
    isDynamic,
    headBytes: isDynamic ? 32 : sizeBytes,
    decode: (source, at) => {
      if (source.sizeBytes - at < sizeBytes) throw emptyRevert();
      const read: Partial<Record<keyof Value, unknown>> = {};
      let place = at;
      for (const [name, codec] of codecs) {
        read[name] = codec.decode(source, codec.isDynamic ? follow(source, at, place) : place);
        place += codec.headBytes;
      }
      return read as Value;
    },
    encode: (written) =>
      joined(codecs.map(([name, codec]) => [codec, codec.encode(written[name])])),
  };
}

/** Something that is written: its codec's shape, and its digits. */
type Part = readonly [shape: Pick<Codec<never>, "isDynamic" | "headBytes">, digits: string];

/** Writes values one behind the other, those of changing size behind all others. */
function joined(parts: readonly Part[]): string {
  const headBytes = parts.reduce((size, [shape]) => size + shape.headBytes, 0);
  let heads = "";
  let tails = "";
  for (const [{ isDynamic }, digits] of parts) {
    heads += isDynamic ? wordOf(BigInt(headBytes + tails.length / 2)) : digits;
    if (isDynamic) tails += digits;
  }
  return heads + tails;
}

function value<Value>(read: (word: string) => Value, encode: (one: Value) => string): Codec<Value> {
  const decode = (source: Source, at: number): Value => read(wordAt(source, at));
  return { isDynamic: false, headBytes: 32, decode, encode };
}

/** Beyond the end there are zeros. */
function wordAt({ digits }: Source, at: number): string {
  return digits.slice(2 * at, 2 * at + 64).padEnd(64, "0");
}

/** Where the offset at `place` leads, counted from `base`. */
function follow(source: Source, base: number, place: number): number {
  const offset = BigInt(`0x${wordAt(source, place)}`);
  if (offset > LENGTH_MAX) throw emptyRevert();
  return base + Number(offset);
}

function lengthAt(source: Source, at: number): bigint {
  if (at + 31 >= source.sizeBytes) throw emptyRevert();
  const length = BigInt(`0x${wordAt(source, at)}`);
  if (length > LENGTH_MAX) throw panic(PANIC.memory);
  return length;
}
