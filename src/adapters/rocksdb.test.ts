/** RocksDB: what every disk does, what is left after the process, and folders that it cannot use. */
import { describe, expect } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adversarial, unit } from "../../test/kind.ts";
import { collect, put, testKeyValue } from "../../test/ports-key-value.ts";
import { withFolder } from "../../test/ports-temporary-folder.ts";
import type { NodeError } from "../primitives/node-error.ts";
import { openRocksDb } from "./rocksdb.ts";

async function refusal(directory: string): Promise<NodeError> {
  return openRocksDb(directory).then(
    () => Promise.reject(new Error("it opened")),
    (error: NodeError) => error,
  );
}

describe("openRocksDb", () => {
  testKeyValue((run) =>
    withFolder(async (folder) => {
      const disk = await openRocksDb(join(folder, "store"));
      await run(disk);
      await disk.close();
    }),
  );

  unit("holds what it held when it was closed", () =>
    withFolder(async (folder) => {
      const disk = await openRocksDb(folder);
      await disk.batch([put(1, 10), put(2, 20)]);
      await disk.close();

      const reopened = await openRocksDb(folder);
      expect(await collect(reopened)).toEqual(["1=10", "2=20"]);
      await reopened.close();
    }),
  );

  unit("is closed from the moment that this is asked, however often it is", () =>
    withFolder(async (folder) => {
      const disk = await openRocksDb(folder);
      await disk.batch([put(1, 10)]);
      const closing = disk.close();
      await expect(disk.batch([put(2, 20)])).rejects.toThrow("a disk that is closed");
      await Promise.all([closing, disk.close()]);
      await disk.close();

      const reopened = await openRocksDb(folder);
      expect(await collect(reopened)).toEqual(["1=10"]);
      await reopened.close();
    }),
  );

  unit("writes no diary of its own beside the data", () =>
    withFolder(async (folder) => {
      const disk = await openRocksDb(folder);
      await disk.batch([put(1, 10)]);
      await disk.close();

      expect(readdirSync(folder).filter((name) => name.startsWith("LOG"))).toEqual([]);
    }),
  );

  adversarial("refuses a folder that is open already, and says so", () =>
    withFolder(async (folder) => {
      const disk = await openRocksDb(folder);

      const { code, message } = await refusal(folder);
      expect(code).toBe("LogInUse");
      expect(message).toBe(
        `cannot open the store in ${folder}: another process, or this one, has it open`,
      );
      await disk.batch([put(1, 10)]);
      await disk.close();
    }),
  );

  adversarial("refuses a folder that cannot be made", () =>
    withFolder(async (folder) => {
      const path = join(folder, "file");
      writeFileSync(path, "");

      expect((await refusal(join(path, "store"))).code).toBe("DiskFailed");
    }),
  );

  adversarial("calls files damaged that RocksDB does not accept", () =>
    withFolder(async (folder) => {
      const disk = await openRocksDb(folder);
      await disk.batch([put(1, 10)]);
      await disk.close();
      const manifest = join(folder, readFileSync(join(folder, "CURRENT"), "utf8").trim());
      const bytes = Uint8Array.from(readFileSync(manifest));
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      writeFileSync(manifest, bytes);

      const { code, message } = await refusal(folder);
      expect(code).toBe("LogDamaged");
      expect(message).toContain(folder);
    }),
  );
});
