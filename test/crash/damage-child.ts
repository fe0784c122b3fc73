/**
 * A process that damages a log in many ways, one after the other, and says a line for each: RocksDB may end
 * the process that opens a damaged file. Arguments: the log's directory, and a file with the task as JSON.
 */
import { readFileSync, writeSync } from "node:fs";
import { damage, type Flip } from "./damage-run.ts";

/** What the child is to do. */
export type DamageTask = { readonly hashes: readonly string[]; readonly flips: readonly Flip[] };

const [, , directory = "", path = ""] = process.argv;
const { flips, hashes } = JSON.parse(readFileSync(path, "utf8")) as DamageTask;
for (const flip of flips) {
  writeSync(1, `${JSON.stringify(await damage(directory, flip, hashes))}\n`);
}
