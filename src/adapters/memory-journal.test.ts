/** The journal in memory: what every journal does. */
import { describe } from "bun:test";
import { testJournal } from "../../test/ports-journal.ts";
import { createMemoryJournal, type MemoryJournalSnapshot } from "./memory-journal.ts";

describe("createMemoryJournal", () => {
  testJournal(async (run) => {
    let kept: MemoryJournalSnapshot | undefined;
    await run(async () => {
      const journal = createMemoryJournal();
      if (kept !== undefined) journal.restore(kept);
      const write: typeof journal.write = async (position, bytes) => {
        await journal.write(position, bytes);
        kept = journal.snapshot();
      };
      return { ...journal, write };
    });
  });
});
