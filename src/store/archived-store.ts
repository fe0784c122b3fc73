/** A log's store that looks whole: what left it for archives is put back while it is read. */
import type { ArchiveFolder, ArchiveReader } from "../ports/archive-folder.ts";
import type { KeyRange, KeyValue } from "../ports/key-value.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { NodeError } from "../primitives/node-error.ts";
import { type ArchiveIndex, readArchiveGroup, readArchiveIndex } from "./archive-file.ts";
import { listArchives, type NumberedArchive } from "./archive-list.ts";
import { segmentKey, segmentOfKey } from "./keys.ts";
import { segmentStart } from "./segment.ts";
import { orDamaged } from "./snapshot-disk.ts";
import { decodeSegment, isStub, isThin, packThick } from "./thin-segment.ts";

/** An archive that is open for reading. */
type OpenArchive = { readonly reader: ArchiveReader; readonly index: ArchiveIndex };

const FIRST_SEGMENT_KEY = segmentKey(0);

/**
 * The same store, except that thin segments are read as the runs that they were. Throws `NodeError` with
 * `ArchiveMissing`, which names the file and its seal, when a record is read whose archive is not in
 * `folder`; and with `LogDamaged` when it is not the file that was sealed.
 */
export function withArchives(keyValue: KeyValue, folder: ArchiveFolder): KeyValue {
  const archives = new Archives(keyValue, folder);
  const whole = (key: Uint8Array, value: Uint8Array): Uint8Array | Promise<Uint8Array> =>
    isSegmentKey(key) && isThin(value) ? archives.restore(segmentOfKey(key), value) : value;
  return {
    batch: (writes) => keyValue.batch(writes),
    close: () => keyValue.close(),
    get: async (key) => {
      const value = await keyValue.get(key);
      return value === undefined ? undefined : whole(key, value);
    },
    range: async function* (range: KeyRange) {
      for await (const [key, value] of keyValue.range(range)) {
        yield [key, await whole(key, value)] as const;
      }
    },
  };
}

/** The archives of one log, each opened when it is first needed. */
class Archives {
  readonly #keyValue: KeyValue;
  readonly #folder: ArchiveFolder;
  readonly #open = new Map<number, OpenArchive>();

  constructor(keyValue: KeyValue, folder: ArchiveFolder) {
    this.#keyValue = keyValue;
    this.#folder = folder;
  }

  /** The run that a thin segment was. */
  async restore(segment: number, bytes: Uint8Array): Promise<Uint8Array> {
    const { hashBefore, stored } = orDamaged(() => decodeSegment(bytes));
    const whole = [...stored];
    for (const archive of await listArchives(this.#keyValue)) {
      const { firstSegment, lastSegment } = archive;
      if (segment < firstSegment || segment > lastSegment || !whole.some(isStub)) continue;
      await this.#fill(archive, segment, whole);
    }
    const missing = whole.findIndex(isStub);
    if (missing < 0) return packThick({ hashBefore, stored: whole });
    const offset = segmentStart(segment) + missing;
    const message = `the record at offset ${offset} left the log, and is in none of its archives`;
    throw new NodeError("LogDamaged", message, { data: { offset } });
  }

  async #fill(archive: NumberedArchive, segment: number, whole: Uint8Array[]): Promise<void> {
    const { index, reader } = await this.#find(archive, segment);
    const group = index.groups.find((one) => one.segment === segment);
    if (group === undefined) return;
    const bodies = await readArchiveGroup(reader, group);
    if (bodies === undefined) throw notAsSealed(archive);
    for (const { body, offset } of bodies) {
      const position = offset - segmentStart(segment);
      const hash = whole[position];
      if (hash !== undefined && isStub(hash)) whole[position] = concatBytes(hash, body);
    }
  }

  async #find(archive: NumberedArchive, segment: number): Promise<OpenArchive> {
    const { name, number, seal } = archive;
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    const reader = await this.#folder.open(name);
    if (reader === undefined) {
      const offset = segmentStart(segment);
      const message = `records from offset ${offset} on are in the archive ${name} with the seal ${seal}, which is not here`;
      throw new NodeError("ArchiveMissing", message, { data: { name, seal, offset } });
    }
    const index = await readArchiveIndex(reader, seal);
    if (index === undefined) throw notAsSealed(archive);
    const opened = { reader, index };
    this.#open.set(number, opened);
    return opened;
  }
}

function isSegmentKey(key: Uint8Array): boolean {
  return key.length === FIRST_SEGMENT_KEY.length && key[0] === FIRST_SEGMENT_KEY[0];
}

function notAsSealed({ name, seal }: NumberedArchive): NodeError {
  const message = `the archive ${name} is not the file that was sealed with ${seal}`;
  return new NodeError("LogDamaged", message, { data: { name, seal } });
}
