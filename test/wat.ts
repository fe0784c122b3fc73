/** Assembles WebAssembly text for tests: modules that no compiler would make. */
import wabt from "wabt";

const assembler = await wabt();

/** Everything that later versions brought, so that refusing it is up to the code under test. */
const FEATURES = {
  bulk_memory: true,
  exceptions: true,
  memory64: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  tail_call: true,
  threads: true,
};

/** The bytes of a module given as text. Types are not checked: an invalid module is a test, too. */
export function assembleWat(text: string): Uint8Array<ArrayBuffer> {
  const module = assembler.parseWat("module.wat", text, FEATURES);
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

/** What a reducer in text needs beside its rules: where outputs lie, and what it puts out. */
export type WatReducer = {
  /** Instructions of `reduce`; the input lies at local `$place`, with `$size` bytes. */
  readonly reduce?: string;
  readonly init?: string;
  readonly schema?: string;
  readonly outcome?: string;
  readonly allocate?: string;
  readonly version?: string;
  /** Definitions beside the functions of the ABI. */
  readonly rest?: string;
  readonly memory?: string;
};

/** Outputs that lie in the memory of every reducer made here, as instructions that give them. */
export const WAT_OUTPUT: Readonly<Record<"schema" | "nothing" | "refused" | "outcome", string>> = {
  /** `[["counts", [["id", uint, key], ["total", uint]]]]` */
  schema: at(0, 25),
  /** Accepted, without row changes. */
  nothing: at(64, 3),
  /** `[0, "No"]` */
  refused: at(72, 5),
  /** `[[[10, 10]], 0]` */
  outcome: at(80, 6),
};

/** One key, two columns; and what else `WAT_OUTPUT` names. */
const DATA = [
  [0, "\\91\\92\\a6counts\\92\\93\\a2id\\01\\c3\\93\\a5total\\01\\c2"],
  [64, "\\92\\01\\90"],
  [72, "\\92\\00\\a2No"],
  [80, "\\92\\91\\92\\0a\\0a\\00"],
] as const;

/** Place and length of an output as an instruction. */
export function at(place: number, length: number): string {
  return `(i64.const ${(BigInt(place) << 32n) | BigInt(length)})`;
}

/** A reducer for two participants and one asset of 10 and 10, with rules of the test. */
export function watReducer({
  allocate = "(i32.const 4096)",
  init = WAT_OUTPUT.nothing,
  memory = "1",
  outcome = WAT_OUTPUT.outcome,
  reduce = WAT_OUTPUT.nothing,
  rest = "",
  schema = WAT_OUTPUT.schema,
  version = "(i32.const 1)",
}: WatReducer): Uint8Array<ArrayBuffer> {
  const input = "(param $place i32) (param $size i32) (result i64)";
  return assembleWat(`(module
    (memory (export "memory") ${memory})
    ${DATA.map(([place, bytes]) => `(data (i32.const ${place}) "${bytes}")`).join("\n")}
    ${rest}
    (func (export "abi_version") (result i32) ${version})
    (func (export "allocate") (param $size i32) (result i32) ${allocate})
    (func (export "schema") (result i64) ${schema})
    (func (export "init") ${input} ${init})
    (func (export "reduce") ${input} ${reduce})
    (func (export "outcome") (result i64) ${outcome}))`);
}
