/** The embedded database of a command, in memory; and what has any embedded database start sooner. */
import { join } from "node:path";
import packages from "../../../package.json" with { type: "json" };
import { openPglite } from "../../adapters/pglite.ts";
import type { Sql } from "../../ports/sql.ts";

/** An empty database of this version of PGlite, beside its code: whoever can write there can change that as well. */
export const PREPARED_DATABASE: string = join(
  import.meta.dir,
  "../../../node_modules/.cache/channels",
  `pglite-${packages.dependencies["@electric-sql/pglite"]}.tar.gz`,
);

/** Starts one. A prepared one that cannot be read or kept costs the two seconds that it would have saved. */
export function openInMemory(): Promise<Sql> {
  return openPglite({ prepared: PREPARED_DATABASE }).catch(() => openPglite());
}
