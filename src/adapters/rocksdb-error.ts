/** What an error of RocksDB means. It tells them apart by their text alone. */
import { NodeError, type NodeErrorCode } from "../primitives/node-error.ts";
import { errnoOf } from "./disk-error.ts";

/** The system's own words for "no room": no space, no quota, a limit on the size of files. */
const FULL = /No space left on device|Disk quota exceeded|File too large/;

/** The error for a call that failed; `doing` completes "cannot ...", such as "write". */
export function rocksDbError(doing: string, directory: string, thrown: unknown): NodeError {
  if (thrown instanceof NodeError) return thrown;
  const cause = rootOf(thrown);
  const said = cause instanceof Error ? cause.message : String(cause);
  const code = codeOf(errnoOf(cause), said);
  const why = code === "LogInUse" ? "another process, or this one, has it open" : said;
  const message = `cannot ${doing} the store in ${directory}: ${why}`;
  return new NodeError(code, message, { data: { path: directory }, cause });
}

/** Opening wraps the error that explains it. */
function rootOf(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
}

function codeOf(code: string | undefined, said: string): NodeErrorCode {
  if (FULL.test(said)) return "DiskFull";
  if (code === "LEVEL_LOCKED") return "LogInUse";
  if (code === "LEVEL_CORRUPTION" || said.startsWith("Corruption")) return "LogDamaged";
  return "DiskFailed";
}
