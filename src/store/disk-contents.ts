/** All that lies on the disk of a log, as one value: to move a log from one disk to another as it is. */
import type { KeyValueWrite } from "../ports/key-value.ts";
import type { LogDisk } from "./log-disk.ts";

/** What the three doors of a disk give. */
export type DiskContents = {
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
  readonly journal: Uint8Array;
  /** Undefined when there is no head file, or nothing in it. */
  readonly head: Uint8Array | undefined;
};

/** No key of a log begins with this byte or one above it: keys begin with small numbers. */
const KEYS_END = Uint8Array.of(0xff);

/** Reads the disk. Nothing is checked. */
export async function readContents({ head, journal, keyValue }: LogDisk): Promise<DiskContents> {
  const entries: (readonly [Uint8Array, Uint8Array])[] = [];
  for await (const entry of keyValue.range({ from: new Uint8Array(), to: KEYS_END })) {
    entries.push(entry);
  }
  const found = await head?.read();
  return { entries, journal: await journal.read(), head: found?.value };
}

/** Writes them to an empty disk, the head last: it never speaks of what is not there. */
export async function writeContents(
  { head, journal, keyValue }: LogDisk,
  contents: DiskContents,
): Promise<void> {
  const puts = contents.entries.map(([key, value]): KeyValueWrite => ({ type: "Put", key, value }));
  if (puts.length > 0) await keyValue.batch(puts);
  if (contents.journal.length > 0) await journal.write(0, contents.journal);
  if (contents.head !== undefined) await head?.write(contents.head);
}
