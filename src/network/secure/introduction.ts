/**
 * How the two sides of a handshake introduce themselves, sealed inside messages 2 and 3: what they speak, on
 * which chain, and by which channel key, which signs this very handshake.
 */
import type { Profile } from "../../channel/channel-use.ts";
import type { Address } from "../../crypto/address.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import type { Hash, Signature } from "../../crypto/signature.ts";
import { signatureBackend } from "../../crypto/signatures.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { toHex } from "../../primitives/hex.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import {
  decode,
  encode,
  fixedBytes,
  type Schema,
  text,
  uint,
  uint256,
} from "../../primitives/schema.ts";
import { list, record, union } from "../../primitives/schema-composite.ts";
import { FRAME_BYTES_MAX } from "../limits.ts";
import type { NoiseRole } from "./noise-handshake.ts";
import type { HandshakeRefusal, SecureIdentity } from "./secure-options.ts";

/** What a node says of itself. */
export type Terms = {
  /** Versions of the secure transport and the session that it speaks. */
  readonly versions: readonly number[];
  /** Profiles that it speaks, some of which this program may not know. */
  readonly profiles: readonly string[];
  readonly chainId: bigint;
  readonly adjudicator: Address;
  /** Of its channel key. */
  readonly address: Address;
  /** Largest frame that it takes from a session. */
  readonly frameBytesMax: number;
};

/** What stands inside message 2, and inside message 3 when message 2 was to the liking of its reader. */
export type Hello = { readonly type: "Hello"; readonly signature: Signature } & Terms;

/** What may stand inside a message of a handshake. */
export type Introduction = Hello | { readonly type: "Refused"; readonly code: string };

/** What two nodes have agreed on. */
export type Agreement = {
  readonly version: number;
  readonly profiles: readonly Profile[];
  readonly frameBytesMax: number;
};

/** Bytes of a word: a profile or a code. */
export const WORD_BYTES_MAX = 32;

/** Versions and profiles that one may name: enough for years, few enough for a small frame. */
const WORDS_MAX = 8;

/**
 * Keeps the signature from meaning anything elsewhere: no transaction and no personal message begins with this
 * text, and no contract asks for digests of such.
 */
const DOMAIN: Uint8Array = new TextEncoder().encode("channels secure transport 1: I am ");

const word = text(WORD_BYTES_MAX);

const terms = {
  versions: list(uint(255), WORDS_MAX),
  profiles: list(word, WORDS_MAX),
  chainId: uint256,
  adjudicator: fixedBytes<Address>(20),
  address: fixedBytes<Address>(20),
  frameBytesMax: uint(2 ** 32 - 1),
};

const termsSchema: Schema<Terms> = record<Terms>(terms);

/** A case's number stays for ever, and so does the layout of `Hello`: versions are negotiated inside it. */
const schema: Schema<Introduction> = union("type", {
  Hello: [1, record({ ...terms, signature: fixedBytes<Signature>(65) })],
  Refused: [2, record({ code: word })],
});

/** Writes an introduction. */
export function encodeIntroduction(introduction: Introduction): Uint8Array {
  return encode(schema, introduction);
}

/** Reads an introduction of somebody; undefined when it is none. */
export function decodeIntroduction(bytes: Uint8Array): Introduction | undefined {
  const decoded = decode(schema, bytes);
  return decoded.ok ? decoded.value : undefined;
}

/** Introduces this node: the channel key signs the role, all terms, and the hash of the handshake so far. */
export function sayHello(
  mine: Terms,
  { role, hash }: { readonly role: NoiseRole; readonly hash: Uint8Array },
  { signDigest }: SecureIdentity,
): Hello {
  return { type: "Hello", ...mine, signature: signDigest(digestOf(mine, role, hash)) };
}

/** True when the channel key that a hello names has signed it, in this role, for this handshake. */
export function isSigned(hello: Hello, role: NoiseRole, hash: Uint8Array): boolean {
  const digest = digestOf(hello, role, hash);
  return signatureBackend.recoverDigestSigner(digest, hello.signature) === hello.address;
}

/** What two nodes have in common, or why they cannot work together. */
export function agree(mine: Terms, theirs: Terms): Result<Agreement, { code: HandshakeRefusal }> {
  const versions = mine.versions.filter((version) => theirs.versions.includes(version));
  const profiles = mine.profiles.filter((profile) => theirs.profiles.includes(profile));
  if (versions.length === 0) return reject({ code: "VersionUnknown" });
  if (theirs.chainId !== mine.chainId) return reject({ code: "OtherChain" });
  if (theirs.adjudicator !== mine.adjudicator) return reject({ code: "OtherAdjudicator" });
  if (profiles.length === 0) return reject({ code: "NoCommonProfile" });
  if (theirs.address === mine.address) return reject({ code: "TalksToItself" });
  return accept({
    version: Math.max(...versions),
    profiles: profiles as readonly Profile[],
    frameBytesMax: Math.min(theirs.frameBytesMax, FRAME_BYTES_MAX),
  });
}

/** A code, as it stands in a sealed frame. */
export function encodeWord(code: string): Uint8Array {
  return new TextEncoder().encode(code);
}

/** A code that a peer wrote: any text at all, but short. */
export function wordOf(plain: Uint8Array): string {
  return new TextDecoder().decode(plain.subarray(0, WORD_BYTES_MAX));
}

/** Everything before the two hashes has a length of its own or one for both roles, so no two say the same. */
function digestOf(
  { signature: _, type: __, ...said }: Terms & Partial<Hello>,
  role: NoiseRole,
  hash: Uint8Array,
): Hash {
  const roleBytes = Uint8Array.of(role === "initiator" ? 1 : 2);
  const termsHash = keccak256(encode(termsSchema, said));
  return toHex(keccak256(concatBytes(DOMAIN, roleBytes, hash, termsHash))) as Hash;
}
