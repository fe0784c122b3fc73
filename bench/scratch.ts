/** Room on the disk of the repository for what a benchmark writes: the system's own may be in memory. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RECORDINGS } from "./recorded-log.ts";

/** Gives `use` a new empty folder, and removes it with all that is in it afterwards. */
export async function withScratch<Result>(
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  mkdirSync(RECORDINGS, { recursive: true });
  const folder = mkdtempSync(join(RECORDINGS, "scratch-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
