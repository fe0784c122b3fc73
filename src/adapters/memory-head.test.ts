/** The head file in memory: what every head file does. */
import { describe } from "bun:test";
import { testHeadFile } from "../../test/ports-journal.ts";
import { createMemoryHead, type MemoryHeadSnapshot } from "./memory-head.ts";

describe("createMemoryHead", () => {
  testHeadFile(async (run) => {
    let kept: MemoryHeadSnapshot | undefined;
    await run(async () => {
      const head = createMemoryHead();
      if (kept !== undefined) head.restore(kept);
      const write: typeof head.write = async (value) => {
        await head.write(value);
        kept = head.snapshot();
      };
      return { ...head, write };
    });
  });
});
