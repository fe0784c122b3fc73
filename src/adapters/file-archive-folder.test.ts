/** Archives as files: there once they are whole, read at any place. */
import { describe, expect } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unit } from "../../test/kind.ts";
import { openArchiveFolder } from "./file-archive-folder.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "channels-archive-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("openArchiveFolder", () => {
  unit("gives back what was written, at any place", () =>
    inFolder(async (folder) => {
      const archives = openArchiveFolder(join(folder, "below"));
      const writer = await archives.create("one");
      await writer.write(Uint8Array.of(1, 2, 3));
      await writer.write(Uint8Array.of(4, 5));
      await writer.close();
      const reader = await archives.open("one");

      expect(reader?.sizeBytes).toBe(5);
      expect(await reader?.read(2, 2)).toEqual(Uint8Array.of(3, 4));
      expect(await reader?.read(4, 9)).toEqual(Uint8Array.of(5));
      expect(readdirSync(join(folder, "below"))).toEqual(["one"]);
    }),
  );

  unit("has no archive before it is whole", () =>
    inFolder(async (folder) => {
      const archives = openArchiveFolder(folder);
      const writer = await archives.create("one");
      await writer.write(Uint8Array.of(1));
      expect(await archives.open("one")).toBeUndefined();

      await writer.close();
      expect(await archives.open("one")).toBeDefined();
      expect(await archives.open("two")).toBeUndefined();
    }),
  );

  unit("says which path it could not use", () =>
    inFolder(async (folder) => {
      const writer = await openArchiveFolder(folder).create("one");
      await writer.close();
      const within = openArchiveFolder(join(folder, "one"));

      await expect(within.create("two")).rejects.toMatchObject({ code: "DiskFailed" });
      await expect(within.open("two")).rejects.toMatchObject({ code: "DiskFailed" });
    }),
  );
});
