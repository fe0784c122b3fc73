/** The journal in a file: what every journal does, its size, and files that it cannot use. */
import { describe, expect } from "bun:test";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adversarial, unit } from "../../test/kind.ts";
import { testJournal } from "../../test/ports-journal.ts";
import { withFolder } from "../../test/ports-temporary-folder.ts";
import { openFileJournal } from "./file-journal.ts";

const BYTES = Uint8Array.of(1, 2, 3);

describe("openFileJournal", () => {
  testJournal((run) =>
    withFolder((folder) =>
      run(() => openFileJournal(join(folder, "journal"), { sizeBytes: 8_192 })),
    ),
  );

  unit("takes its room on the disk before it is used, and doubles it when it is full", () =>
    withFolder(async (folder) => {
      const path = join(folder, "journal");
      const journal = await openFileJournal(path, { sizeBytes: 8_192 });
      expect(statSync(path)).toMatchObject({ size: 8_192, blocks: 16 });

      await journal.write(8_190, BYTES);
      expect(statSync(path)).toMatchObject({ size: 16_384, blocks: 32 });
      await journal.close();
    }),
  );

  unit("keeps what a file held that is shorter than it should be", () =>
    withFolder(async (folder) => {
      const path = join(folder, "journal");
      writeFileSync(path, BYTES);

      const journal = await openFileJournal(path, { sizeBytes: 4_096 });
      const found = await journal.read();
      await journal.close();

      expect(found.length).toBe(4_096);
      expect(found.subarray(0, 4)).toEqual(Uint8Array.of(1, 2, 3, 0));
    }),
  );

  adversarial("says which path it cannot open, and why", () =>
    withFolder(async (folder) => {
      mkdirSync(join(folder, "journal"));

      await expect(openFileJournal(join(folder, "no", "journal"))).rejects.toMatchObject({
        code: "DiskFailed",
        message: `cannot open ${folder}/no/journal: it is not there, or the folder above it is not (ENOENT)`,
      });
      await expect(openFileJournal(join(folder, "journal"))).rejects.toMatchObject({
        code: "DiskFailed",
        message: `cannot open ${folder}/journal: it is a folder (EISDIR)`,
      });
    }),
  );

  adversarial(
    "says that there is no room even where it cannot shorten the file again",
    async () => {
      // A device that is always full, and has no length.
      await expect(openFileJournal("/dev/full")).rejects.toMatchObject({
        code: "DiskFull",
        message: "cannot make room in /dev/full: no space is left on the disk (ENOSPC)",
      });
    },
  );
});
