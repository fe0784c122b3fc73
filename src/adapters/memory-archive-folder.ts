/** Archives in memory: the `ArchiveFolder` of simulations and tests. */
import type { ArchiveFolder } from "../ports/archive-folder.ts";
import { concatBytes } from "../primitives/bytes.ts";

/** A folder whose files can be seen and changed. */
export type MemoryArchiveFolder = ArchiveFolder & { readonly files: Map<string, Uint8Array> };

/** An empty folder. An archive is there once it is closed. */
export function createMemoryArchiveFolder(): MemoryArchiveFolder {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    create: async (name) => {
      const parts: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          parts.push(bytes);
        },
        close: async () => {
          files.set(name, concatBytes(...parts));
        },
      };
    },
    open: async (name) => {
      const file = files.get(name);
      if (file === undefined) return undefined;
      return {
        sizeBytes: file.length,
        read: async (position, sizeBytes) => file.slice(position, position + sizeBytes),
      };
    },
  };
}
