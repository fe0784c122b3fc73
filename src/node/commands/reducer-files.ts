/** Files that the commands for reducers read and write. What cannot be read is told in one line. */
import { readFileSync, writeFileSync } from "node:fs";
import {
  EMPTY_SCRIPT,
  parseScript,
  type ReducerScript,
} from "../../derivation/kit/reducer-script.ts";
import { type AdmittedModule, admitModule } from "../../derivation/sandbox/admission.ts";
import { EXIT, failure, wrongUsage } from "./command-shell.ts";

/** The bytes of a module, admitted; a refusal ends the command with code 1. */
export function readAdmitted(path: string): AdmittedModule {
  const admitted = admitModule(new Uint8Array(readBytes(path)));
  if (admitted.ok) return admitted.value;
  throw failure(EXIT.checkFailed, `${path} is refused: ${JSON.stringify(admitted.reason)}`);
}

/** The script at a path, or one without messages. */
export function readScript(path: string | undefined): ReducerScript {
  if (path === undefined) return EMPTY_SCRIPT;
  const script = parseScript(readBytes(path).toString("utf8"));
  if (script.ok) return script.value;
  throw wrongUsage(`${path} is no list of messages:\n${script.reason.text}`);
}

/** All bytes of a file. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw wrongUsage(`${path} cannot be read: ${(cause as Error).message}`);
  }
}

/** Writes a file; with `isNew` only where there is none. */
export function writeBytes(path: string, bytes: string | Uint8Array, isNew = false): void {
  try {
    writeFileSync(path, bytes, { flag: isNew ? "wx" : "w" });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw wrongUsage(`${path} exists already, and is left as it is`);
    throw failure(EXIT.outsideFailed, `${path} cannot be written: ${message}`);
  }
}

/** JSON of answers: amounts as text, since JSON's numbers end at 2^53. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}` : part), 2);
}
