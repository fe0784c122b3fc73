/** A digest over a set of entities that is kept up by what comes and goes, whatever its size. */
import { sha256 } from "../crypto/sha256.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import type { EntityName } from "./snapshot-keys.ts";

/**
 * The number of entities, and the sum of their SHA-256 modulo 2^256, as 32 bytes. It finds whatever goes
 * wrong by itself. Against somebody who makes up entities it is weak (sums can be forged, Wagner 2002):
 * a replay of the log is what proves a state.
 */
export type SetDigest = { readonly count: number; readonly sum: Hex };

/** The digest of no entities. */
export const EMPTY_SET: SetDigest = { count: 0, sum: `0x${"00".repeat(32)}` };

/** Words of a sum: 8 of 32 bits. */
const WORDS = 8;

const WORD = 0x1_0000_0000;

/** Bytes of a character in UTF-8. */
const BYTES_PER_CHARACTER_MAX = 3;

/** Bytes of the first buffer: most entities fit. */
const FIRST_SIZE_BYTES = 4_096;

const encoder = new TextEncoder();

/**
 * Changes after which words are brought back into their range: 2^20. A word that left it by as many times
 * 2^32 is below 2^53, up to which integers are exact.
 */
const CHANGES_MAX: number = 2 ** 20;

/** A digest in the making. */
export class SetSum {
  readonly #words: Float64Array;
  #count: number;
  readonly #changesMax: number;
  #changes = 0;
  #scratch = new Uint8Array(FIRST_SIZE_BYTES);

  constructor({ count, sum }: SetDigest, changesMax: number = CHANGES_MAX) {
    this.#changesMax = changesMax;
    this.#count = count;
    this.#words = new Float64Array(WORDS);
    this.#put(Uint8Array.fromHex(sum.slice(2)));
  }

  /** Takes an entity in. */
  add(entity: EntityName, encoded: Uint8Array): void {
    this.#change(entity, encoded, 1);
  }

  /** Takes an entity out that was in. */
  remove(entity: EntityName, encoded: Uint8Array): void {
    this.#change(entity, encoded, -1);
  }

  /** Table, key, a zero byte and the entity. The zero ends the key: no two entities make the same bytes. */
  #joined(table: number, key: string, encoded: Uint8Array): Uint8Array {
    const sizeBytesMax = 2 + BYTES_PER_CHARACTER_MAX * key.length + encoded.length;
    if (this.#scratch.length < sizeBytesMax) this.#scratch = new Uint8Array(2 * sizeBytesMax);
    const scratch = this.#scratch;
    scratch[0] = table;
    const { written } = encoder.encodeInto(key, scratch.subarray(1));
    scratch[written + 1] = 0;
    scratch.set(encoded, written + 2);
    return scratch.subarray(0, written + 2 + encoded.length);
  }

  /** The digest of all that is in. */
  read(): SetDigest {
    return { count: this.#count, sum: toHex(this.#inRange()) };
  }

  #put(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let at = 0; at < WORDS; at += 1) this.#words[at] = view.getUint32(4 * at);
  }

  /** The sum with every word in its range. */
  #inRange(): Uint8Array {
    const bytes = new Uint8Array(4 * WORDS);
    const view = new DataView(bytes.buffer);
    let carry = 0;
    for (let at = WORDS - 1; at >= 0; at -= 1) {
      const total = (this.#words[at] ?? 0) + carry;
      carry = Math.floor(total / WORD);
      view.setUint32(4 * at, total - carry * WORD);
    }
    return bytes;
  }

  #change({ key, table }: EntityName, encoded: Uint8Array, sign: 1 | -1): void {
    const hash = sha256(this.#joined(table, key, encoded));
    const view = new DataView(hash.buffer, hash.byteOffset);
    for (let at = 0; at < WORDS; at += 1) {
      this.#words[at] = (this.#words[at] ?? 0) + sign * view.getUint32(4 * at);
    }
    this.#count += sign;
    this.#changes += 1;
    if (this.#changes % this.#changesMax === 0) this.#put(this.#inRange());
  }
}
