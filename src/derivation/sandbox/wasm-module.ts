/** A module as it was read: what the checks, the metering and the runtime ask of it. */

/** A signature: types of values, as bytes. */
export type FunctionType = {
  readonly parameters: readonly number[];
  /** None or one. */
  readonly results: readonly number[];
};

/** A global: its type, and the bytes that give its first value. */
export type Global = {
  readonly type: number;
  readonly isMutable: boolean;
  /** The instruction that makes its first value, with its `end`. */
  readonly initial: Uint8Array;
};

/** An export: kind 0 is a function, 1 a table, 2 a memory, 3 a global. */
export type Export = { readonly name: string; readonly kind: number; readonly index: number };

/** Where a run of instructions starts, in its function, and what it costs to go through it. */
export type Region = { readonly at: number; gas: number };

/** The code of one function, with the places that metering changes. Places count from the start of `code`. */
export type FunctionCode = {
  /** The declarations of its locals, as they stand in the module. */
  readonly locals: Uint8Array;
  /** Its instructions, with the last `end`. */
  readonly code: Uint8Array;
  readonly regions: readonly Region[];
  /** Each `return`, and how many blocks are open there. */
  readonly returns: readonly { readonly at: number; readonly depth: number }[];
  /** Each `memory.grow`. */
  readonly grows: readonly number[];
  /** True when it calls: then its frame stays while another stands above it. */
  readonly calls: boolean;
  /** Parameters, locals and operands at most. */
  readonly frameSlots: number;
};

/** A segment of data or of function references: where it goes, and its end. */
export type Segment = { readonly start: number; readonly length: number; readonly offset: number };

/** A module that reads well. Sections that are written again as they were are kept as bytes. */
export type WasmModule = {
  readonly types: readonly FunctionType[];
  /** By function: the index of its signature. */
  readonly functions: readonly number[];
  /** Slots of the table, or undefined without one. */
  readonly tableSlots: number | undefined;
  readonly memory: { readonly pages: number; readonly pagesMax: number };
  readonly globals: readonly Global[];
  readonly exports: readonly Export[];
  readonly elementSection: Uint8Array | undefined;
  readonly dataSection: Uint8Array | undefined;
  readonly code: readonly FunctionCode[];
};
