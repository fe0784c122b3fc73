/**
 * Rewrites a module so that it counts its own gas and stack, and stops where they end. Since the counting is part
 * of the code, it ends at the same instruction in every engine. Counters are globals behind the module's own, which
 * its code cannot name; whatever it exports under other names is dropped.
 */
import { assertDefined } from "../../primitives/assert.ts";
import { CALL_SLOTS, STACK_SLOTS_MAX } from "./limits.ts";
import { type ModuleWriter, writeS32, writeU32 } from "./module-bytes.ts";
import { SECTION } from "./module-sections.ts";
import { GAS_COSTS, OP, TYPE } from "./opcodes.ts";
import {
  ABI_FUNCTIONS,
  ABI_INITIALIZE,
  ABI_MEMORY,
  type AbiFunction,
  GAS_PER_CALL,
} from "./reducer-abi.ts";
import type { FunctionCode, FunctionType, Region, WasmModule } from "./wasm-module.ts";

/** Exports of a metered module that tell what the last call left, each a function without arguments. */
export const COUNTERS = {
  /** Gas that is left; below zero when it was not enough. */
  gas: "gas_left",
  /** Slots that calls take; above `STACK_SLOTS_MAX` when they were too many. */
  stack: "stack_slots",
  /** Bytes of the last output, whose place the call itself gave. */
  length: "output_length",
} as const;

/** The exported name of a global that is part of the state. */
export function globalName(index: number): string {
  return `global_${index}`;
}

/** Where the parts stand that metering adds. */
type Layout = {
  readonly module: WasmModule;
  /** Globals. */
  readonly gas: number;
  readonly stack: number;
  readonly length: number;
  /** The function that grows the memory. */
  readonly grow: number;
};

/** A function that metering adds: signature, locals behind the parameters, code. */
type AddedFunction = {
  readonly exported: string | undefined;
  readonly type: FunctionType;
  readonly locals: readonly number[];
  readonly code: readonly number[];
};

const { i32, i64 } = TYPE;

/** Stops the call when the condition on the stack is not zero. */
const STOP_IF = [OP.if, TYPE.empty, OP.unreachable, OP.end];

/** The bytes of the metered module, which has all that the ABI asks for. Its ABI functions return the place of their output, as an `i32`. */
export function meterModule(module: WasmModule): Uint8Array<ArrayBuffer> {
  const globalCount = module.globals.length;
  const layout: Layout = {
    module,
    gas: globalCount,
    stack: globalCount + 1,
    length: globalCount + 2,
    grow: module.functions.length,
  };
  const added = addedFunctions(layout);
  const writer: ModuleWriter = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  writeTypes(writer, module, added);
  writeFunctions(writer, module, added);
  writeTableAndMemory(writer, module);
  writeGlobals(writer, module);
  writeExports(writer, layout, added);
  writeKept(writer, SECTION.element, module.elementSection);
  writeCode(writer, layout, added);
  writeKept(writer, SECTION.data, module.dataSection);
  return Uint8Array.from(writer);
}

function addedFunctions(layout: Layout): readonly AddedFunction[] {
  const names = Object.keys(ABI_FUNCTIONS) as AbiFunction[];
  return [
    growFunction(layout),
    ...names.map((name) => callFromOutside(layout, name)),
    counter(COUNTERS.gas, layout.gas),
    counter(COUNTERS.stack, layout.stack),
    counter(COUNTERS.length, layout.length),
  ];
}

/** Asking for more than there may ever be fails as it does without metering; the rest is paid by the page. */
function growFunction({ gas, module }: Layout): AddedFunction {
  return {
    exported: undefined,
    type: { parameters: [i32], results: [i32] },
    locals: [],
    code: [
      ...[OP.localGet, 0, OP.i32Const, ...signed(module.memory.pagesMax), OP.i32GtU],
      ...[OP.if, TYPE.empty, OP.i32Const, ...signed(-1), OP.return, OP.end],
      ...[OP.globalGet, ...unsigned(gas)],
      ...[OP.localGet, 0, OP.i32Const, ...signed(GAS_COSTS.page), OP.i32Mul],
      ...[OP.i32Sub, OP.globalSet, ...unsigned(gas)],
      ...stopWithoutGas(gas),
      ...[OP.localGet, 0, OP.memoryGrow, 0, OP.end],
    ],
  };
}

