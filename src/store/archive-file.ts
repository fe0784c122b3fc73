/**
 * An archive as a file: the bodies of records that left the log, sealed by one hash.
 *
 *     "channels archive 1\n"     19 bytes
 *     group, group, ...          MessagePack `[[offset, body], ...]`, one for each segment
 *     index                      MessagePack `[number, log id, snapshot length, snapshot hash, groups]`
 *     position of the index      8 bytes, the highest first
 *     seal                       SHA-256 of the index, which holds the SHA-256 of each group
 */
import { sha256 } from "../crypto/sha256.ts";
import { LOG_ID_SIZE_BYTES, type RecordHash } from "../events/record.ts";
import type { ArchiveReader, ArchiveWriter } from "../ports/archive-folder.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { decode, encode, fixedBytes, rawBytes, type Schema, uint } from "../primitives/schema.ts";
import { list, record } from "../primitives/schema-composite.ts";
import { SEGMENT_RECORDS } from "./segment.ts";

/** A record without its hash. */
export type ArchivedBody = { readonly offset: number; readonly body: Uint8Array };

/** Where the bodies of one segment lie. */
export type ArchiveGroup = {
  readonly segment: number;
  readonly position: number;
  readonly sizeBytes: number;
  readonly digest: Hex;
};

/** What an archive says of itself. */
export type ArchiveIndex = {
  readonly number: number;
  readonly logId: Uint8Array;
  /** All archived records came before this point of the log. */
  readonly snapshotLength: number;
  readonly snapshotHash: RecordHash;
  readonly groups: readonly ArchiveGroup[];
};

const SAFE_INTEGER_MAX = Number.MAX_SAFE_INTEGER;
const HEADING: Uint8Array = new TextEncoder().encode("channels archive 1\n");
const BODY_BYTES_MAX: number = 2 ** 24;

/** Segments in one archive: 60,000, some 15 million records. */
export const ARCHIVE_GROUPS_MAX = 60_000;

/** Bytes behind the index: its position and the seal. */
const TRAILER_BYTES: number = 8 + 32;

const groupSchema: Schema<readonly ArchivedBody[]> = list(
  record({ offset: uint(SAFE_INTEGER_MAX), body: rawBytes(BODY_BYTES_MAX) }),
  SEGMENT_RECORDS,
);

const indexSchema: Schema<ArchiveIndex> = record({
  number: uint(SAFE_INTEGER_MAX),
  logId: rawBytes(LOG_ID_SIZE_BYTES),
  snapshotLength: uint(SAFE_INTEGER_MAX),
  snapshotHash: fixedBytes<RecordHash>(32),
  groups: list(
    record({
      segment: uint(SAFE_INTEGER_MAX),
      position: uint(SAFE_INTEGER_MAX),
      sizeBytes: uint(SAFE_INTEGER_MAX),
      digest: fixedBytes<Hex>(32),
    }),
    ARCHIVE_GROUPS_MAX,
  ),
});

/** Writes an archive group by group. */
export class ArchiveFile {
  readonly #writer: ArchiveWriter;
  readonly #groups: ArchiveGroup[] = [];
  #position = 0;

  constructor(writer: ArchiveWriter) {
    this.#writer = writer;
  }

  /** Number of groups so far. */
  get count(): number {
    return this.#groups.length;
  }

  /** Adds the bodies of one segment. */
  async add(segment: number, bodies: readonly ArchivedBody[]): Promise<void> {
    if (this.#position === 0) await this.#write(HEADING);
    const group = encode(groupSchema, bodies);
    const sizeBytes = group.length;
    this.#groups.push({ segment, position: this.#position, sizeBytes, digest: hashOf(group) });
    await this.#write(group);
  }

  /** Seals the archive, and gives its seal. Once it resolves, the archive survives a power cut. */
  async seal(about: Omit<ArchiveIndex, "groups">): Promise<Hex> {
    const index = encode(indexSchema, { ...about, groups: this.#groups });
    const seal = sha256(index);
    const position = new Uint8Array(8);
    new DataView(position.buffer).setBigUint64(0, BigInt(this.#position));
    await this.#write(concatBytes(index, position, seal));
    await this.#writer.close();
    return toHex(seal);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#writer.write(bytes);
    this.#position += bytes.length;
  }
}

/** The index of an archive; undefined when its bytes are not those that were sealed with `seal`. */
export async function readArchiveIndex(
  archive: ArchiveReader,
  seal: Hex,
): Promise<ArchiveIndex | undefined> {
  const trailerStart = archive.sizeBytes - TRAILER_BYTES;
  if (trailerStart < HEADING.length) return undefined;
  const trailer = await archive.read(trailerStart, TRAILER_BYTES);
  const position = Number(new DataView(trailer.buffer, trailer.byteOffset).getBigUint64(0));
  if (position > trailerStart || toHex(trailer.slice(8)) !== seal) return undefined;
  const bytes = await archive.read(position, trailerStart - position);
  if (hashOf(bytes) !== seal) return undefined;
  const index = decode(indexSchema, bytes);
  return index.ok ? index.value : undefined;
}

/** The bodies of a group; undefined when they are not those that were sealed. */
export async function readArchiveGroup(
  archive: ArchiveReader,
  { digest, position, sizeBytes }: ArchiveGroup,
): Promise<readonly ArchivedBody[] | undefined> {
  const bytes = await archive.read(position, sizeBytes);
  if (hashOf(bytes) !== digest) return undefined;
  const group = decode(groupSchema, bytes);
  return group.ok ? group.value : undefined;
}

const hashOf = (bytes: Uint8Array): Hex => toHex(sha256(bytes));
