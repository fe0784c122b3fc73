/** A head file in memory: the `HeadFile` of simulations, tests and the browser. */

import type { HeadFile, HeadFound } from "../ports/journal.ts";
import { assert } from "../primitives/assert.ts";

/** What the head file held at one moment. Later writes do not change it. */
export type MemoryHeadSnapshot = { readonly found: HeadFound | undefined };

/** A head file that can be taken back to an earlier moment, and doubted as after a power cut. */
export type MemoryHead = HeadFile & {
  readonly snapshot: () => MemoryHeadSnapshot;
  readonly restore: (snapshot: MemoryHeadSnapshot) => void;
  /** What is held may be old from now on: `isLatest` is false until the next write. */
  readonly doubt: () => void;
};

/** A head file without a value. */
export function createMemoryHead(): MemoryHead {
  let found: HeadFound | undefined;
  let closed = false;
  const held = (): HeadFound | undefined => {
    assert(!closed, "nobody uses a disk that is closed");
    return found;
  };

  return {
    read: async () => held(),
    write: async (value) => {
      held();
      found = { value: value.slice(), isLatest: true };
    },
    close: async () => {
      closed = true;
    },
    snapshot: () => ({ found: held() }),
    restore: (snapshot) => {
      held();
      found = snapshot.found;
    },
    doubt: () => {
      const { value } = held() ?? {};
      found = value && { value, isLatest: false };
    },
  };
}