/** The door to a function of the ABI: fills the counters, calls, and parts an output into place and length. */
function callFromOutside(layout: Layout, name: AbiFunction): AddedFunction {
  const { parameters, results } = ABI_FUNCTIONS[name];
  const { index } = assertDefined(
    layout.module.exports.find((found) => found.name === name),
    "an export of the ABI",
  );
  const isOutput = results[0] === i64;
  const output = parameters.length;
  const sharesGas = name === "init" || name === "reduce";
  return {
    exported: name,
    type: { parameters, results: [i32] },
    locals: isOutput ? [i64] : [],
    code: [
      ...(sharesGas ? [] : setGlobal(layout.gas, GAS_PER_CALL)),
      ...setGlobal(layout.stack, 0),
      ...(name === "abi_version" ? callInitialize(layout.module) : []),
      ...parameters.flatMap((_, parameter) => [OP.localGet, parameter]),
      ...[OP.call, ...unsigned(index)],
      ...(isOutput ? partOutput(output, layout.length) : []),
      OP.end,
    ],
  };
}

/** The version is asked for first, so what comes before everything stands in front of it. */
function callInitialize({ exports }: WasmModule): readonly number[] {
  const found = exports.find(({ name }) => name === ABI_INITIALIZE);
  return found === undefined ? [] : [OP.call, ...unsigned(found.index)];
}

/** From place and length in one `i64` to the length in a global and the place as the result. */
function partOutput(local: number, length: number): readonly number[] {
  return [
    ...[OP.localTee, local, OP.i32WrapI64, OP.globalSet, ...unsigned(length)],
    ...[OP.localGet, local, OP.i64Const, ...signed(32), OP.i64ShrU, OP.i32WrapI64],
  ];
}

function counter(exported: string, global: number): AddedFunction {
  const code = [OP.globalGet, ...unsigned(global), OP.end];
  return { exported, type: { parameters: [], results: [i32] }, locals: [], code };
}

function setGlobal(global: number, value: number): readonly number[] {
  return [OP.i32Const, ...signed(value), OP.globalSet, ...unsigned(global)];
}

function stopWithoutGas(gas: number): readonly number[] {
  return [OP.globalGet, ...unsigned(gas), OP.i32Const, 0, OP.i32LtS, ...STOP_IF];
}

/** Takes the gas of a region, and stops when there was not enough. */
function charge(gas: number, amount: number): readonly number[] {
  const taken = [OP.globalGet, ...unsigned(gas), OP.i32Const, ...signed(amount), OP.i32Sub];
  return [...taken, OP.globalSet, ...unsigned(gas), ...stopWithoutGas(gas)];
}

/** Takes the slots of a frame, and stops when the frames are too many. */
function enterFrame(stack: number, slots: number): readonly number[] {
  const taken = [OP.globalGet, ...unsigned(stack), OP.i32Const, ...signed(slots), OP.i32Add];
  const isTooMuch = [OP.i32Const, ...signed(STACK_SLOTS_MAX), OP.i32GtU, ...STOP_IF];
  return [
    ...taken,
    OP.globalSet,
    ...unsigned(stack),
    OP.globalGet,
    ...unsigned(stack),
    ...isTooMuch,
  ];
}

function leaveFrame(stack: number, slots: number): readonly number[] {
  const given = [OP.globalGet, ...unsigned(stack), OP.i32Const, ...signed(slots), OP.i32Sub];
  return [...given, OP.globalSet, ...unsigned(stack)];
}

function writeTypes(
  writer: ModuleWriter,
  module: WasmModule,
  added: readonly AddedFunction[],
): void {
  const content: ModuleWriter = [];
  writeU32(content, module.types.length + added.length);
  for (const { parameters, results } of [...module.types, ...added.map(({ type }) => type)]) {
    content.push(TYPE.function, ...unsigned(parameters.length), ...parameters);
    content.push(...unsigned(results.length), ...results);
  }
  writeSection(writer, SECTION.type, content);
}

function writeFunctions(
  writer: ModuleWriter,
  module: WasmModule,
  added: readonly AddedFunction[],
): void {
  const content: ModuleWriter = [];
  writeU32(content, module.functions.length + added.length);
  for (const type of module.functions) writeU32(content, type);
  for (const index of added.keys()) writeU32(content, module.types.length + index);
  writeSection(writer, SECTION.function, content);
}

function writeTableAndMemory(writer: ModuleWriter, { memory, tableSlots }: WasmModule): void {
  if (tableSlots !== undefined) {
    const content = [1, TYPE.functionReference, 0, ...unsigned(tableSlots)];
    writeSection(writer, SECTION.table, content);
  }
  const sizes = [...unsigned(memory.pages), ...unsigned(memory.pagesMax)];
  writeSection(writer, SECTION.memory, [1, 1, ...sizes]);
}

function writeGlobals(writer: ModuleWriter, { globals }: WasmModule): void {
  const content: ModuleWriter = [];
  writeU32(content, globals.length + 3);
  for (const { initial, isMutable, type } of globals) {
    content.push(type, isMutable ? 1 : 0, ...initial);
  }
  for (let index = 0; index < 3; index += 1) content.push(i32, 1, OP.i32Const, 0, OP.end);
  writeSection(writer, SECTION.global, content);
}

