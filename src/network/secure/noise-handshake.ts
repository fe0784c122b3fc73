/**
 * The handshake Noise_XX_25519_AESGCM_SHA256, as functions over a value. Each side shows its static key only
 * under keys that a listener does not have.
 *
 *     -> e
 *     <- e, ee, s, es
 *     -> s, se
 *
 * Source: The Noise Protocol Framework, revision 34, sections 5.3 and 7.5.
 */
import { assert, assertDefined, unreachable } from "../../primitives/assert.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { TAG_BYTES } from "./cipher-state.ts";
import { KEY_BYTES, type KeyPair, sharedSecret } from "./key-exchange.ts";
import {
  decryptAndHash,
  encryptAndHash,
  mixHash,
  mixKey,
  type SymmetricState,
  splitSymmetric,
  startSymmetric,
} from "./noise-symmetric.ts";

/** The name by which both sides know that they do the same. */
export const NOISE_PROTOCOL = "Noise_XX_25519_AESGCM_SHA256";

/** Who speaks first, or who answers. */
export type NoiseRole = "initiator" | "responder";

type Token = "e" | "s" | "ee" | "es" | "se";

const MESSAGES: readonly (readonly Token[])[] = [["e"], ["e", "ee", "s", "es"], ["s", "se"]];

/** Where a handshake stands. */
export type NoiseState = {
  readonly role: NoiseRole;
  readonly symmetric: SymmetricState;
  readonly staticKey: KeyPair;
  readonly ephemeralKey: KeyPair;
  /** The other side's, once they are known. */
  readonly theirStatic: Uint8Array | undefined;
  readonly theirEphemeral: Uint8Array | undefined;
  /** Messages that were written and read: 0 to 3. */
  readonly messageCount: number;
};

/** What a handshake starts with. Ephemeral keys serve once, which is the caller's word. */
export type NoiseStart = Pick<NoiseState, "role" | "staticKey" | "ephemeralKey"> & {
  /** What both sides must have alike. */
  readonly prologue: Uint8Array;
};

/** The state before the first message. */
export function startNoise({ prologue, ...rest }: NoiseStart): NoiseState {
  const symmetric = startSymmetric(NOISE_PROTOCOL, prologue);
  return { ...rest, symmetric, theirEphemeral: undefined, theirStatic: undefined, messageCount: 0 };
}

/** The next message. Undefined when the other side's key is of low order. */
export type Written = { readonly state: NoiseState; readonly message: Uint8Array };

/** What a message held, and the hash of the handshake before it: what a signature inside it is over. */
export type Read = {
  readonly state: NoiseState;
  readonly payload: Uint8Array;
  readonly hash: Uint8Array;
};

/** Writes the next message. `payloadOf` gets the hash of all that was said and shown up to the payload. */
export function writeNoise(
  start: NoiseState,
  payloadOf: (hash: Uint8Array) => Uint8Array,
): Written | undefined {
  assert(isMyTurn(start, "initiator"), "the two take turns");
  let state = start;
  const parts: Uint8Array[] = [];
  for (const token of tokensOf(start)) {
    const next = writeToken(state, token);
    if (next === undefined) return undefined;
    state = next.state;
    parts.push(next.message);
  }
  const sealed = encryptAndHash(state.symmetric, payloadOf(state.symmetric.hash));
  return {
    state: { ...state, symmetric: sealed.state, messageCount: start.messageCount + 1 },
    message: concatBytes(...parts, sealed.bytes),
  };
}

/** Reads the other side's next message; undefined when it is not one. The state before stays good. */
export function readNoise(start: NoiseState, message: Uint8Array): Read | undefined {
  assert(isMyTurn(start, "responder"), "the two take turns");
  let state = start;
  let rest = message;
  for (const token of tokensOf(start)) {
    const next = readToken(state, token, rest);
    if (next === undefined) return undefined;
    state = next.state;
    rest = next.message;
  }
  const { hash } = state.symmetric;
  const opened = decryptAndHash(state.symmetric, rest);
  if (opened === undefined) return undefined;
  const messageCount = start.messageCount + 1;
  return {
    state: { ...state, symmetric: opened.state, messageCount },
    payload: opened.bytes,
    hash,
  };
}

/** The keys of a handshake that is over: mine to send with, and to receive with. */
export function splitNoise({ messageCount, role, symmetric }: NoiseState): {
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
} {
  assert(messageCount === MESSAGES.length, "all has been said");
  const [first, second] = splitSymmetric(symmetric);
  return role === "initiator"
    ? { sendKey: first, receiveKey: second }
    : { sendKey: second, receiveKey: first };
}

/** Even messages are the initiator's. `writer` is who writes them, seen from the one who asks. */
function isMyTurn({ messageCount, role }: NoiseState, writer: NoiseRole): boolean {
  return (messageCount % 2 === 0) === (role === writer);
}

function tokensOf({ messageCount }: NoiseState): readonly Token[] {
  return assertDefined(MESSAGES[messageCount], "a message that is still to come");
}

function writeToken(state: NoiseState, token: Token): Written | undefined {
  const { ephemeralKey, staticKey, symmetric } = state;
  switch (token) {
    case "e": {
      const { publicKey } = ephemeralKey;
      return { state: { ...state, symmetric: mixHash(symmetric, publicKey) }, message: publicKey };
    }
    case "s": {
      const sealed = encryptAndHash(symmetric, staticKey.publicKey);
      return { state: { ...state, symmetric: sealed.state }, message: sealed.bytes };
    }
    case "ee":
    case "es":
    case "se":
      return agreed(state, token, new Uint8Array());
    default:
      return unreachable(token);
  }
}

/** `message` of the result is what is left to read. */
function readToken(state: NoiseState, token: Token, rest: Uint8Array): Written | undefined {
  switch (token) {
    case "e": {
      if (rest.length < KEY_BYTES) return undefined;
      const theirEphemeral = rest.slice(0, KEY_BYTES);
      const symmetric = mixHash(state.symmetric, theirEphemeral);
      return { state: { ...state, symmetric, theirEphemeral }, message: rest.subarray(KEY_BYTES) };
    }
    case "s": {
      const sizeBytes = KEY_BYTES + TAG_BYTES;
      if (rest.length < sizeBytes) return undefined;
      const opened = decryptAndHash(state.symmetric, rest.subarray(0, sizeBytes));
      if (opened === undefined) return undefined;
      const theirStatic = opened.bytes.slice();
      const next = { ...state, symmetric: opened.state, theirStatic };
      return { state: next, message: rest.subarray(sizeBytes) };
    }
    case "ee":
    case "es":
    case "se":
      return agreed(state, token, rest);
    default:
      return unreachable(token);
  }
}

/** Mixes what two keys make together. The first letter is the initiator's key, the second the responder's. */
function agreed(
  state: NoiseState,
  token: "ee" | "es" | "se",
  message: Uint8Array,
): Written | undefined {
  const [initiators, responders] = token;
  const [mine, theirs] =
    state.role === "initiator" ? [initiators, responders] : [responders, initiators];
  const own = mine === "e" ? state.ephemeralKey : state.staticKey;
  const other = theirs === "e" ? state.theirEphemeral : state.theirStatic;
  const shared = sharedSecret(own, assertDefined(other, "a key that was shown before"));
  if (shared === undefined) return undefined;
  return { state: { ...state, symmetric: mixKey(state.symmetric, shared) }, message };
}
