/** Writes the log of a simulated node as that of a real one, for the commands that read logs. */
import { rmSync } from "node:fs";
import { onDisk } from "../adapters/disk-error.ts";
import { type DiskContents, writeContents } from "../store/disk-contents.ts";
import { openLogDirectory } from "./log-directory.ts";
import { lookAt } from "./log-directory-layout.ts";

/**
 * Makes `directory` that of a log with these contents. A log that is there already is replaced. Throws
 * `NodeError`: `NotALog` when something else is there, `DiskFull`, `DiskFailed`.
 */
export async function keepLog(directory: string, contents: DiskContents): Promise<void> {
  if (lookAt(directory) === "Log") {
    onDisk("remove", directory, () => rmSync(directory, { recursive: true }));
  }
  const log = await openLogDirectory(directory);
  try {
    await writeContents(log, contents);
  } finally {
    await log.close();
  }
}
