/** A journal in memory: the `Journal` of simulations, tests and the browser. */

import type { Journal } from "../ports/journal.ts";
import { assert } from "../primitives/assert.ts";

/** What the journal held at one moment. Later writes do not change it. */
export type MemoryJournalSnapshot = { readonly bytes: Uint8Array };

/** A journal that can be taken back to an earlier moment, as after a crash. */
export type MemoryJournal = Journal & {
  readonly snapshot: () => MemoryJournalSnapshot;
  readonly restore: (snapshot: MemoryJournalSnapshot) => void;
};

/** An empty journal. It copies what it is given and what it hands out. */
export function createMemoryJournal(): MemoryJournal {
  let bytes = new Uint8Array();
  let sizeBytes = 0;
  let closed = false;
  const held = (): Uint8Array => {
    assert(!closed, "nobody uses a disk that is closed");
    return bytes.subarray(0, sizeBytes);
  };

  return {
    read: async () => held().slice(),
    write: async (position, written) => {
      held();
      const endBytes = position + written.length;
      if (endBytes > bytes.length) bytes = grown(bytes, endBytes);
      bytes.set(written, position);
      sizeBytes = Math.max(sizeBytes, endBytes);
    },
    close: async () => {
      closed = true;
    },
    snapshot: () => ({ bytes: held().slice() }),
    restore: (snapshot) => {
      held();
      bytes = snapshot.bytes.slice();
      sizeBytes = bytes.length;
    },
  };
}

/** Doubles at least, so that many small writes cost no more than one large one. */
function grown(bytes: Uint8Array, sizeBytesMin: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(sizeBytesMin, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
