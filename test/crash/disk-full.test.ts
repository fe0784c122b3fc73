/** A disk that is full for real, or can only be read: a small one of its own where that may be mounted, else a limit on files. */
import { describe, expect } from "bun:test";
import { join } from "node:path";
import { adversarial } from "../kind.ts";
import { withFolder } from "../ports-temporary-folder.ts";
import type { DiskFullReport } from "./disk-full-child.ts";

const HOLDER = join(import.meta.dir, "disk-holder.ts");
const CHILD = join(import.meta.dir, "disk-full-child.ts");

/** Half a minute for a process that takes one or two seconds, on a busy machine. */
const BUSY_MS_MAX = 30_000;

/** A disk in memory of 48 MiB, seen by the child alone and gone with it. */
const ON_SMALL_DISK = 'mount -t tmpfs -o size=48m tmpfs "$1" && exec "$2" "$3" "$1" disk';

/** Files of 3 MiB at most, in blocks of 1 KiB as the shell counts them, until the child lifts the limit. */
const WITH_LIMIT = 'ulimit -S -f 3072; exec "$2" "$3" "$1" limit';

const WAYS = [
  { name: "a small disk", command: ["unshare", "-rm", "bash", "-c", ON_SMALL_DISK] },
  { name: "a limit on the size of files", command: ["bash", "-c", WITH_LIMIT] },
];

/** An empty disk that can only be read. */
const ON_READ_ONLY_DISK = 'mount -t tmpfs -o ro tmpfs "$1" && exec "$2" "$3" "$1/log"';

/** What is tried here: a small disk only where this user may mount one. */
const mayMount = Bun.spawnSync(["unshare", "-rm", "true"]).success;

describe("a disk that takes no more", () => {
  for (const { command, name } of mayMount ? WAYS : WAYS.slice(1)) {
    adversarial(
      `(${name}) refuses writes with a code, and goes on once there is room`,
      () =>
        withFolder(async (folder) => {
          const { stderr, stdout } = Bun.spawnSync([
            ...command,
            "bash",
            folder,
            process.execPath,
            CHILD,
          ]);
          expect(stderr.toString()).toBe("");
          const report = JSON.parse(stdout.toString()) as DiskFullReport;

          const { acknowledged, journalSizesBytes } = report;
          expect(acknowledged).toBeGreaterThan(20);
          expect(report.refusals).toEqual(["DiskFull", "DiskFull", "DiskFull"]);
          expect(report.readWhileFull).toBe(acknowledged);
          expect(report.wroteInPlace).toBe(true);
          expect(journalSizesBytes[1]).toBe(journalSizesBytes[0]);
          expect(report.keysAtEnd).toEqual(
            Array.from({ length: acknowledged + 1 }, (_, key) => key),
          );
          expect(report.journalSizeAtEndBytes).toBe(2 << 20);
        }),
      BUSY_MS_MAX,
    );
  }

  if (mayMount) {
    adversarial(
      "says so when the disk can only be read",
      () =>
        withFolder(async (folder) => {
          const program = ["bash", folder, process.execPath, HOLDER];
          const { stdout } = Bun.spawnSync([
            ...["unshare", "-rm", "bash", "-c", ON_READ_ONLY_DISK],
            ...program,
          ]);

          expect(stdout.toString()).toBe(
            `cannot make ${folder}/log: the disk can only be read (EROFS)\n`,
          );
        }),
      BUSY_MS_MAX,
    );
  }
});
