/** What tests of shared campaigns look at and start: the tables, and workers in processes of their own. */
import { join } from "node:path";
import type { DatabasePlace } from "../../sim/campaign/store-address.ts";
import { openDatabase } from "../../sim/campaign/store-database.ts";

const ENTRY: string = join(import.meta.dir, "..", "..", "bin", "channels.ts");

/** Asks a database one question; gives the rows, each by the names of its columns. */
export async function inSharedDatabase(
  place: DatabasePlace,
  statement: string,
): Promise<readonly Record<string, unknown>[]> {
  const database = await openDatabase({ place, patienceMs: 0 });
  try {
    return await database.query(statement);
  } finally {
    await database.close();
  }
}

/** Starts `channels worker` with one process that plays. Whoever starts it ends it. */
export function startWorker(url: string): Bun.Subprocess {
  return Bun.spawn([process.execPath, ENTRY, "worker", "--queue", url, "--workers", "1"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
}

/**
 * Waits until `isSo` holds, and asks every `pauseMs` milliseconds. Throws when the worker ends first, which would make
 * the wait vain.
 */
export async function untilSo(
  isSo: () => Promise<boolean>,
  worker: Bun.Subprocess,
  pauseMs: number = 50,
): Promise<void> {
  while (!(await isSo())) {
    if (worker.exitCode !== null) throw new Error(`the worker ended with ${worker.exitCode}`);
    await Bun.sleep(pauseMs);
  }
}