function writeExports(
  writer: ModuleWriter,
  { module }: Layout,
  added: readonly AddedFunction[],
): void {
  const exports: number[][] = [];
  const add = (name: string, kind: number, index: number): void => {
    const bytes = new TextEncoder().encode(name);
    exports.push([...unsigned(bytes.length), ...bytes, kind, ...unsigned(index)]);
  };
  add(ABI_MEMORY, 2, 0);
  for (const [index, { exported }] of added.entries()) {
    if (exported !== undefined) add(exported, 0, module.functions.length + index);
  }
  for (const [index, { isMutable }] of module.globals.entries()) {
    if (isMutable) add(globalName(index), 3, index);
  }
  writeSection(writer, SECTION.export, [...unsigned(exports.length), ...exports.flat()]);
}

function writeKept(writer: ModuleWriter, section: number, bytes: Uint8Array | undefined): void {
  if (bytes !== undefined) writeSection(writer, section, bytes);
}

function writeCode(writer: ModuleWriter, layout: Layout, added: readonly AddedFunction[]): void {
  const { code, functions, types } = layout.module;
  const content: ModuleWriter = [];
  writeU32(content, code.length + added.length);
  for (const [index, body] of code.entries()) {
    const type = assertDefined(types[functions[index] ?? 0], "the signature of a function");
    writeSized(content, meteredBody(layout, body, type));
  }
  for (const { locals, code: instructions } of added) {
    const declared = [...unsigned(locals.length), ...locals.flatMap((type) => [1, type])];
    writeSized(content, [...declared, ...instructions]);
  }
  writeSection(writer, SECTION.code, content);
}

/** A function that calls stands in one block more, whose end it reaches however it returns. */
function meteredBody(layout: Layout, body: FunctionCode, type: FunctionType): ModuleWriter {
  const { gas, stack } = layout;
  const writer: ModuleWriter = [...body.locals];
  const [first, ...regions] = body.regions;
  const isWhole = first?.at === 0;
  if (isWhole) append(writer, charge(gas, first.gas));
  const slots = body.frameSlots + CALL_SLOTS;
  if (body.calls) {
    append(writer, enterFrame(stack, slots));
    writer.push(OP.block, type.results[0] ?? TYPE.empty);
  }
  writeMeteredCode(writer, layout, body, isWhole ? regions : body.regions);
  if (body.calls) append(writer, [...leaveFrame(stack, slots), OP.end]);
  return writer;
}

/** A change to the code: `removed` bytes at `at` make place for others. */
type Edit = { readonly at: number; readonly removed: number; readonly bytes: readonly number[] };

function writeMeteredCode(
  writer: ModuleWriter,
  layout: Layout,
  body: FunctionCode,
  regions: readonly Region[],
): void {
  let from = 0;
  for (const { at, bytes, removed } of editsOf(layout, body, regions)) {
    append(writer, body.code.subarray(from, at));
    append(writer, bytes);
    from = at + removed;
  }
  append(writer, body.code.subarray(from));
}

/** In the order of the code; what is charged at a place stands in front of what is changed there. */
function editsOf(
  { gas, grow }: Layout,
  { calls, grows, returns }: FunctionCode,
  regions: readonly Region[],
): readonly Edit[] {
  const charges = regions.map(({ at, gas: amount }) => ({
    at,
    removed: 0,
    bytes: charge(gas, amount),
  }));
  const leaving = returns.map(({ at, depth }) => ({
    at,
    removed: 1,
    bytes: [OP.br, ...unsigned(depth)],
  }));
  const growing = grows.map((at) => ({ at, removed: 2, bytes: [OP.call, ...unsigned(grow)] }));
  const all: readonly Edit[] = [...charges, ...(calls ? leaving : []), ...growing];
  return all.toSorted((left, right) => left.at - right.at || left.removed - right.removed);
}

function writeSized(writer: ModuleWriter, bytes: ArrayLike<number>): void {
  writeU32(writer, bytes.length);
  append(writer, bytes);
}

function writeSection(writer: ModuleWriter, section: number, content: ArrayLike<number>): void {
  writer.push(section);
  writeSized(writer, content);
}

/** One by one: a spread of many bytes would not fit the stack of this program. */
function append(writer: ModuleWriter, bytes: ArrayLike<number>): void {
  for (let index = 0; index < bytes.length; index += 1) writer.push(bytes[index] ?? 0);
}

function unsigned(value: number): ModuleWriter {
  const writer: ModuleWriter = [];
  writeU32(writer, value);
  return writer;
}

function signed(value: number): ModuleWriter {
  const writer: ModuleWriter = [];
  writeS32(writer, value);
  return writer;
}
