/** Logs of a busy node, recorded once and read again by every measurement: real events, sizes and batches. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { sha256 } from "../src/crypto/sha256.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { firstHash } from "../src/events/record.ts";
import { assert } from "../src/primitives/assert.ts";
import { concatBytes } from "../src/primitives/bytes.ts";
import { BENCH_LOG_ID } from "./bench-log-id.ts";
import type { SignatureKind } from "./recording-signatures.ts";
import { type RecordedBatch, tellStory } from "./recording-story.ts";

/** Not in the repository: a recording of a million events takes half a minute and 250 MB. */
export const RECORDINGS: string = join(import.meta.dir, ".recordings");

/** Events whose bytes tell whether a recording is still what these sources would record. */
const PROBE_EVENTS = 2_000;

/** Bytes before each stored record in the file: its size, and in the highest bit whether its batch ends. */
const PREFIX_BYTES = 4;
const BATCH_END = 0x8000_0000;

/** Bytes read or written at a time: 4 MiB, so that the calls cost nothing beside the decoding. */
const CHUNK_BYTES = 2 ** 22;

/**
 * The first `length` events of a busy node, in the batches that its engine appended. Records them first
 * where this was not done yet with these layouts; a shorter log is the beginning of a longer one.
 */
export function* recordedBatches(
  length: number,
  kind: SignatureKind = "stand-in",
): Generator<RecordedBatch> {
  let previousHash = firstHash(BENCH_LOG_ID);
  let offset = 0;
  let events: NodeEvent[] = [];
  for (const { endsBatch, stored } of storedIn(recordingOf(length, kind))) {
    const decoded = nodeCodec.decode(previousHash, offset, stored);
    assert(decoded.ok, "a recording is a log in order; delete bench/.recordings if it is not");
    const { event, hash, timeMs } = decoded.value;
    previousHash = hash;
    offset += 1;
    events.push(event);
    if (!endsBatch) continue;
    yield { timeMs, events };
    events = [];
  }
}

/** The same events without their batches, all in memory: about 2 KB each. */
export function recordedEvents(length: number): readonly NodeEvent[] {
  return [...recordedBatches(length)].flatMap(({ events }) => events);
}

/** The path of a recording, which is made if it is not there. */
function recordingOf(length: number, kind: SignatureKind): string {
  const begin = `recorded-${length}-${kind}-`;
  const path = join(RECORDINGS, `${begin}${fingerprint()}`);
  if (existsSync(path)) return path;
  removeOlder(begin);
  const unfinished = `${path}-unfinished-${process.pid}`;
  const file = openSync(unfinished, "w");
  try {
    encodeStory(length, kind, (chunk) => writeSync(file, chunk));
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  return path;
}

/** Makes room for a new file or folder of the recordings: removes those of older programs. */
export function removeOlder(begin: string): void {
  mkdirSync(RECORDINGS, { recursive: true });
  // Somebody else may be making another one at this moment.
  const isOlder = (name: string): boolean =>
    name.startsWith(begin) && !name.includes("-unfinished-");
  const older = readdirSync(RECORDINGS).filter(isOlder);
  for (const name of older) rmSync(join(RECORDINGS, name), { recursive: true, force: true });
}

/** Changes with the story, the rules of the engine and the layouts on disk: a stale recording is never read. */
function fingerprint(): string {
  const chunks: Uint8Array[] = [];
  encodeStory(PROBE_EVENTS, "stand-in", (chunk) => chunks.push(chunk));
  return sha256(concatBytes(...chunks))
    .toHex()
    .slice(0, 16);
}

function encodeStory(
  length: number,
  kind: SignatureKind,
  write: (chunk: Uint8Array) => void,
): void {
  let previousHash = firstHash(BENCH_LOG_ID);
  let offset = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = (): void => {
    write(concatBytes(...waiting));
    waiting = [];
    waitingBytes = 0;
  };
  tellStory(
    length,
    ({ events, timeMs }) => {
      for (const [index, event] of events.entries()) {
        const { record, stored } = nodeCodec.encode({ previousHash, offset, timeMs }, event);
        waiting.push(prefixOf(stored.length, index === events.length - 1), stored);
        waitingBytes += PREFIX_BYTES + stored.length;
        previousHash = record.hash;
        offset += 1;
      }
      if (waitingBytes > CHUNK_BYTES) flush();
    },
    kind,
  );
  flush();
}

function prefixOf(size: number, endsBatch: boolean): Uint8Array {
  const prefix = new Uint8Array(PREFIX_BYTES);
  new DataView(prefix.buffer).setUint32(0, endsBatch ? size + BATCH_END : size);
  return prefix;
}

/** The stored records of a file, each a copy of its own, as a store would give it. */
function* storedIn(
  path: string,
): Generator<{ readonly stored: Uint8Array; readonly endsBatch: boolean }> {
  const file = openSync(path, "r");
  try {
    let rest = new Uint8Array();
    for (;;) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const read = readSync(file, chunk);
      if (read === 0) return;
      const bytes = concatBytes(rest, chunk.subarray(0, read));
      const view = new DataView(bytes.buffer);
      let at = 0;
      while (at + PREFIX_BYTES <= bytes.length) {
        const prefix = view.getUint32(at);
        const end = at + PREFIX_BYTES + (prefix % BATCH_END);
        if (end > bytes.length) break;
        yield { stored: bytes.slice(at + PREFIX_BYTES, end), endsBatch: prefix >= BATCH_END };
        at = end;
      }
      rest = bytes.slice(at);
    }
  } finally {
    closeSync(file);
  }
}
