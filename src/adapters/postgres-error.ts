/** What an error of PostgreSQL, or of the way to it, means. */
import { NodeError, type NodeErrorCode } from "../primitives/node-error.ts";

/**
 * Classes of SQLSTATE after which the same may succeed later: a connection that broke, a conflict with another
 * transaction, no room for one more client, and a server that is going down or coming up.
 * Source: PostgreSQL 18, appendix A.
 */
const PASSING: RegExp = /^(?:08|40|533|55P03|57P0)/;

const DISK_FULL = "53100";
const QUERY_CANCELED = "57014";

/** The error for an SQLSTATE; undefined stands for no answer at all. `name` is the database for people. */
export function postgresError(
  name: string,
  { cause, said, state }: { cause?: unknown; said: string; state: string | undefined },
): NodeError {
  const code = codeOf(state);
  const verb = code === "DatabaseAway" ? "does not answer" : "refused";
  const words = said.split("\n", 1)[0] ?? "";
  const data = state === undefined ? {} : { state };
  return new NodeError(code, `${name} ${verb}: ${words}`, { data, cause });
}

/** The error for rows that are not what they were. */
export function changedError(name: string, wanted: number, changed: number): NodeError {
  const message = `in ${name} rows are not as this program left them: ${changed} instead of ${wanted} changed`;
  return new NodeError("DatabaseChanged", message, { data: { wanted, changed } });
}

function codeOf(state: string | undefined): NodeErrorCode {
  if (state === undefined || PASSING.test(state)) return "DatabaseAway";
  if (state === DISK_FULL) return "DatabaseFull";
  return state === QUERY_CANCELED ? "DatabaseTimeout" : "DatabaseRefused";
}
