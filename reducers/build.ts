/**
 * Compiles the reducers of this folder: `bun reducers/build.ts` writes a `.wasm` beside each source, and
 * `bun reducers/build.ts --check` compiles again and fails unless every byte is the same. The one in C needs clang
 * of the version named here; without it, the hashes of its source and of its bytes are checked.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileReducer } from "../src/derivation/kit/compile-reducer.ts";
import { assert } from "../src/primitives/assert.ts";

/** Reducers in AssemblyScript, each in a folder of its name. */
export const ASSEMBLY_SCRIPT_REDUCERS: readonly string[] = [
  "counter",
  "rock-paper-scissors",
  "tactics",
];

/** The reducer in C. */
export const C_REDUCER = "counter-c";

/** Debian 12 has it as `clang` and `lld`. Others compile to other bytes. */
const CLANG_VERSION = "clang version 14.0.6";

const CLANG_OPTIONS = [
  ["--target=wasm32", "-mcpu=mvp", "-O2", "-nostdlib", "-ffreestanding", "-fno-builtin"],
  ["-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=4096"],
].flat();

/** Source and bytes that belong together. */
type Pair = { readonly source: string; readonly module: string };

/** Where the compiled bytes of a reducer lie. */
export function reducerPath(name: string): string {
  return join(import.meta.dir, name, `${name}.wasm`);
}

/** Compiles a reducer in AssemblyScript. Throws what the compiler has to say. */
export async function buildReducer(name: string): Promise<Uint8Array> {
  const compiled = await compileReducer(`${name}/${name}.ts`, readSource);
  if (!compiled.ok) throw new Error(`${name} does not compile:\n${compiled.reason.text}`);
  return compiled.value;
}

/** True when the C source and its bytes are those that were compiled together. */
export function isPairOfC(): boolean {
  const { module, source } = JSON.parse(readFileSync(pairPath(), "utf8")) as Pair;
  return source === hashOf(sourceOfC()) && module === hashOf(reducerPath(C_REDUCER));
}

function readSource(path: string): string | undefined {
  const file = join(import.meta.dir, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function sourceOfC(): string {
  return join(import.meta.dir, C_REDUCER, `${C_REDUCER}.c`);
}

function pairPath(): string {
  return join(import.meta.dir, C_REDUCER, "compiled.json");
}

function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Compiles the C source, or gives undefined where its compiler is not installed. */
function compileC(target: string): Uint8Array | undefined {
  const clang = Bun.which("clang");
  if (clang === null) return undefined;
  const version = Bun.spawnSync([clang, "--version"]).stdout.toString();
  if (!version.includes(CLANG_VERSION)) return undefined;
  const { exitCode, stderr } = Bun.spawnSync([clang, ...CLANG_OPTIONS, "-o", target, sourceOfC()]);
  if (exitCode !== 0) throw new Error(`${C_REDUCER} does not compile:\n${stderr}`);
  return new Uint8Array(readFileSync(target));
}

function buildC(isCheck: boolean): string {
  const path = reducerPath(C_REDUCER);
  const before = existsSync(path) ? readFileSync(path) : undefined;
  const bytes = compileC(path);
  if (bytes === undefined) {
    assert(isPairOfC(), `${C_REDUCER} is as it was compiled; ${CLANG_VERSION} is not here`);
    return "not compiled: its clang is not here";
  }
  const isSame = before?.equals(bytes) ?? false;
  assert(isSame || !isCheck, `${C_REDUCER}.wasm is what its source compiles to`);
  const pair: Pair = { source: hashOf(sourceOfC()), module: hashOf(path) };
  writeFileSync(pairPath(), `${JSON.stringify(pair, undefined, 2)}\n`);
  return `${bytes.length} bytes`;
}

async function buildAll(isCheck: boolean): Promise<void> {
  const lines = [`${C_REDUCER}: ${buildC(isCheck)}`];
  for (const name of ASSEMBLY_SCRIPT_REDUCERS) {
    const bytes = await buildReducer(name);
    if (!isCheck) writeFileSync(reducerPath(name), bytes);
    const isSame = readFileSync(reducerPath(name)).equals(bytes);
    assert(isSame, `${name}.wasm is what its source compiles to`);
    lines.push(`${name}: ${bytes.length} bytes`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

if (import.meta.main) await buildAll(process.argv.includes("--check"));
