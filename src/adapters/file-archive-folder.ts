/** Archives as files of one folder: the `ArchiveFolder` of a real node. */
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { ArchiveFolder, ArchiveReader, ArchiveWriter } from "../ports/archive-folder.ts";
import { diskError, errnoOf, onDisk } from "./disk-error.ts";
import { readAt, syncFolder, writeAt } from "./file-bytes.ts";

/**
 * The archives in `folder`, which is made when the first one is written. An archive gets its name when it is
 * whole: until then it ends in `.tmp`.
 */
export function openArchiveFolder(folder: string): ArchiveFolder {
  return {
    create: async (name) => createArchive(folder, join(folder, name)),
    open: async (name) => openArchive(join(folder, name)),
  };
}

function createArchive(folder: string, path: string): ArchiveWriter {
  const unfinished = `${path}.tmp`;
  const file = onDisk("create", unfinished, () => {
    mkdirSync(folder, { recursive: true });
    return openSync(unfinished, "w");
  });
  let position = 0;
  return {
    write: async (bytes) => {
      onDisk("write", unfinished, () => writeAt(file, position, bytes));
      position += bytes.length;
    },
    close: async () => {
      onDisk("write", path, () => {
        fsyncSync(file);
        closeSync(file);
        renameSync(unfinished, path);
        syncFolder(folder);
      });
    },
  };
}

function openArchive(path: string): ArchiveReader | undefined {
  const sizeBytes = withFile(path, (file) => fstatSync(file).size);
  if (sizeBytes === undefined) return undefined;
  return {
    sizeBytes,
    // Opened anew each time: nobody closes an archive, and people move them.
    read: async (position, wanted) =>
      withFile(path, (file) => readAt(file, position, wanted)) ?? new Uint8Array(),
  };
}

/** What `use` gives; undefined when there is no such file. */
function withFile<Value>(path: string, use: (file: number) => Value): Value | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw diskError("open", path, cause);
  }
  try {
    return onDisk("read", path, () => use(file));
  } finally {
    closeSync(file);
  }
}
