/** Admits a module, or says why not: the same answer on every machine, with the place in the bytes. */
import { keccak256 } from "../../crypto/keccak.ts";
import { AssertionError, assertDefined } from "../../primitives/assert.ts";
import type { Brand } from "../../primitives/brand.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { MODULE_LIMITS } from "./limits.ts";
import { meterModule } from "./metering.ts";
import { ModuleRefused, type ModuleRejection, refuseModule } from "./module-rejection.ts";
import { readModule, withoutCustomSections } from "./module-sections.ts";
import { ABI_FUNCTIONS, ABI_INITIALIZE, ABI_MEMORY } from "./reducer-abi.ts";
import type { FunctionType, WasmModule } from "./wasm-module.ts";

/** What a reducer is known by: keccak-256 of the bytes of its module. */
export type ReducerId = Brand<Hex, "ReducerId">;

/** A module that may run here, compiled with its metering. */
export type AdmittedModule = {
  readonly id: ReducerId;
  /** As they came. */
  readonly bytes: Uint8Array;
  /** What runs. */
  readonly metered: Uint8Array;
  readonly compiled: WebAssembly.Module;
  /** Pages that its memory begins with, and may grow to. */
  readonly memory: WasmModule["memory"];
  /** Indices of the globals that are part of the state, and whether each has 64 bits. */
  readonly stateGlobals: readonly { readonly index: number; readonly isLong: boolean }[];
};

/** Reads, checks and meters a module. The bytes may come from anybody. */
export function admitModule(bytes: Uint8Array): Result<AdmittedModule, ModuleRejection> {
  try {
    return accept(admit(bytes.slice()));
  } catch (error) {
    if (!(error instanceof ModuleRefused)) throw error;
    return reject(error.reason);
  }
}

function admit(bytes: Uint8Array<ArrayBuffer>): AdmittedModule {
  const max = MODULE_LIMITS.moduleBytes;
  if (bytes.length > max) {
    refuseModule({ code: "ModuleTooLarge", sizeBytes: bytes.length, max });
  }
  const module = readModule(bytes);
  if (!WebAssembly.validate(withoutCustomSections(bytes))) refuseModule({ code: "ModuleInvalid" });
  checkExports(module);
  const metered = meterModule(module);
  return {
    id: toHex(keccak256(bytes)) as ReducerId,
    bytes,
    metered,
    compiled: compile(metered),
    memory: module.memory,
    stateGlobals: module.globals.flatMap(({ isMutable, type }, index) =>
      isMutable ? [{ index, isLong: type === 0x7e }] : [],
    ),
  };
}

/** A module that was valid is valid with its metering: anything else is a bug of the metering. */
function compile(metered: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(metered);
  } catch (error) {
    throw new AssertionError(`a metered module is valid: ${error}`);
  }
}

/** Everything that the ABI asks for is there, under its name, of its kind and signature. */
function checkExports(module: WasmModule): void {
  expectExport(module, ABI_MEMORY, 2);
  for (const [name, type] of Object.entries(ABI_FUNCTIONS)) expectFunction(module, name, type);
  const isInitialized = module.exports.some(({ name }) => name === ABI_INITIALIZE);
  if (isInitialized) expectFunction(module, ABI_INITIALIZE, { parameters: [], results: [] });
}

function expectFunction(
  module: WasmModule,
  name: string,
  { parameters, results }: FunctionType,
): void {
  const index = expectExport(module, name, 0);
  const type = assertDefined(module.types[module.functions[index] ?? 0], "a signature");
  const isSame = sameTypes(type.parameters, parameters) && sameTypes(type.results, results);
  if (!isSame) refuseModule({ code: "ExportMistyped", name });
}

function expectExport(module: WasmModule, name: string, kind: number): number {
  const found = module.exports.find((each) => each.name === name);
  if (found === undefined) return refuseModule({ code: "ExportMissing", name });
  if (found.kind !== kind) return refuseModule({ code: "ExportMistyped", name });
  return found.index;
}

function sameTypes(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((type, index) => type === right[index]);
}
