/** Tests of the lock on the folder of an embedded database. */
import { describe, expect } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adversarial, unit } from "../../test/kind.ts";
import { lockFolder } from "./store-lock.ts";

function inFolder(use: (folder: string, path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "channels-lock-"));
  try {
    use(folder, join(folder, "in-use-by"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the lock of a folder", () => {
  unit("keeps a second one out until the first lets go", () => {
    inFolder((folder, path) => {
      const unlock = lockFolder(folder);
      expect(() => lockFolder(folder)).toThrow(
        `process ${process.pid} uses the database in ${folder}: wait for its end, or give another --out`,
      );

      unlock();
      expect(existsSync(path)).toBe(false);
      lockFolder(folder)();
    });
  });

  adversarial("holds nobody out after its process has gone, or when nobody can read it", () => {
    const ended = Bun.spawnSync([process.execPath, "--version"]).pid;
    inFolder((folder, path) => {
      for (const left of [String(ended), "", "no number"]) {
        writeFileSync(path, left);
        lockFolder(folder)();
      }
    });
  });
});
