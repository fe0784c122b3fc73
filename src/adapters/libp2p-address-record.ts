/**
 * The record by which a node says, in the table that all nodes share, which peer id belongs to its address.
 *
 * Source: go-nitro, p2p-message-service, `dht-record.go`. Its nodes and ours read each other's records. Theirs never
 * compare the address of a signature with the address that the record speaks of, so that anybody could speak for
 * anybody; here a record stands only under the address that signed it, and only for a day.
 */
import { createHash } from "node:crypto";
import type { PeerId } from "@libp2p/interface";
import type { Clock } from "../ports/clock.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import { type Libp2pIdentity, libp2pKeyOf, parsePeerId, withChecksum } from "./libp2p-identity.ts";
import type { RecordRules } from "./libp2p-node.ts";

/** What a record says. */
export type AddressRecord = {
  /** In lower case. */
  readonly address: Hex;
  readonly peerId: PeerId;
  /** Seconds since 1970-01-01 UTC. */
  readonly timestampSec: number;
};

/** The kind of these records. */
const NAMESPACE = "scaddr";

/** Ten minutes: no clock that is set at all is further ahead. */
const FUTURE_SEC_MAX = 600;

/** 24 hours. Source: go-nitro, which publishes again every four. */
const AGE_SEC_MAX = 86_400;

/** A record has about 400 bytes. */
const RECORD_SIZE_MAX = 1_024;

/** Characters of an address and of a peer id: no JSON writes them in two ways. */
const PLAIN = /^[0-9A-Za-z]{1,128}$/;

type Signed = {
  readonly data: {
    readonly SCAddr: string;
    readonly PeerID: string;
    readonly Timestamp: number;
  };
  readonly peerIdSignature: Uint8Array;
  readonly addressSignature: Hex;
};

/** Where the record of an address stands. */
export function recordKeyOf(identity: Libp2pIdentity, address: Hex): Uint8Array {
  return new TextEncoder().encode(`/${NAMESPACE}/${withChecksum(address, identity)}`);
}

/** Writes the record of this node, signed by both of the keys that it speaks of. */
export async function makeAddressRecord(
  identity: Libp2pIdentity,
  { address, peerId, timestampSec }: AddressRecord,
): Promise<Uint8Array> {
  const SCAddr = withChecksum(address, identity);
  const data = { SCAddr, PeerID: peerId.toString(), Timestamp: timestampSec };
  const bytes = bytesOf(data);
  const text = JSON.stringify({
    Data: data,
    PeerIdSig: toBase64(await libp2pKeyOf(identity).sign(bytes)),
    SCAddrSig: toBase64(withoutOffset(fromHex(identity.signDigest(digestOf(bytes))))),
  });
  return new TextEncoder().encode(text);
}

/** Reads the record under a key; undefined when it may not stand there now. */
export async function readAddressRecord(
  identity: Libp2pIdentity,
  key: Uint8Array,
  value: Uint8Array,
  nowMs: number,
): Promise<AddressRecord | undefined> {
  const signed = parseSigned(value);
  if (signed === undefined) return undefined;
  const { PeerID, Timestamp: timestampSec } = signed.data;
  const bytes = bytesOf(signed.data);
  const address = identity.recoverDigestSigner(digestOf(bytes), signed.addressSignature);
  if (address === undefined || withChecksum(address, identity) !== signed.data.SCAddr) {
    return undefined;
  }
  if (!equal(key, recordKeyOf(identity, address)) || !isTimely(timestampSec, nowMs)) {
    return undefined;
  }
  const peerId = parsePeerId(PeerID);
  if (peerId === undefined || !(await hasSigned(peerId, bytes, signed.peerIdSignature))) {
    return undefined;
  }
  return { address, peerId, timestampSec };
}

/** What the table asks before it keeps a record, and when it finds several. */
export function addressRecordRules(identity: Libp2pIdentity, { nowMs }: Clock): RecordRules {
  return {
    namespace: NAMESPACE,
    validate: async (key, value) => {
      const record = await readAddressRecord(identity, key, value, nowMs());
      if (record === undefined) throw new Error("the record may not stand under its key");
    },
    select: (_, values) => newestOf(values, nowMs()),
  };
}

/** The place of the newest value among values that were checked; of those too new, none counts. */
function newestOf(values: readonly Uint8Array[], nowMs: number): number {
  const times = values.map((value) => {
    const timestampSec = parseSigned(value)?.data.Timestamp ?? Number.NEGATIVE_INFINITY;
    return isTimely(timestampSec, nowMs) ? timestampSec : Number.NEGATIVE_INFINITY;
  });
  return times.indexOf(times.reduce((newest, time) => Math.max(newest, time)));
}

function isTimely(timestampSec: number, nowMs: number): boolean {
  const ageSec = nowMs / 1_000 - timestampSec;
  return ageSec >= -FUTURE_SEC_MAX && ageSec <= AGE_SEC_MAX;
}

async function hasSigned(
  { publicKey }: PeerId,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    return (await publicKey?.verify(bytes, signature)) ?? false;
  } catch {
    // The library throws where the signature has not even the form of one.
    return false;
  }
}

function parseSigned(value: Uint8Array): Signed | undefined {
  if (value.length > RECORD_SIZE_MAX) return undefined;
  const record = fieldsOf(parseJson(value));
  const data = fieldsOf(record["Data"]);
  const [SCAddr, PeerID, Timestamp] = [data["SCAddr"], data["PeerID"], data["Timestamp"]];
  const [peerIdSignature, addressSignature] = [record["PeerIdSig"], record["SCAddrSig"]];
  if (!isPlain(SCAddr) || !isPlain(PeerID) || !isTime(Timestamp)) return undefined;
  if (typeof peerIdSignature !== "string" || typeof addressSignature !== "string") return undefined;
  return {
    data: { SCAddr, PeerID, Timestamp },
    peerIdSignature: Buffer.from(peerIdSignature, "base64"),
    addressSignature: toHex(withOffset(Buffer.from(addressSignature, "base64"))),
  };
}

function parseJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(value));
  } catch {
    // Not JSON: it has no fields.
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isPlain(value: unknown): value is string {
  return typeof value === "string" && PLAIN.test(value);
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The bytes that are signed: the fields in this order, without spaces, as Go writes them. */
function bytesOf({ SCAddr, PeerID, Timestamp }: Signed["data"]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ SCAddr, PeerID, Timestamp }));
}

function digestOf(bytes: Uint8Array): Hex {
  return toHex(createHash("sha256").update(bytes).digest());
}

/** What the last byte of a signature is above go-ethereum's: 27 or 28 here, 0 or 1 there. */
const V_OFFSET = 27;

function withoutOffset(signature: Uint8Array): Uint8Array {
  const [last = 0] = signature.subarray(-1);
  return Uint8Array.of(...signature.subarray(0, -1), last - V_OFFSET);
}

/** A last byte that was never 0 or 1 becomes one that no signature has. */
function withOffset(signature: Uint8Array): Uint8Array {
  const [last = 0] = signature.subarray(-1);
  return Uint8Array.of(...signature.subarray(0, -1), last <= 1 ? last + V_OFFSET : 0);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
