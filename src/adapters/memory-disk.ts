/** The whole disk of a log in memory: ordered keys, a journal, a head file. */

import { createMemoryHead, type MemoryHead, type MemoryHeadSnapshot } from "./memory-head.ts";
import {
  createMemoryJournal,
  type MemoryJournal,
  type MemoryJournalSnapshot,
} from "./memory-journal.ts";
import {
  createMemoryKeyValue,
  type MemoryKeyValue,
  type MemorySnapshot,
} from "./memory-key-value.ts";

/** What the three parts of a disk held at one moment. Later writes do not change it. */
export type MemoryDiskSnapshot = {
  readonly keyValue: MemorySnapshot;
  readonly journal: MemoryJournalSnapshot;
  readonly head: MemoryHeadSnapshot;
};

/** A disk that can be taken back to an earlier moment, as a whole or one part alone. */
export type MemoryDisk = {
  readonly keyValue: MemoryKeyValue;
  readonly journal: MemoryJournal;
  readonly head: MemoryHead;
  readonly snapshot: () => MemoryDiskSnapshot;
  readonly restore: (snapshot: MemoryDiskSnapshot) => void;
};

/** An empty disk. */
export function createMemoryDisk(): MemoryDisk {
  const keyValue = createMemoryKeyValue();
  const journal = createMemoryJournal();
  const head = createMemoryHead();
  return {
    keyValue,
    journal,
    head,
    snapshot: () => ({
      keyValue: keyValue.snapshot(),
      journal: journal.snapshot(),
      head: head.snapshot(),
    }),
    restore: (snapshot) => {
      keyValue.restore(snapshot.keyValue);
      journal.restore(snapshot.journal);
      head.restore(snapshot.head);
    },
  };
}
