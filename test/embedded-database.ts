/** Starts the embedded database for tests and benchmarks: from one that was set up before, in seconds less. */
import { openPglite, type PgliteOptions } from "../src/adapters/pglite.ts";
import { PREPARED_DATABASE } from "../src/node/derivation/embedded-database.ts";
import type { Sql } from "../src/ports/sql.ts";

/**
 * Sets up an empty database in a folder, for somebody who opens it there by other means. Whoever opens one that is
 * not there waits four seconds for it, and gets the same.
 */
export async function setUpEmbedded(folder: string): Promise<void> {
  const sql = await openEmbedded({ folder });
  await sql.close();
}

/** An empty database, in memory if nothing else is said. */
export function openEmbedded(options: PgliteOptions = {}): Promise<Sql> {
  return openPglite({ prepared: PREPARED_DATABASE, ...options });
}
