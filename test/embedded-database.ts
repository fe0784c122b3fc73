/** Starts the embedded database for tests and benchmarks: from one that was set up before, in seconds less. */
import { join } from "node:path";
import packages from "../package.json" with { type: "json" };
import { openPglite, type PgliteOptions } from "../src/adapters/pglite.ts";
import type { Sql } from "../src/ports/sql.ts";

/** Where tools keep what they can make again. */
const CACHE: string = join(import.meta.dir, "..", "node_modules", ".cache", "channels");

const PGLITE_VERSION: string = packages.dependencies["@electric-sql/pglite"];

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
  return openPglite({ prepared: join(CACHE, `pglite-${PGLITE_VERSION}.tar.gz`), ...options });
}
