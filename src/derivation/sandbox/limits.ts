/** What a reducer module may have and use. Every party must hold the same limits: they decide what is refused. */
import { assert } from "../../primitives/assert.ts";

/** Bytes of one page of WebAssembly memory. Source: WebAssembly specification, memory types. */
export const PAGE_BYTES = 65_536;

/**
 * Limits of a module. Version 1 of the reducer ABI fixes them for ever: a module that one party admits, all
 * admit. Each stands far below the limits of engines, which differ. Source: ADR 0016.
 */
export const MODULE_LIMITS = {
  /** 256 KiB: a game in AssemblyScript has 5 to 20 KiB, one in Rust or C rarely 100. */
  moduleBytes: 262_144,
  /** Signatures, functions, globals: as many as a module of that size needs. */
  types: 1_024,
  functions: 4_096,
  globals: 1_024,
  /** Exported names; only those of the ABI are ever used. */
  exports: 256,
  /** Segments of data and of function references. */
  segments: 1_024,
  /** Slots of the one table: function references of a language with virtual calls. */
  tableSlots: 4_096,
  /** 4 MiB of memory: a snapshot copies it. */
  memoryPages: 64,
  /** Parameters of one function. */
  parameters: 64,
  /** Bytes of one function: compilers of engines need more than linear time for long ones. */
  bodyBytes: 65_536,
  /** Blocks inside blocks: a switch of C with 500 cases has 500. */
  blockDepth: 1_024,
  /** Locals, parameters and operands of one function together. */
  frameSlots: 1_024,
} as const;

/**
 * Slots that all frames of nested calls have together: 16,384. An engine takes 8 to 16 bytes for a slot, so
 * 256 KiB at most, a quarter of the smallest stack that Node.js, Bun and browsers start with.
 */
export const STACK_SLOTS_MAX = 16_384;

/** Slots that a call takes beside its locals and operands: return address, saved registers, the instance. */
export const CALL_SLOTS = 16;

/** Bytes of one input: a message with a payload of 32 KiB, or a beginning, and room for their frames. */
export const INPUT_BYTES_MAX = 65_536;

/** Bytes of one output: four times the largest input. */
export const OUTPUT_BYTES_MAX = 262_144;

/** Row changes of one message: more than a game needs, few enough for one statement of SQL each. */
export const ROW_CHANGES_MAX = 4_096;

/** Tables of a reducer, and columns of a table. PostgreSQL allows 1,600 columns. */
export const TABLES_MAX = 64;
export const COLUMNS_MAX = 64;

/** Bytes of a text or `bytes` cell: one output holds it and a few more. */
export const CELL_BYTES_MAX = 65_536;

assert(
  MODULE_LIMITS.frameSlots + CALL_SLOTS < STACK_SLOTS_MAX,
  "every admitted function can be called at least once",
);
assert(CELL_BYTES_MAX < OUTPUT_BYTES_MAX, "a cell fits an output");
