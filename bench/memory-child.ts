/** A process that opens a log, or nothing, and says how much memory it takes. Run by `memory.bench.ts`. */

/** Rounds of the collector: the first leaves what only finalisers let go. */
const COLLECTIONS = 5;

const [folder] = process.argv.slice(2);
// A process that does nothing has not even loaded the program.
const node =
  folder === undefined ? undefined : await (await import("./opened-node.ts")).openNode(folder);
for (let round = 0; round < COLLECTIONS; round += 1) {
  Bun.gc(true);
  await Bun.sleep(10);
}
const { rss } = process.memoryUsage();
// What the node holds is asked for here, so that it is held until here.
const channels = node?.state.channels.size ?? 0;
process.stdout.write(JSON.stringify({ rssBytes: rss, channels }));
await node?.close();
