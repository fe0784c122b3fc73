/** What is synced and what is not, as the operating system sees it, where strace may watch. */
import { describe, expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crash } from "../kind.ts";
import { withFolder } from "../ports-temporary-folder.ts";
import { WRITES } from "./disk-sync-child.ts";

const CHILD = join(import.meta.dir, "disk-sync-child.ts");
/** Half a minute for a process of a tenth of a second, on a busy machine. */
const BUSY_MS_MAX = 30_000;

const mayWatch =
  Bun.which("strace") !== null && Bun.spawnSync(["strace", "-o", "/dev/null", "true"]).success;

/** The syncs after each mark, up to the next one. */
function syncsAfterMarks(trace: string): ReadonlyMap<string, number> {
  const syncs = new Map<string, number>();
  let mark = "start";
  for (const line of trace.split("\n")) {
    mark = /write\(2, "mark (\w+)/.exec(line)?.[1] ?? mark;
    // A call that another thread interrupts takes two lines; only the first has the bracket.
    if (/ f(?:data)?sync\(/.test(line)) syncs.set(mark, (syncs.get(mark) ?? 0) + 1);
  }
  return syncs;
}

describe("a write to the disk of a log", () => {
  if (mayWatch) {
    crash(
      "is synced before it counts, in the store and in the journal; a head is not",
      () =>
        withFolder(async (folder) => {
          const path = join(folder, "trace");
          const watch = ["strace", "-f", "-e", "trace=fsync,fdatasync,write", "-o", path];
          Bun.spawnSync([...watch, process.execPath, CHILD, join(folder, "log")]);

          const syncs = syncsAfterMarks(readFileSync(path, "utf8"));
          expect(syncs.get("store") ?? 0).toBeGreaterThanOrEqual(WRITES);
          expect(syncs.get("journal") ?? 0).toBeGreaterThanOrEqual(WRITES);
          // RocksDB may sync something of its own in the background meanwhile.
          expect(syncs.get("head") ?? 0).toBeLessThan(WRITES / 2);
        }),
      BUSY_MS_MAX,
    );
  }
});
