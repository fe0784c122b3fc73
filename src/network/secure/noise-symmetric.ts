/** What a Noise handshake mixes as it goes: chaining key, hash and key, as a value. Source: Noise 34, section 5.2. */
import { createHmac } from "node:crypto";
import { sha256 } from "../../crypto/sha256.ts";
import { assert } from "../../primitives/assert.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { open, seal } from "./cipher-state.ts";

const HASH_BYTES = 32;
const EMPTY: Uint8Array = new Uint8Array();

/** Where the mixing stands. Values: a message that does not open leaves the handshake as it was. */
export type SymmetricState = {
  readonly chainingKey: Uint8Array;
  readonly hash: Uint8Array;
  /** Undefined until two keys have met: until then everything is in the clear. */
  readonly key: Uint8Array | undefined;
  readonly counter: number;
};

/** The start, by the name of the protocol, of at most 32 bytes, and what both must agree on before. */
export function startSymmetric(protocolName: string, prologue: Uint8Array): SymmetricState {
  const name = new TextEncoder().encode(protocolName);
  assert(name.length <= HASH_BYTES, "a longer name would be hashed");
  const hash = new Uint8Array(HASH_BYTES);
  hash.set(name);
  return mixHash({ chainingKey: hash, hash, key: undefined, counter: 0 }, prologue);
}

/** Takes what both have seen into the hash. */
export function mixHash(state: SymmetricState, seen: Uint8Array): SymmetricState {
  return { ...state, hash: sha256(concatBytes(state.hash, seen)) };
}

/** Takes what only the two know into the key. */
export function mixKey(state: SymmetricState, secret: Uint8Array): SymmetricState {
  const [chainingKey, key] = deriveTwo(state.chainingKey, secret);
  return { ...state, chainingKey, key, counter: 0 };
}

/** A state, and the bytes that came out on the way to it. */
export type Mixed = { readonly state: SymmetricState; readonly bytes: Uint8Array };

/** Seals, where there is a key already, and takes the result into the hash. */
export function encryptAndHash(state: SymmetricState, plain: Uint8Array): Mixed {
  const { counter, hash, key } = state;
  const bytes = key === undefined ? plain : seal(key, counter, hash, plain);
  return { state: { ...mixHash(state, bytes), counter: counter + 1 }, bytes };
}

/** Opens what `encryptAndHash` made; undefined when it is not that. */
export function decryptAndHash(state: SymmetricState, sealed: Uint8Array): Mixed | undefined {
  const { counter, hash, key } = state;
  const bytes = key === undefined ? sealed : open(key, counter, hash, sealed);
  if (bytes === undefined) return undefined;
  return { state: { ...mixHash(state, sealed), counter: counter + 1 }, bytes };
}

/** The keys of the two directions, that of the initiator first. */
export function splitSymmetric({ chainingKey }: SymmetricState): readonly [Uint8Array, Uint8Array] {
  return deriveTwo(chainingKey, EMPTY);
}

/** HKDF with two outputs. Source: Noise 34, section 4.3; RFC 5869. */
function deriveTwo(chainingKey: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array] {
  const temporary = hmac(chainingKey, input);
  const first = hmac(temporary, Uint8Array.of(1));
  const second = hmac(temporary, concatBytes(first, Uint8Array.of(2)));
  return [first, second];
}

function hmac(key: Uint8Array, input: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(input).digest());
}
