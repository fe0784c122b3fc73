/** The database in which a node keeps the tables of its channels: a server's, or one in its own folder. */
import { rmSync } from "node:fs";
import { onDisk } from "../../adapters/disk-error.ts";
import { openPglite } from "../../adapters/pglite.ts";
import { openPostgres } from "../../adapters/postgres.ts";
import type { Sql } from "../../ports/sql.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { PREPARED_DATABASE } from "./embedded-database.ts";

/**
 * Opens the server's database, or without a URL the embedded one in `folder`. That is never synced to the disk, and may
 * be damaged by a power cut: one that does not start is thrown away, since the log knows all that was in it. Throws
 * `NodeError`.
 */
export async function openNodeDatabase(url: string | undefined, folder: string): Promise<Sql> {
  if (url !== undefined) return openPostgres({ url: new URL(url) });
  try {
    return await openPglite({ folder, prepared: PREPARED_DATABASE });
  } catch (error) {
    if (!(error instanceof NodeError) || error.code === "LogInUse") throw error;
    onDisk("remove", folder, () => rmSync(folder, { recursive: true, force: true }));
    return openPglite({ folder });
  }
}
