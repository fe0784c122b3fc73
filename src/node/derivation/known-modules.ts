/** The modules of reducers that a program has at hand, found by their ids. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keccak256 } from "../../crypto/keccak.ts";
import type { Hash } from "../../crypto/signature.ts";
import { type AdmittedModule, admitModule } from "../../derivation/sandbox/admission.ts";
import { toHex } from "../../primitives/hex.ts";
import { NodeError } from "../../primitives/node-error.ts";

/** The games that come with this program: a folder for each. */
const OWN_REDUCERS: string = join(import.meta.dir, "../../../reducers");

/** A module, and what its folder or file is called. */
export type KnownModule = { readonly name: string; readonly module: AdmittedModule };

/**
 * Looks for the module of an id among those that come with this program, then among the files of `folder`. Undefined
 * where nobody has it, and for what no reducer may be.
 */
export function findModule(reducerId: Hash, folder?: string): KnownModule | undefined {
  for (const path of [...ownPaths(), ...(folder === undefined ? [] : pathsIn(folder))]) {
    const bytes = new Uint8Array(readFileSync(path));
    // Admission takes milliseconds, and a hash none.
    if (toHex(keccak256(bytes)) !== String(reducerId)) continue;
    const admitted = admitModule(bytes);
    if (admitted.ok) return { name: nameOf(path), module: admitted.value };
  }
  return undefined;
}

/**
 * All modules in a folder: the games that a node plays though no contract knows them. Throws `NodeError` with
 * `ModuleRefused` for a file that is no module: whoever put it there expects it to be played.
 */
export function modulesIn(folder: string): readonly AdmittedModule[] {
  return pathsIn(folder).map((path) => {
    const admitted = admitModule(new Uint8Array(readFileSync(path)));
    if (admitted.ok) return admitted.value;
    const { code } = admitted.reason;
    const message = `${path} is no module of a reducer (${code}); \`channels reducer check\` says more, or take it away`;
    throw new NodeError("ModuleRefused", message, { data: { path, code } });
  });
}

/** True when the id is that of this module. */
export function isOf({ id }: AdmittedModule, reducerId: Hash): boolean {
  return String(id) === reducerId;
}

function ownPaths(): readonly string[] {
  const folders = existsSync(OWN_REDUCERS) ? readdirSync(OWN_REDUCERS) : [];
  return folders.map((name) => join(OWN_REDUCERS, name, `${name}.wasm`)).filter(existsSync);
}

function pathsIn(folder: string): readonly string[] {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.filter((file) => file.endsWith(".wasm")).map((file) => join(folder, file));
}

/** A file's name without its ending. */
export function nameOf(path: string): string {
  return path.replace(/^.*[/\\]/, "").replace(/\.wasm$/, "");
}
