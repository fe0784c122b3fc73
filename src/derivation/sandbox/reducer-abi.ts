/** Names and limits of the reducer ABI, version 1, which docs/REDUCER-ABI.md describes. */
import { assert } from "../../primitives/assert.ts";
import { MODULE_LIMITS } from "./limits.ts";
import { GAS_COSTS, TYPE } from "./opcodes.ts";
import type { FunctionType } from "./wasm-module.ts";

/** What `abi_version` gives. */
export const ABI_VERSION = 1;

const { i32, i64 } = TYPE;

/** The name of a function of the ABI. */
export type AbiFunction = "abi_version" | "allocate" | "schema" | "init" | "reduce" | "outcome";

/** Functions that a module exports, with their signatures. */
export const ABI_FUNCTIONS: Readonly<Record<AbiFunction, FunctionType>> = {
  abi_version: { parameters: [], results: [i32] },
  allocate: { parameters: [i32], results: [i32] },
  schema: { parameters: [], results: [i64] },
  init: { parameters: [i32, i32], results: [i64] },
  reduce: { parameters: [i32, i32], results: [i64] },
  outcome: { parameters: [], results: [i64] },
};

/**
 * A function without parameters and results that a module may export. It is called once, before everything else:
 * compilers put into it what a program does before it begins.
 */
export const ABI_INITIALIZE = "_initialize";

/** The exported memory. */
export const ABI_MEMORY = "memory";

/**
 * Gas of one call from outside: 10,000,000, about 3 ms once an engine has compiled it well, 10 times that before. `allocate` and the `init` or `reduce` after it share
 * one such sum. A move of a game takes a few thousand; a board of 10,000 squares is gone through 100 times.
 */
export const GAS_PER_CALL = 10_000_000;

assert(
  GAS_PER_CALL + MODULE_LIMITS.bodyBytes * GAS_COSTS.indirectCall < 2 ** 31,
  "what is left of the gas, less the dearest region, is an integer of 32 bits",
);
assert(
  MODULE_LIMITS.memoryPages * GAS_COSTS.page < GAS_PER_CALL,
  "one message may take all the memory that there is",
);
