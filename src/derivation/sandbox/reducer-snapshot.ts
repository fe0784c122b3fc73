/** The state of a reducer as bytes: what a snapshot on disk or on the wire holds. */
import { assert } from "../../primitives/assert.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { bigUint, decode, encode, fixedBytes, rawBytes, uint } from "../../primitives/schema.ts";
import { list, record } from "../../primitives/schema-composite.ts";
import type { AdmittedModule, ReducerId } from "./admission.ts";
import { INPUT_BYTES_MAX, MODULE_LIMITS, OUTPUT_BYTES_MAX, PAGE_BYTES } from "./limits.ts";
import type { MachineState } from "./reducer-machine.ts";
import type { ReducerRejection } from "./reducer-rejection.ts";

/** What a snapshot tells beside the module. */
export type SnapshotParts = {
  /** The beginning, encoded. */
  readonly init: Uint8Array;
  readonly state: MachineState;
  /** The outcome, as the module put it out. */
  readonly outcome: Uint8Array;
};

/** Counts the layouts of snapshots. */
const SNAPSHOT_VERSION = 1;

type Snapshot = {
  readonly version: number;
  readonly reducer: ReducerId;
  readonly init: Uint8Array;
  readonly outcome: Uint8Array;
  readonly pages: number;
  readonly globals: readonly bigint[];
  /** Without the zeros at its end. */
  readonly memory: Uint8Array;
};

const snapshotSchema = record<Snapshot>({
  version: uint(SNAPSHOT_VERSION),
  reducer: fixedBytes<ReducerId>(32),
  init: rawBytes(INPUT_BYTES_MAX),
  outcome: rawBytes(OUTPUT_BYTES_MAX),
  pages: uint(MODULE_LIMITS.memoryPages),
  globals: list(bigUint(64), MODULE_LIMITS.globals),
  memory: rawBytes(MODULE_LIMITS.memoryPages * PAGE_BYTES),
});

/** Writes a snapshot. */
export function encodeSnapshot(
  module: AdmittedModule,
  { init, outcome, state }: SnapshotParts,
): Uint8Array {
  assert(state.memory.length % PAGE_BYTES === 0, "memory is whole pages");
  return encode(snapshotSchema, {
    version: SNAPSHOT_VERSION,
    reducer: module.id,
    init,
    outcome,
    pages: state.memory.length / PAGE_BYTES,
    globals: state.globals.map((value) => BigInt.asUintN(64, BigInt(value))),
    memory: withoutEndingZeros(state.memory),
  });
}

/** Reads a snapshot of `module`, believing nothing. */
export function decodeSnapshot(
  module: AdmittedModule,
  bytes: Uint8Array,
): Result<SnapshotParts, ReducerRejection> {
  const decoded = decode(snapshotSchema, bytes);
  if (!decoded.ok) return refused(decoded.reason.problem);
  const { globals, init, memory, outcome, pages, reducer, version } = decoded.value;
  if (version !== SNAPSHOT_VERSION) return refused("another version");
  if (reducer !== module.id) return refused("a snapshot of another reducer");
  const { pages: least, pagesMax } = module.memory;
  const isFitting = pages >= least && pages <= pagesMax && memory.length <= pages * PAGE_BYTES;
  if (!isFitting) return refused("a memory that the module cannot have");
  if (memory.at(-1) === 0) return refused("zeros at the end of the memory");
  const values = readGlobals(module, globals);
  if (values === undefined) return refused("globals that the module does not have");
  const whole = new Uint8Array(pages * PAGE_BYTES);
  whole.set(memory);
  return accept({ init, outcome, state: { memory: whole, globals: values } });
}

/** Engines take a `number` for 32 bits and a `bigint` for 64. */
function readGlobals(
  { stateGlobals }: AdmittedModule,
  globals: readonly bigint[],
): readonly (number | bigint)[] | undefined {
  if (globals.length !== stateGlobals.length) return undefined;
  const values = stateGlobals.map(({ isLong }, index) => {
    const value = BigInt.asIntN(64, globals[index] ?? 0n);
    return isLong ? value : Number(value);
  });
  const isInRange = values.every((value) => typeof value === "bigint" || value === (value | 0));
  return isInRange ? values : undefined;
}

/** Most of a memory was never written to. Read by words of 64 bits: a memory has millions of bytes. */
function withoutEndingZeros(memory: Uint8Array): Uint8Array {
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length / 8);
  let wordCount = words.length;
  while (wordCount > 0 && words[wordCount - 1] === 0n) wordCount -= 1;
  let length = wordCount * 8;
  while (length > 0 && memory[length - 1] === 0) length -= 1;
  return memory.subarray(0, length);
}

function refused(problem: string): Result<never, ReducerRejection> {
  return reject({ code: "SnapshotRefused", problem });
}
