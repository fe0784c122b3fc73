/** One instance of a module with its memory: calls it, and copies its state out and in. Never throws for what it does. */
import {
  aimReader,
  createLastingReader,
  DecodeFailure,
  expectEnd,
  type Reader,
  viewOf,
} from "../../primitives/message-pack-reader.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { AdmittedModule } from "./admission.ts";
import { OUTPUT_BYTES_MAX, PAGE_BYTES, STACK_SLOTS_MAX } from "./limits.ts";
import { COUNTERS, globalName } from "./metering.ts";
import { GAS_PER_CALL } from "./reducer-abi.ts";
import type { ReducerOutput, ReducerRejection } from "./reducer-rejection.ts";

/** What a metered module exports. */
type MachineExports = {
  readonly memory: WebAssembly.Memory;
  readonly abi_version: () => number;
  readonly allocate: (sizeBytes: number) => number;
  readonly schema: () => number;
  readonly init: (place: number, sizeBytes: number) => number;
  readonly reduce: (place: number, sizeBytes: number) => number;
  readonly outcome: () => number;
  readonly [COUNTERS.gas]: () => number;
  readonly [COUNTERS.stack]: () => number;
  readonly [COUNTERS.length]: () => number;
};

/** An instance. Its views are of its memory as it is now: growth replaces them. */
export type Machine = {
  readonly module: AdmittedModule;
  readonly exports: MachineExports;
  readonly globals: readonly WebAssembly.Global[];
  readonly reader: Reader;
  bytes: Uint8Array;
  view: DataView;
};

/** All that a reducer remembers. */
export type MachineState = {
  readonly memory: Uint8Array;
  /** By state global. */
  readonly globals: readonly (number | bigint)[];
};

/** A fresh instance. */
export function createMachine(module: AdmittedModule): Machine {
  const exports = new WebAssembly.Instance(module.compiled).exports as unknown as MachineExports;
  const byName = exports as unknown as Readonly<Record<string, WebAssembly.Global>>;
  const globals = module.stateGlobals.map(({ index }) => byName[globalName(index)]);
  const bytes = new Uint8Array(exports.memory.buffer);
  return {
    module,
    exports,
    globals: globals.filter((global) => global !== undefined),
    reader: createLastingReader(),
    bytes,
    view: viewOf(bytes),
  };
}

/** Calls a function that tells something: the version, or where an output lies. */
export function callMachine(
  machine: Machine,
  name: "abi_version" | "schema" | "outcome",
): Result<number, ReducerRejection> {
  try {
    return accept(machine.exports[name]());
  } catch (error) {
    return reject(faultOf(machine, error));
  }
}

/** Hands over an input, and gives where the output lies. */
export function tellMachine(
  machine: Machine,
  name: "init" | "reduce",
  input: Uint8Array,
): Result<number, ReducerRejection> {
  const { exports } = machine;
  const sizeBytes = input.length;
  try {
    const place = exports.allocate(sizeBytes) >>> 0;
    refreshViews(machine);
    if (place + sizeBytes > machine.bytes.length) {
      return reject({ code: "MalformedPlace", sizeBytes });
    }
    machine.bytes.set(input, place);
    return accept(exports[name](place, sizeBytes));
  } catch (error) {
    return reject(faultOf(machine, error));
  }
}

/** Reads the whole output at `place` by `read`. What it gives shares no memory with the module. */
export function readOutput<Value>(
  machine: Machine,
  output: ReducerOutput,
  place: number,
  read: (reader: Reader) => Value,
): Result<Value, ReducerRejection> {
  refreshViews(machine);
  const start = place >>> 0;
  const sizeBytes = machine.exports[COUNTERS.length]() >>> 0;
  if (sizeBytes > OUTPUT_BYTES_MAX) {
    return malformedOutput(output, 0, `more than ${OUTPUT_BYTES_MAX} bytes`);
  }
  if (start + sizeBytes > machine.bytes.length) {
    return malformedOutput(output, 0, "a place outside the memory");
  }
  const { reader } = machine;
  aimReader(reader, machine, start, start + sizeBytes);
  try {
    const value = read(reader);
    expectEnd(reader);
    return accept(value);
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    return malformedOutput(output, error.offset - start, error.message);
  }
}

/** Gas that the last call used. */
export function gasUsed(machine: Machine): number {
  return GAS_PER_CALL - machine.exports[COUNTERS.gas]();
}

/** Copies the state out, into `target` when it has the right size. */
export function copyState(machine: Machine, target?: Uint8Array): MachineState {
  refreshViews(machine);
  const { bytes, globals } = machine;
  const memory = target?.length === bytes.length ? target : new Uint8Array(bytes.length);
  memory.set(bytes);
  return { memory, globals: globals.map(({ value }) => value as number | bigint) };
}

/** An instance in a state: the same one, unless its memory has grown since, which cannot be undone. */
export function withState(machine: Machine, state: MachineState): Machine {
  refreshViews(machine);
  const fitting =
    machine.bytes.length > state.memory.length ? createMachine(machine.module) : machine;
  const missing = state.memory.length - fitting.bytes.length;
  if (missing > 0) fitting.exports.memory.grow(missing / PAGE_BYTES);
  refreshViews(fitting);
  fitting.bytes.set(state.memory);
  for (const [index, global] of fitting.globals.entries()) global.value = state.globals[index];
  return fitting;
}

function refreshViews(machine: Machine): void {
  const { buffer } = machine.exports.memory;
  if (machine.bytes.buffer === buffer) return;
  machine.bytes = new Uint8Array(buffer);
  machine.view = viewOf(machine.bytes);
}

function malformedOutput(
  output: ReducerOutput,
  offset: number,
  problem: string,
): Result<never, ReducerRejection> {
  return reject({ code: "MalformedOutput", output, offset, problem });
}

/**
 * What ended a call. The counters tell it; an engine's own words differ from those of others. An engine that runs
 * out of stack although the frames are within their limit was called with next to none left: it ends as if they
 * were too many.
 */
function faultOf(machine: Machine, error: unknown): ReducerRejection {
  const { exports } = machine;
  if (exports[COUNTERS.gas]() < 0) return { code: "OutOfGas", gasMax: GAS_PER_CALL };
  const isTooDeep = exports[COUNTERS.stack]() > STACK_SLOTS_MAX || error instanceof RangeError;
  if (isTooDeep) return { code: "CallDepthExceeded", slotsMax: STACK_SLOTS_MAX };
  if (error instanceof WebAssembly.RuntimeError) return { code: "Trapped" };
  throw error;
}
