/** Takes snapshots back, and forgets their history. */
import type { KeyValue, KeyValueWrite } from "../ports/key-value.ts";
import type { PageEntry } from "./snapshot-codec.ts";
import { type PageCache, readPage, readPageLengths } from "./snapshot-disk.ts";
import { currentKey, headerKey, historyKey, pageKey } from "./snapshot-keys.ts";

/** Goes back to the snapshot before that of `length` records. False when its page is gone. */
export async function unwindSnapshot(
  keyValue: KeyValue,
  pages: PageCache,
  length: number,
): Promise<boolean> {
  const entries = await readPage(pages, length);
  if (entries === undefined) return false;
  const restored = entries.flatMap((entry): KeyValueWrite[] => {
    const { before, isSettled } = entry;
    const other = { type: "Delete", key: currentKey(entry, !isSettled) } as const;
    const key = currentKey(entry, isSettled);
    if (before.length === 0) return [other, { type: "Delete", key }];
    return [other, { type: "Put", key, value: before }];
  });
  await keyValue.batch([
    ...restored,
    ...deletedHistory(length, entries),
    { type: "Delete", key: headerKey(length) },
  ]);
  return true;
}

/** Deletes the pages up to that of the snapshot of `length` records, each with all that leads to it. */
export async function forgetPages(
  keyValue: KeyValue,
  pages: PageCache,
  length: number,
): Promise<void> {
  const lengths: number[] = [];
  for await (const found of readPageLengths(keyValue)) {
    if (found <= length) lengths.push(found);
  }
  for (const found of lengths) {
    const entries = (await readPage(pages, found)) ?? [];
    await keyValue.batch(deletedHistory(found, entries));
  }
}

function deletedHistory(length: number, entries: readonly PageEntry[]): readonly KeyValueWrite[] {
  const keys = [pageKey(length), ...entries.map((entity) => historyKey(entity, length))];
  return keys.map((key) => ({ type: "Delete", key }));
}
