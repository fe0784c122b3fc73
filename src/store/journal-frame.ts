/** The frames of the journal: what one commit writes, and how it is found again after a crash. */
import { sha256 } from "../crypto/sha256.ts";
import { HASH_SIZE_BYTES, LOG_ID_SIZE_BYTES, type RecordHash } from "../events/record.ts";
import { RUN_ENTRY_BYTES } from "../events/record-run.ts";
import { assert } from "../primitives/assert.ts";
import { toHex } from "../primitives/hex.ts";

/*
 * A frame, numbers with the highest byte first:
 *
 *   offset  bytes
 *        0      4  magic
 *        4      8  offset of the first record
 *       12      4  number of records
 *       16      4  bytes of the packed run
 *       20     32  hash of the record before the first
 *       52     32  hash of the last record
 *       84      8  check: the first bytes of
 *                  SHA-256(domain, id of the log, base, position in 8 bytes, bytes 0 to 83)
 *       92      n  the packed run of the records
 *   92 + n      8  zeros, where the next frame will begin
 *
 * The check vouches for the header alone. The header holds both ends of the chain, and the chain vouches for
 * the run: a frame is whole when hashing along its run leads from the one to the other.
 *
 * The base is the hash with which the log ended when the journal was begun anew: the first frame has it in
 * its header. It keeps out frames that were left from before, and those that somebody puts into an event for
 * us to find one day: nobody knows a hash, or where his event will lie, before we have written it.
 */

/** The journal of one log, since it was begun anew. */
export type JournalPlace = {
  readonly logId: Uint8Array;
  /** The end of the log when that was. */
  readonly base: RecordHash;
};

/** The header of a frame that was found. Its run is not checked yet. */
export type Frame = {
  /** Where it begins in the journal. */
  readonly position: number;
  /** Where the next one begins. */
  readonly endPosition: number;
  readonly firstOffset: number;
  readonly count: number;
  readonly previousHash: RecordHash;
  readonly endHash: RecordHash;
  /** A view of the journal; shorter than it was when the journal ends in it. */
  readonly run: Uint8Array;
};

/** What a frame is made of. */
export type FrameContent = {
  readonly firstOffset: number;
  readonly count: number;
  /** The packed run: it begins with the hash before its records, and ends with the last of theirs. */
  readonly run: Uint8Array;
};

/** The first bytes of a frame: `CHF2`, of the second format of the log. */
const MAGIC: Uint8Array = Uint8Array.of(0x43, 0x48, 0x46, 0x32);

const FIRST_OFFSET_AT = 4;
const COUNT_AT = 12;
const RUN_SIZE_AT = 16;
const PREVIOUS_HASH_AT = 20;
const END_HASH_AT = PREVIOUS_HASH_AT + HASH_SIZE_BYTES;
const CHECK_AT = END_HASH_AT + HASH_SIZE_BYTES;
const CHECK_SIZE_BYTES = 8;

/** Bytes of a frame in front of its run. */
export const FRAME_HEADER_SIZE_BYTES: number = CHECK_AT + CHECK_SIZE_BYTES;

/** Bytes of zeros behind a frame: what lies there from earlier is no frame any more. */
export const TERMINATOR_SIZE_BYTES = 8;

/** Put in front of what the check hashes, so that it is no other hash of the project. */
const CHECK_DOMAIN: Uint8Array = new TextEncoder().encode("channels frame 2\n");

/** Bytes of a new buffer: most frames fit without growing. */
const FIRST_BUFFER_SIZE_BYTES = 4096;

/** Where the parts of what the check hashes stand. */
const CHECKED_ID_AT: number = CHECK_DOMAIN.length;
const CHECKED_BASE_AT: number = CHECKED_ID_AT + LOG_ID_SIZE_BYTES;
const CHECKED_POSITION_AT: number = CHECKED_BASE_AT + HASH_SIZE_BYTES;
const CHECKED_HEADER_AT: number = CHECKED_POSITION_AT + 8;

/** A buffer that frames are written in, one after the other. What the check hashes stands in front of the frame. */
export class FrameWriter {
  readonly #logId: Uint8Array;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  /** The base that stands in the buffer. */
  #base: RecordHash | undefined;

  constructor(logId: Uint8Array) {
    this.#logId = logId;
    this.#bytes = new Uint8Array(FIRST_BUFFER_SIZE_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
    this.#begin();
  }

