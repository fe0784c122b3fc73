/** One process at a time in the folder of an embedded database: two would ruin it, and it has no lock of its own. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { NodeError } from "../../src/primitives/node-error.ts";

/** Takes the folder until the returned function is called. Throws `NodeError` when another process has it. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, "in-use-by");
  if (!take(path)) {
    const owner = ownerOf(path);
    if (owner !== undefined && isAlive(owner)) throw inUse(folder, owner);
    rmSync(path, { force: true });
    if (!take(path)) throw inUse(folder, ownerOf(path));
  }
  return () => rmSync(path, { force: true });
}

function take(path: string): boolean {
  try {
    const file = openSync(path, "wx");
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "EEXIST") return false;
    throw new NodeError("DatabaseFailed", `cannot write ${path}: ${String(error)}`, {
      cause: error,
    });
  }
}

function ownerOf(path: string): number | undefined {
  try {
    const id = Number.parseInt(readFileSync(path, "utf8"), 10);
    return Number.isNaN(id) ? undefined : id;
  } catch {
    // It has gone meanwhile.
    return undefined;
  }
}

/** A process that has ended without tidying up holds nothing. */
function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}

function inUse(folder: string, owner: number | undefined): NodeError {
  const who = owner === undefined ? "another process" : `process ${owner}`;
  const advice = "wait for its end, or give another --out";
  return new NodeError("DatabaseFailed", `${who} uses the database in ${folder}: ${advice}`);
}
