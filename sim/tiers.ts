/** What a run shows on every chain alike: its trace with the names of blocks replaced by their numbers. */
import type { RecordHash } from "../src/events/record.ts";
import { decodeFrame, encodeFrame } from "../src/network/frame.ts";
import { readSecureFrame } from "../src/network/secure/secure-frame.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { fromHex, type Hex, toHex } from "../src/primitives/hex.ts";
import type { TraceEntry } from "./trace.ts";

/**
 * The entries of a trace without what the tiers cannot agree on. A block's hash covers parts of its
 * header that no contract and no node reads, and the tiers fill those differently. Hashes of records
 * follow from the events, which stay, so they are left out; in the heads of logs that nodes tell each other,
 * the length takes the place of the hash, and in the digest of a snapshot, which holds such heads, as well. Of a
 * frame that is sealed, and may hold such a head, its beginning and its size stay.
 */
export function withoutBlockHashes(entries: readonly TraceEntry[]): readonly TraceEntry[] {
  const numbers = new Map<string, Hex>();
  for (const entry of entries) {
    if (entry.type === "Block") numbers.set(entry.hash, numberAsHash(entry.number));
  }
  return entries.map((entry): TraceEntry => {
    if (entry.type === "Block") return { ...entry, hash: numberAsHash(entry.number) };
    if (entry.type === "Frame") return { ...entry, bytes: replaceHead(entry.bytes) };
    if (entry.type !== "Event") return entry;
    return { ...entry, record: "0x", event: replaceHashes(entry.event, numbers) };
  });
}

/**
 * The entries of a trace without the gas that calls used. The model counts it by a table, so a trace of its is
 * like that of the other tiers in all but this.
 */
export function withoutGas(entries: readonly TraceEntry[]): readonly TraceEntry[] {
  return entries.map((entry): TraceEntry => {
    if (entry.type === "Block") return { ...entry, gasUsed: 0 };
    if (entry.type !== "Event") return entry;
    return { ...entry, event: entry.event.replace(GAS_USED, '"gasUsed":0') };
  });
}

/** As long as a hash, so that the text of an event keeps its form. */
function numberAsHash(number: number): Hex {
  return `0x${number.toString(16).padStart(64, "0")}`;
}

/** A block is named with its number; one from before the run is in no trace. */
const BLOCK_HASH = /(?:"blockNumber":(\d+),)?"blockHash":"(0x[0-9a-f]{64})"/g;

const HEAD = /"head":\{"length":(\d+),"hash":"(0x[0-9a-f]{64})"\}/g;

const DIGEST = /"length":(\d+),"digest":"(0x[0-9a-f]{64})"/g;

const GAS_USED = /"gasUsed":"?\d+n?"?/g;

function replaceHashes(event: string, numbers: ReadonlyMap<string, Hex>): string {
  return event
    .replace(BLOCK_HASH, (all, number: string | undefined, hash: string) => {
      const named = number === undefined ? hash : numberAsHash(Number(number));
      return all.replace(hash, numbers.get(hash) ?? named);
    })
    .replace(DIGEST, (all, length: string, digest: string) =>
      all.replace(digest, numberAsHash(Number(length))),
    )
    .replace(HEAD, (all, length: string, hash: string) =>
      all.replace(hash, numberAsHash(Number(length))),
    );
}

function replaceHead(bytes: Hex): Hex {
  const secure = readSecureFrame(fromHex(bytes));
  if (secure.ok && secure.value.type === "Sealed") {
    const { head, sealed } = secure.value;
    return toHex(concatBytes(head, new Uint8Array(sealed.length)));
  }
  const frame = decodeFrame(fromHex(bytes));
  if (!frame.ok || !("head" in frame.value) || frame.value.head === undefined) return bytes;
  const { length } = frame.value.head;
  const head = { length, hash: numberAsHash(length) as RecordHash };
  return toHex(encodeFrame({ ...frame.value, head }));
}
