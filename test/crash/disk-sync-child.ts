/** Writes to each part of a log's disk, with a mark before and after, for whoever watches its system calls. */
import { writeSync } from "node:fs";
import { openLogDirectory } from "../../src/node/log-directory.ts";

/** Writes to each part. */
export const WRITES = 20;

if (import.meta.main) {
  const { head, journal, keyValue } = await openLogDirectory(process.argv[2] ?? "");
  const value = new Uint8Array(100).fill(1);
  const mark = (name: string): unknown => writeSync(2, `mark ${name}\n`);
  // The first write of a head is synced, whatever follows.
  await head.write(value);
  mark("store");
  for (let at = 0; at < WRITES; at += 1) {
    await keyValue.batch([{ type: "Put", key: Uint8Array.of(at), value }]);
  }
  mark("journal");
  for (let at = 0; at < WRITES; at += 1) await journal.write(at * value.length, value);
  mark("head");
  for (let at = 0; at < WRITES; at += 1) await head.write(value);
  mark("end");
  process.exit(0);
}
