/** Who a node is on libp2p: the key of its channels, so that a peer id proves an address. */
import { privateKeyFromRaw } from "@libp2p/crypto/keys";
import type { PeerId, PrivateKey } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type Hex, toHex } from "../primitives/hex.ts";

/** The key, and what is computed with it and with those of others. */
export type Libp2pIdentity = {
  /** The secp256k1 secret that signs for this node's channels, 32 bytes. */
  readonly privateKey: Uint8Array;
  readonly keccak256: (bytes: Uint8Array) => Uint8Array;
  /** Signs 32 bytes as they are, never ones that a peer chose: r, s and v (27 or 28), 65 bytes. */
  readonly signDigest: (digest: Hex) => Hex;
  /** The address, in lower case, that made such a signature; undefined when nobody did. */
  readonly recoverDigestSigner: (digest: Hex, signature: Hex) => Hex | undefined;
};

/** The key as libp2p wants it. */
export function libp2pKeyOf({ privateKey }: Libp2pIdentity): PrivateKey {
  return privateKeyFromRaw(privateKey);
}

/** Bytes of an address: the end of a hash of the public key. */
const ADDRESS_BYTES = 20;

/** The address, in lower case, that a peer id stands for; undefined when its key is of another kind. */
export function addressOfPeer(
  peerId: PeerId,
  { keccak256 }: Pick<Libp2pIdentity, "keccak256">,
): Hex | undefined {
  if (peerId.type !== "secp256k1") return undefined;
  const point = secp256k1.Point.fromBytes(peerId.publicKey.raw).toBytes(false);
  // The first byte says that both coordinates follow.
  return toHex(keccak256(point.subarray(1)).subarray(-ADDRESS_BYTES));
}

/** A hexadecimal digit of the hash from which on the letter at its place is a capital. Source: EIP-55. */
const CAPITAL_FROM = 8;

/** The address in the capitals that check it. Source: EIP-55. */
export function withChecksum(address: Hex, { keccak256 }: Pick<Libp2pIdentity, "keccak256">): Hex {
  const digits = address.slice(2).toLowerCase();
  const hash = toHex(keccak256(new TextEncoder().encode(digits))).slice(2);
  const capitals = [...digits].map((digit, index) =>
    Number.parseInt(hash.charAt(index), 16) >= CAPITAL_FROM ? digit.toUpperCase() : digit,
  );
  return `0x${capitals.join("")}`;
}

/** Longest text that is read as a peer id: that of an RSA key is half as long. */
const PEER_ID_LENGTH_MAX = 128;

/** Reads a peer id; undefined when the text is none. */
export function parsePeerId(text: string): PeerId | undefined {
  if (text.length > PEER_ID_LENGTH_MAX) return undefined;
  try {
    return peerIdFromString(text);
  } catch {
    // The library throws whatever its decoders throw; to us it is no peer id.
    return undefined;
  }
}