  /** A frame at `position`, with its terminator: one write to the journal. Holds until the next frame is written. */
  write(base: RecordHash, position: number, content: FrameContent): Uint8Array {
    const { count, firstOffset, run } = content;
    assert(count > 0, "a frame holds records");
    const runAt = CHECKED_HEADER_AT + FRAME_HEADER_SIZE_BYTES;
    const end = runAt + run.length;
    this.#reserve(end + TERMINATOR_SIZE_BYTES);
    if (base !== this.#base) this.#putBase(base);
    this.#putNumber(CHECKED_POSITION_AT, position);
    this.#putNumber(CHECKED_HEADER_AT + FIRST_OFFSET_AT, firstOffset);
    this.#view.setUint32(CHECKED_HEADER_AT + COUNT_AT, count);
    this.#view.setUint32(CHECKED_HEADER_AT + RUN_SIZE_AT, run.length);
    const previousHash = run.subarray(RUN_ENTRY_BYTES - HASH_SIZE_BYTES, RUN_ENTRY_BYTES);
    this.#bytes.set(previousHash, CHECKED_HEADER_AT + PREVIOUS_HASH_AT);
    this.#bytes.set(run.subarray(-HASH_SIZE_BYTES), CHECKED_HEADER_AT + END_HASH_AT);
    const checked = CHECKED_HEADER_AT + CHECK_AT;
    const check = sha256(this.#bytes.subarray(0, checked));
    for (let at = 0; at < CHECK_SIZE_BYTES; at += 1) this.#bytes[checked + at] = check[at] ?? 0;
    this.#bytes.set(run, runAt);
    this.#bytes.fill(0, end, end + TERMINATOR_SIZE_BYTES);
    return this.#bytes.subarray(CHECKED_HEADER_AT, end + TERMINATOR_SIZE_BYTES);
  }

  /** Writes what is the same in all frames, and forgets the base. */
  #begin(): void {
    this.#base = undefined;
    this.#bytes.set(CHECK_DOMAIN);
    this.#bytes.set(this.#logId, CHECKED_ID_AT);
    this.#bytes.set(MAGIC, CHECKED_HEADER_AT);
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(Math.max(sizeBytes, 2 * this.#bytes.length));
    this.#view = new DataView(this.#bytes.buffer);
    this.#begin();
  }

  #putBase(base: RecordHash): void {
    this.#bytes.subarray(CHECKED_BASE_AT).setFromHex(base.slice(2));
    this.#base = base;
  }

  #putNumber(at: number, number: number): void {
    this.#view.setUint32(at, Math.floor(number / 2 ** 32));
    this.#view.setUint32(at + 4, number % 2 ** 32);
  }
}

/** The first frame of a journal, which tells the base of all; undefined when there is none. */
export function readFirstFrame(journal: Uint8Array, logId: Uint8Array): Frame | undefined {
  if (journal.length < FRAME_HEADER_SIZE_BYTES) return undefined;
  const base = hashAt(journal, PREVIOUS_HASH_AT);
  return readFrame(journal, 0, { logId, base });
}

/** The frame that begins at `position`; undefined when there is none. */
export function readFrame(
  journal: Uint8Array,
  position: number,
  place: JournalPlace,
): Frame | undefined {
  const runPosition = position + FRAME_HEADER_SIZE_BYTES;
  if (runPosition > journal.length || !startsWith(journal, MAGIC, position)) return undefined;
  const header = journal.subarray(position, runPosition);
  if (!startsWith(header, checkOf(place, position, header), CHECK_AT)) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const endPosition = runPosition + view.getUint32(RUN_SIZE_AT);
  return {
    position,
    endPosition,
    firstOffset: Number(view.getBigUint64(FIRST_OFFSET_AT)),
    count: view.getUint32(COUNT_AT),
    previousHash: hashAt(header, PREVIOUS_HASH_AT),
    endHash: hashAt(header, END_HASH_AT),
    run: journal.subarray(runPosition, endPosition),
  };
}

/** Every frame that begins at or after `from`, wherever it lies and whatever lies between. */
export function* findFrames(
  journal: Uint8Array,
  from: number,
  place: JournalPlace,
): Generator<Frame, void> {
  const [first = 0] = MAGIC;
  let position = journal.indexOf(first, from);
  while (position !== -1) {
    const frame = readFrame(journal, position, place);
    if (frame !== undefined) yield frame;
    position = journal.indexOf(first, position + 1);
  }
}

/** True when nothing but a terminator lies at `position`, or the journal ends there. */
export function endsAt(journal: Uint8Array, position: number): boolean {
  return journal.subarray(position, position + MAGIC.length).every((byte) => byte === 0);
}

function checkOf({ base, logId }: JournalPlace, position: number, frame: Uint8Array): Uint8Array {
  const checked = new Uint8Array(CHECKED_HEADER_AT + CHECK_AT);
  checked.set(CHECK_DOMAIN);
  checked.set(logId, CHECKED_ID_AT);
  checked.subarray(CHECKED_BASE_AT).setFromHex(base.slice(2));
  new DataView(checked.buffer).setBigUint64(CHECKED_POSITION_AT, BigInt(position));
  checked.set(frame.subarray(0, CHECK_AT), CHECKED_HEADER_AT);
  return sha256(checked).subarray(0, CHECK_SIZE_BYTES);
}

function hashAt(bytes: Uint8Array, at: number): RecordHash {
  return toHex(bytes.subarray(at, at + HASH_SIZE_BYTES)) as RecordHash;
}

function startsWith(bytes: Uint8Array, start: Uint8Array, at: number): boolean {
  return start.every((byte, index) => bytes[at + index] === byte);
}
