/** A process that opens a log, or nothing, and says how much memory it takes. Run by `memory.bench.ts`. */
import { assert } from "../src/primitives/assert.ts";

/** Rounds of the collector: the first leaves what only finalisers let go. */
const COLLECTIONS = 5;

const [folder] = process.argv.slice(2);
const held = folder === undefined ? undefined : await open(folder);
for (let round = 0; round < COLLECTIONS; round += 1) {
  Bun.gc(true);
  await Bun.sleep(10);
}
const { rss } = process.memoryUsage();
process.stdout.write(JSON.stringify({ rssBytes: rss }));
await held?.close();

/** Everything that a node holds of its log: the open store, and the state that follows from it. */
async function open(path: string): Promise<{ readonly close: () => Promise<void> }> {
  // An empty process is one that has not even loaded the program.
  const { openDiskLog } = await import("./disk-log.ts");
  const { reconstructNode } = await import("../src/engine/reconstruction.ts");
  const { disk, store } = await openDiskLog(path);
  const state = await reconstructNode(store, store.length);
  return {
    close: async () => {
      assert(state.channels.size === 0 || store.length > 0, "the state is held until here");
      await disk.close();
    },
  };
}
