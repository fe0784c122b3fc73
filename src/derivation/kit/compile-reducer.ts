/** Compiles reducers written in AssemblyScript, always to the same bytes. */
import { accept, type Result, reject } from "../../primitives/result.ts";

/** What the compiler has to say, as text for a person. */
export type CompilerComplaint = { readonly code: "NotCompiled"; readonly text: string };

/** The texts of a program, by path from its folder; one for each file that is imported. */
export type ReadSource = (path: string) => string | undefined;

/**
 * Settings of every reducer. Later instructions are off, since admission refuses them. Memory is tidied when the kit
 * says so. What would call for a function of the host stops the message instead.
 */
const SETTINGS = [
  ["--runtime", "minimal"],
  ["--exportStart", "_initialize"],
  // Level 3 takes twice the time and a third more bytes, for a tenth less gas.
  ["--optimizeLevel", "2"],
  ["--shrinkLevel", "0"],
  ["--noAssert"],
  ["--disable", "bulk-memory"],
  ["--disable", "nontrapping-f2i"],
  ["--maximumMemory", "64"],
].flat();

/** What the kit has for stopping a message. */
const STOP = "kit/reducer/stop";

const OUTPUT = "reducer.wasm";

/** Compiles the file at `entry`. */
export async function compileReducer(
  entry: string,
  readSource: ReadSource,
): Promise<Result<Uint8Array, CompilerComplaint>> {
  // Loading it takes most of a second: only those who compile pay for it.
  const { default: compiler } = await import("assemblyscript/asc");
  let bytes: Uint8Array | undefined;
  const options = [entry, "--outFile", OUTPUT, "--use", `abort=${STOP}`, ...SETTINGS];
  const { error, stderr } = await compiler.main(options, {
    readFile: (path) => readSource(path) ?? null,
    writeFile: (path, contents) => {
      if (path === OUTPUT && typeof contents !== "string") bytes = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || bytes === undefined) {
    return reject({ code: "NotCompiled", text: `${stderr.toString()}${error ?? ""}`.trim() });
  }
  return accept(bytes);
}
