/** AES-256-GCM as Noise numbers it: a key, and a nonce that is a counter. Source: Noise 34, section 12.4. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { assert } from "../../primitives/assert.ts";

/** Bytes that sealing adds: the tag. */
export const TAG_BYTES = 16;

const NONCE_BYTES = 12;

/** Where the counter stands in the nonce, after four zero bytes. */
const COUNTER_OFFSET = 4;

/** Numbers of 32 bits. */
const WORD: number = 2 ** 32;

/** Written anew for each frame: the cipher copies it. */
const nonce = new Uint8Array(NONCE_BYTES);
const nonceView = new DataView(nonce.buffer);

/** Seals into new bytes: ciphertext, then tag. A counter serves once per key, which is the caller's word. */
export function seal(
  key: Uint8Array,
  counter: number,
  head: Uint8Array,
  plain: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const sealed = new Uint8Array(plain.length + TAG_BYTES);
  sealInto(sealed, 0, { key, counter, head, plain });
  return sealed;
}

/** What is sealed, and by what. `head` is authenticated and not hidden. */
export type Sealing = {
  readonly key: Uint8Array;
  readonly counter: number;
  readonly head: Uint8Array;
  readonly plain: Uint8Array;
};

/** Seals into `target`, from `offset` on. */
export function sealInto(
  target: Uint8Array,
  offset: number,
  { counter, head, key, plain }: Sealing,
): void {
  const cipher = createCipheriv("aes-256-gcm", key, nonceOf(counter));
  cipher.setAAD(head);
  target.set(cipher.update(plain), offset);
  // GCM is a stream: all has come out before the end.
  cipher.final();
  target.set(cipher.getAuthTag(), offset + plain.length);
}

/** Opens what `seal` made; undefined when anybody changed anything, or the key or the counter is another. */
export function open(
  key: Uint8Array,
  counter: number,
  head: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(counter));
  decipher.setAAD(head);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
    return plain;
  } catch {
    // The tag is wrong. What was deciphered is nobody's word, and nobody sees it.
    return undefined;
  }
}

function nonceOf(counter: number): Uint8Array {
  assert(Number.isSafeInteger(counter) && counter >= 0, "a counter is a whole number");
  writeCounter(nonceView, COUNTER_OFFSET, counter);
  return nonce;
}

/** Writes a counter as 8 bytes, the highest first. */
export function writeCounter(view: DataView, offset: number, counter: number): void {
  view.setUint32(offset, Math.floor(counter / WORD));
  view.setUint32(offset + 4, counter % WORD);
}

/** Reads what `writeCounter` wrote; beyond 2^53 not to the last digit. */
export function readCounter(view: DataView, offset: number): number {
  return view.getUint32(offset) * WORD + view.getUint32(offset + 4);
}
