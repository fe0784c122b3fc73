/**
 * Archiving: the events of what is over leave the log for a sealed file. Each leaves its hash behind, so
 * that the chain of the log can be checked together with the archive.
 */
import { HASH_SIZE_BYTES, type RecordCodec, type RecordHash, type Tag } from "../events/record.ts";
import type { ArchiveFolder } from "../ports/archive-folder.ts";
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import { toHex } from "../primitives/hex.ts";
import { ARCHIVE_GROUPS_MAX, type ArchivedBody, ArchiveFile } from "./archive-file.ts";
import { listArchives, type NumberedArchive, putArchive } from "./archive-list.ts";
import { segmentKey } from "./keys.ts";
import { damageError } from "./log-damage.ts";
import { readSegments } from "./log-disk.ts";
import { SEGMENT_RECORDS, segmentOf, segmentStart } from "./segment.ts";
import type { LogEndPoint } from "./snapshot.ts";
import { decodeSegment, encodeThin, isStub, type ThinSegment } from "./thin-segment.ts";

/** What is to be archived, and where to. */
export type ArchiveRequest<Event> = {
  /** The store of the log as it lies on the disk. Nobody may have the log open. */
  readonly keyValue: KeyValue;
  readonly folder: ArchiveFolder;
  readonly codec: RecordCodec<Event>;
  readonly logId: Uint8Array;
  /** A snapshot that a start can use: only records before it are archived. */
  readonly snapshot: LogEndPoint;
  /** True for an event that nobody needs any more, by what it is about. */
  readonly isOver: (tags: readonly Tag[]) => boolean;
};

/** A segment with the bodies that leave it. */
type Thinned = {
  readonly segment: number;
  readonly thin: ThinSegment;
  readonly bodies: readonly ArchivedBody[];
};

/** Thin segments that are written in one batch: some megabytes. */
const SEGMENTS_AT_ONCE = 64;

/** A segment below this stays as it is: with a few records less it would be larger, not smaller. */
const BODIES_MIN = 8;

/**
 * Moves records out of the log; undefined when there is nothing to move. The file is whole and synced
 * before the first record leaves: after a stop at any moment each record is in the log, in the archive, or
 * in both. Throws `NodeError` with `DiskFull`, `DiskFailed` or `LogDamaged`.
 */
export async function archiveLog<Event>(
  request: ArchiveRequest<Event>,
): Promise<NumberedArchive | undefined> {
  const { folder, keyValue, logId, snapshot } = request;
  const number = (await listArchives(keyValue)).length;
  const name = `archive-${number}.channels`;
  let file: ArchiveFile | undefined;
  const segments: number[] = [];
  let count = 0;
  for await (const { bodies, segment } of thinnedSegments(request)) {
    file ??= new ArchiveFile(await folder.create(name));
    await file.add(segment, bodies);
    segments.push(segment);
    count += bodies.length;
    if (file.count === ARCHIVE_GROUPS_MAX) break;
  }
  const [firstSegment] = segments;
  const lastSegment = segments.at(-1);
  if (file === undefined || firstSegment === undefined || lastSegment === undefined) {
    return undefined;
  }
  const snapshotLength = snapshot.length;
  const seal = await file.seal({ number, logId, snapshotLength, snapshotHash: snapshot.hash });
  const archive = { number, name, seal, count, firstSegment, lastSegment, snapshotLength };
  await keyValue.batch([putArchive(archive)]);
  await thinOut(request, lastSegment + 1);
  return archive;
}

/** Replaces the segments by their thin forms, which the archive makes whole again. */
async function thinOut<Event>(request: ArchiveRequest<Event>, end: number): Promise<void> {
  let writes: KeyValueWrite[] = [];
  for await (const { segment, thin } of thinnedSegments(request)) {
    if (segment >= end) break;
    writes.push({ type: "Put", key: segmentKey(segment), value: encodeThin(thin) });
    if (writes.length < SEGMENTS_AT_ONCE) continue;
    await request.keyValue.batch(writes);
    writes = [];
  }
  if (writes.length > 0) await request.keyValue.batch(writes);
}

/** The segments that get smaller. The last record before the snapshot stays: it proves the snapshot. */
async function* thinnedSegments<Event>({
  codec,
  isOver,
  keyValue,
  snapshot,
}: ArchiveRequest<Event>): AsyncGenerator<Thinned> {
  const end = segmentOf(Math.max(snapshot.length - 1, 0));
  for await (const { run, segment } of readSegments(keyValue, 0, end)) {
    const { hashBefore, stored } = decodeSegment(run);
    // One that is not full is written again, from memory, when more records come.
    if (stored.length < SEGMENT_RECORDS) return;
    const bodies: ArchivedBody[] = [];
    let previousHash = hashBefore;
    const thin = stored.map((bytes, position) => {
      const hash = bytes.subarray(0, HASH_SIZE_BYTES);
      const offset = segmentStart(segment) + position;
      const isLeaving = !isStub(bytes) && isOver(tagsIn(codec, toHex(previousHash), offset, bytes));
      previousHash = hash;
      if (!isLeaving) return bytes;
      bodies.push({ offset, body: bytes.slice(HASH_SIZE_BYTES) });
      return hash;
    });
    if (bodies.length >= BODIES_MIN) yield { segment, thin: { hashBefore, stored: thin }, bodies };
  }
}

function tagsIn<Event>(
  codec: RecordCodec<Event>,
  previousHash: string,
  offset: number,
  stored: Uint8Array,
): readonly Tag[] {
  const decoded = codec.decode(previousHash as RecordHash, offset, stored);
  if (!decoded.ok) throw damageError(decoded.reason);
  return codec.tagsOf(decoded.value.event);
}
