/** A run that broke off with an error: that is a finding like any other, unless the world outside failed. */
import { AssertionError } from "../../src/primitives/assert.ts";
import { NodeError, type NodeErrorCode } from "../../src/primitives/node-error.ts";
import type { Violation } from "../violation.ts";

/**
 * What a real chain, in the place of the simulated one, can fail with. All else comes from a simulated part: also what a
 * chain refuses, since it is there, and any chain may refuse that.
 */
const OUTSIDE: readonly NodeErrorCode[] = ["ChainDied", "ChainMissing", "RpcUnreachable"];

/** The finding. Throws the error itself when no simulated part is to blame, such as for a chain that died. */
export function brokenBy(error: unknown): Violation {
  if (error instanceof NodeError && OUTSIDE.includes(error.code)) throw error;
  const oracle = error instanceof AssertionError ? "assertion" : "error";
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { oracle, message: withoutFolders(text) };
}

/** Where a program lies on a disk is nobody's business, and differs from machine to machine. */
function withoutFolders(text: string): string {
  return text.replace(/(?:file:\/\/)?(?:\/[\w.@+-]+)*\/((?:src|sim|test|node_modules)\/)/g, "$1");
}
