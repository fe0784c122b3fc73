/** What the two halves of a handshake share: who this node is, and what a finished handshake comes to. */
import type { Address } from "../../crypto/address.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { assertDefined } from "../../primitives/assert.ts";
import { toHex } from "../../primitives/hex.ts";
import { viewOf } from "../../primitives/message-pack-reader.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { FRAME_BYTES_MAX } from "../limits.ts";
import {
  type Agreement,
  agree,
  decodeIntroduction,
  encodeIntroduction,
  type Hello,
  type Introduction,
  isSigned,
  sayHello,
  type Terms,
} from "./introduction.ts";
import { drawKeyPair, type KeyPair } from "./key-exchange.ts";
import {
  type NoiseRole,
  type NoiseState,
  type Read,
  readNoise,
  splitNoise,
  startNoise,
  type Written,
  writeNoise,
} from "./noise-handshake.ts";
import { SECURE_VERSIONS } from "./secure-limits.ts";
import type {
  HandshakeRefusal,
  SecureFault,
  SecureIdentity,
  SecureOptions,
} from "./secure-options.ts";
import { SecureSession } from "./secure-session.ts";

/** What both sides of a handshake must have alike before they speak. */
const PROLOGUE: Uint8Array = new TextEncoder().encode("channels secure transport 1");

/** What a handshake needs of its node. */
export type Handshaker = {
  readonly terms: Terms;
  readonly identity: SecureIdentity;
  /** Drawn when the process started. */
  readonly staticKey: KeyPair;
  readonly clock: Clock;
  readonly random: Random;
  readonly send: (to: Endpoint, frame: Uint8Array) => void;
  readonly isWelcome: (peer: Address) => boolean;
  /** True for an index that some session or handshake has. */
  readonly isIndexTaken: (index: number) => boolean;
  /** Nobody needs the connection with an endpoint for a handshake any more. */
  readonly release: (endpoint: Endpoint) => void;
  readonly report: (fault: SecureFault) => void;
};

/** What the two halves need of the node's whole, and what its options say: a static key is drawn. */
export function handshakerOf(
  {
    adjudicator,
    chainId,
    clock,
    identity,
    profiles,
    random,
    report,
    transport,
    versions = SECURE_VERSIONS,
  }: SecureOptions,
  whole: Pick<Handshaker, "isWelcome" | "isIndexTaken" | "release">,
): Handshaker {
  const { address } = identity;
  return {
    ...whole,
    terms: { versions, profiles, chainId, adjudicator, address, frameBytesMax: FRAME_BYTES_MAX },
    identity,
    staticKey: drawKeyPair(random),
    clock,
    random,
    send: (to, frame) => transport.send(to, frame),
    report: (fault) => report?.(fault),
  };
}

/** A handshake's two ends, as one of them sees them. */
export type Ends = {
  readonly endpoint: Endpoint;
  readonly myIndex: number;
  readonly peerIndex: number;
};

/** Starts one half. */
export function begin(
  { staticKey }: Handshaker,
  role: NoiseRole,
  ephemeralKey: KeyPair,
): NoiseState {
  return startNoise({ role, staticKey, ephemeralKey, prologue: PROLOGUE });
}

/** Writes a message in which this node introduces itself. */
export function writeHello(
  { identity, terms }: Handshaker,
  state: NoiseState,
): Written | undefined {
  const { role } = state;
  return writeNoise(state, (hash) => encodeIntroduction(sayHello(terms, { role, hash }, identity)));
}

/** Writes a message in which this node says nothing but why it will not go on. */
export function writeRefusal(state: NoiseState, code: HandshakeRefusal): Written | undefined {
  return writeNoise(state, () => encodeIntroduction({ type: "Refused", code }));
}

/** A message with the introduction that it holds; undefined when anything about it is wrong. */
export function readIntroduction(
  state: NoiseState,
  message: Uint8Array,
): (Read & { readonly introduction: Introduction | undefined }) | undefined {
  const read = readNoise(state, message);
  return read && { ...read, introduction: decodeIntroduction(read.payload) };
}

/** Whether this node works with the one that introduces itself. `hash` is of the handshake before it did. */
export function judge(
  { isWelcome, terms }: Handshaker,
  hello: Hello,
  { role, hash }: { readonly role: NoiseRole; readonly hash: Uint8Array },
): Result<Agreement, { readonly code: HandshakeRefusal }> {
  const agreement = agree(terms, hello);
  if (!agreement.ok) return agreement;
  if (!isSigned(hello, role, hash)) return reject({ code: "SignatureWrong" });
  if (!isWelcome(hello.address)) return reject({ code: "NotWelcome" });
  return accept(agreement.value);
}

/** The session of a handshake in which all has been said. */
export function sessionOf(
  { clock }: Handshaker,
  state: NoiseState,
  who: Ends & { readonly peer: Address; readonly agreement: Agreement },
): SecureSession {
  return new SecureSession({
    ...who,
    ...splitNoise(state),
    isInitiator: state.role === "initiator",
    peerStatic: toHex(assertDefined(state.theirStatic, "the key that was shown")),
    startedMs: clock.nowMs(),
  });
}

/** An index that nothing else here has. */
export function drawIndex({ isIndexTaken, random }: Handshaker): number {
  const index = viewOf(random.bytes(4)).getUint32(0);
  return isIndexTaken(index) ? drawIndex({ isIndexTaken, random } as Handshaker) : index;
}

/** A refusal of the other side, or its goodbye, by a word of this program: what it wrote may be anything. */
export function knownCode(code: string): string {
  return KNOWN_CODES.has(code) ? code : "Unknown";
}

const KNOWN_CODES: ReadonlySet<string> = new Set<HandshakeRefusal | "Misbehaved" | "Left">([
  "VersionUnknown",
  "OtherChain",
  "OtherAdjudicator",
  "NoCommonProfile",
  "NotWelcome",
  "SignatureWrong",
  "HandshakeMalformed",
  "WrongPeer",
  "TalksToItself",
  "Misbehaved",
  "Left",
]);
