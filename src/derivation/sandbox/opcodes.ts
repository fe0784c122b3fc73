/**
 * The instructions that a reducer may use: integers of the first version of WebAssembly, and sign extension.
 * Everything else is refused, because it could differ between machines or was not needed yet.
 */
import type { RefusedFamily } from "./module-rejection.ts";

/** What follows an opcode. */
export type Immediate =
  | "none"
  | "block"
  | "label"
  | "labels"
  | "local"
  | "global"
  | "function"
  | "signature"
  | "memory access"
  | "zero"
  | "i32"
  | "i64";

/** What is known of an opcode. */
export type Opcode = {
  readonly immediate: Immediate;
  /** How many more operands are there after it; the scan itself knows calls, branches and ends. */
  readonly growth: number;
  /** Gas, see `GAS_COSTS`. */
  readonly gas: number;
  /** The largest alignment of a memory access, as a power of two. */
  readonly alignmentMax: number;
};

/** Opcodes that the scan and the metering name. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32GtU: 0x4b,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
} as const;

/** Types of values and of blocks. */
export const TYPE = { i32: 0x7f, i64: 0x7e, functionReference: 0x70, function: 0x60, empty: 0x40 };

/**
 * Gas of one instruction; a unit is about what an addition takes. Rounded up from what each takes in the slowest
 * of Bun, Node.js and Chromium, see `bench/reducer.bench.ts` and ADR 0016. They are part of the ABI for ever:
 * where a message ends for want of gas decides whether it is accepted.
 */
export const GAS_COSTS = {
  /** Blocks, ends and else: they are no machine code. */
  structure: 0,
  /** Additions, comparisons, constants, locals, branches. */
  simple: 1,
  /** Loads, stores and globals: memory, and the check of bounds. */
  memory: 2,
  /** Branches over a table: a jump that processors guess badly. */
  table: 4,
  /** Divisions and remainders: 20 to 40 cycles. */
  division: 8,
  /** A call: the frame, and what counts it. */
  call: 6,
  /** A call through the table: the check of its signature as well. */
  indirectCall: 12,
  /** Four locals of a function that is entered, beside its parameters: they are set to zero. */
  fourLocals: 1,
  /** A new page of memory: 65,536 bytes to be cleared, and kept by every snapshot. */
  page: 65_536,
  /** Asking for memory. */
  grow: 1_000,
} as const;

const { call, division, grow, indirectCall, memory, simple, structure, table } = GAS_COSTS;

/** From opcode, to opcode, what follows, growth of the operands, gas, largest alignment. */
type Row = readonly [number, number, Immediate, number, number, number?];

/** Source: WebAssembly specification 1.0, section 5.4, and the sign extension proposal. */
const ROWS: readonly Row[] = [
  [0x00, 0x01, "none", 0, simple],
  [OP.block, OP.loop, "block", 0, structure],
  [OP.if, OP.if, "block", -1, simple],
  [OP.else, OP.else, "none", 0, structure],
  [OP.end, OP.end, "none", 0, structure],
  [OP.br, OP.br, "label", 0, simple],
  [OP.brIf, OP.brIf, "label", -1, simple],
  [OP.brTable, OP.brTable, "labels", -1, table],
  [OP.return, OP.return, "none", 0, simple],
  [OP.call, OP.call, "function", 0, call],
  [OP.callIndirect, OP.callIndirect, "signature", -1, indirectCall],
  // drop, select
  [0x1a, 0x1a, "none", -1, simple],
  [0x1b, 0x1b, "none", -2, simple],
  [OP.localGet, OP.localGet, "local", 1, simple],
  [OP.localSet, OP.localSet, "local", -1, simple],
  [OP.localTee, OP.localTee, "local", 0, simple],
  [OP.globalGet, OP.globalGet, "global", 1, memory],
  [OP.globalSet, OP.globalSet, "global", -1, memory],
  // i32.load, i64.load
  [0x28, 0x28, "memory access", 0, memory, 2],
  [0x29, 0x29, "memory access", 0, memory, 3],
  // i32.load8_s to i32.load16_u
  [0x2c, 0x2d, "memory access", 0, memory, 0],
  [0x2e, 0x2f, "memory access", 0, memory, 1],
  // i64.load8_s to i64.load32_u
  [0x30, 0x31, "memory access", 0, memory, 0],
  [0x32, 0x33, "memory access", 0, memory, 1],
  [0x34, 0x35, "memory access", 0, memory, 2],
  // i32.store, i64.store
  [0x36, 0x36, "memory access", -2, memory, 2],
  [0x37, 0x37, "memory access", -2, memory, 3],
  // i32.store8, i32.store16, i64.store8, i64.store16, i64.store32
  [0x3a, 0x3a, "memory access", -2, memory, 0],
  [0x3b, 0x3b, "memory access", -2, memory, 1],
  [0x3c, 0x3c, "memory access", -2, memory, 0],
  [0x3d, 0x3d, "memory access", -2, memory, 1],
  [0x3e, 0x3e, "memory access", -2, memory, 2],
  // memory.size, memory.grow
  [0x3f, 0x3f, "zero", 1, memory],
  [OP.memoryGrow, OP.memoryGrow, "zero", 0, grow],
  [OP.i32Const, OP.i32Const, "i32", 1, simple],
  [OP.i64Const, OP.i64Const, "i64", 1, simple],
  // i32.eqz, then its comparisons; the same of i64
  [0x45, 0x45, "none", 0, simple],
  [0x46, 0x4f, "none", -1, simple],
  [0x50, 0x50, "none", 0, simple],
  [0x51, 0x5a, "none", -1, simple],
  // i32: clz, ctz, popcnt; add, sub, mul; divisions; and to rotr
  [0x67, 0x69, "none", 0, simple],
  [0x6a, 0x6c, "none", -1, simple],
  [0x6d, 0x70, "none", -1, division],
  [0x71, 0x78, "none", -1, simple],
  // i64: the same
  [0x79, 0x7b, "none", 0, simple],
  [0x7c, 0x7e, "none", -1, simple],
  [0x7f, 0x82, "none", -1, division],
  [0x83, 0x8a, "none", -1, simple],
  // i32.wrap_i64, i64.extend_i32_s, i64.extend_i32_u, sign extension
  [0xa7, 0xa7, "none", 0, simple],
  [0xac, 0xad, "none", 0, simple],
  [0xc0, 0xc4, "none", 0, simple],
];

/** By opcode; undefined for those that are refused. */
export const OPCODES: readonly (Opcode | undefined)[] = Array.from({ length: 256 }, (_, opcode) => {
  const row = ROWS.find(([from, to]) => opcode >= from && opcode <= to);
  if (row === undefined) return undefined;
  const [, , immediate, growth, gas, alignmentMax = 0] = row;
  return { immediate, growth, gas, alignmentMax };
});

/** Opcodes of what came after the first version, or has no one result. */
const FAMILIES: readonly (readonly [from: number, to: number, family: RefusedFamily])[] = [
  [0x06, 0x0a, "exceptions"],
  [0x12, 0x13, "tail calls"],
  [0x14, 0x15, "references"],
  [0x18, 0x19, "exceptions"],
  [0x1c, 0x1c, "references"],
  [0x1f, 0x1f, "exceptions"],
  [0x25, 0x26, "references"],
  [0x2a, 0x2b, "floats"],
  [0x38, 0x39, "floats"],
  [0x43, 0x44, "floats"],
  [0x5b, 0x66, "floats"],
  [0x8b, 0xa6, "floats"],
  [0xa8, 0xab, "floats"],
  [0xae, 0xbf, "floats"],
  [0xd0, 0xd6, "references"],
  [0xfb, 0xfb, "garbage collection"],
  [0xfc, 0xfc, "bulk memory"],
  [0xfd, 0xfd, "vectors"],
  [0xfe, 0xfe, "threads"],
];

/** What an opcode belongs to that is refused. */
export function familyOf(opcode: number): RefusedFamily {
  const found = FAMILIES.find(([from, to]) => opcode >= from && opcode <= to);
  return found?.[2] ?? "unknown";
}
