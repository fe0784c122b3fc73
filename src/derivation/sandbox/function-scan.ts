/**
 * Reads the code of one function: refuses what is not on the list, and finds where gas is charged.
 *
 * Code is charged in regions. A region is a run of instructions that is entered at its start only; it is charged
 * whole when it is entered, so that what a branch skips inside it is paid as well. Every way round a loop and
 * every arm of an `if` enters a region.
 */
import { assertDefined } from "../../primitives/assert.ts";
import { MODULE_LIMITS } from "./limits.ts";
import {
  type ModuleReader,
  passBytes,
  readModuleByte,
  readS32,
  readU32,
  skipS64,
} from "./module-bytes.ts";
import { malformed, refuseModule, withinLimit } from "./module-rejection.ts";
import { familyOf, GAS_COSTS, OP, OPCODES, type Opcode, TYPE } from "./opcodes.ts";
import type { FunctionCode, FunctionType, Region } from "./wasm-module.ts";

/** What code may name: how many there are of each. */
export type CodeContext = {
  readonly types: readonly FunctionType[];
  readonly functions: readonly number[];
  readonly globalCount: number;
  readonly hasTable: boolean;
};

/** A block that is open. */
type Frame = {
  readonly opcode: number;
  readonly results: number;
  /** Operands below it. */
  readonly height: number;
  /** The region that was open in front of it. */
  readonly before: Region;
  /** True when it stands where no instruction is reached. */
  readonly isDead: boolean;
  /** The outermost open block, counted from 0, that a branch in here leads to the end of. */
  reaches: number;
};

/** The function as far as it was read. */
type Scan = {
  readonly context: CodeContext;
  readonly reader: ModuleReader;
  readonly start: number;
  readonly localCount: number;
  readonly frames: Frame[];
  readonly regions: Region[];
  readonly returns: { readonly at: number; readonly depth: number }[];
  readonly grows: number[];
  region: Region;
  height: number;
  heightMax: number;
  /** True behind a branch that is always taken, up to the end of its block. */
  isDead: boolean;
  calls: boolean;
};

/** Reads one function of `type`, whose bytes are those of `reader`. */
export function scanFunction(
  reader: ModuleReader,
  type: FunctionType,
  context: CodeContext,
): FunctionCode {
  const bodyStart = reader.offset;
  withinLimit("body bytes", reader.end - bodyStart, MODULE_LIMITS.bodyBytes, bodyStart);
  const declaredCount = readLocals(reader);
  const localCount = type.parameters.length + declaredCount;
  const start = reader.offset;
  const scan = createScan(reader, type, context, localCount);
  scan.region.gas = Math.floor(declaredCount / 4) * GAS_COSTS.fourLocals;
  while (scan.frames.length > 0) readInstruction(scan);
  if (reader.offset !== reader.end) malformed(reader.offset, "bytes after the end of a function");
  const frameSlots = localCount + scan.heightMax;
  withinLimit("frame slots", frameSlots, MODULE_LIMITS.frameSlots, bodyStart);
  return {
    locals: reader.bytes.subarray(bodyStart, start),
    code: reader.bytes.subarray(start, reader.end),
    regions: scan.regions.filter(({ gas }) => gas > 0),
    returns: scan.returns,
    grows: scan.grows,
    calls: scan.calls,
    frameSlots,
  };
}

/** Passes over the declarations of locals and gives their number. */
function readLocals(reader: ModuleReader): number {
  const at = reader.offset;
  let count = 0;
  for (let groups = readU32(reader); groups > 0; groups -= 1) {
    count += readU32(reader);
    withinLimit("frame slots", count, MODULE_LIMITS.frameSlots, at);
    expectValueType(reader);
  }
  return count;
}

/** Reads the type of a value: an integer of 32 or 64 bits. */
export function expectValueType(reader: ModuleReader): number {
  const offset = reader.offset;
  const type = readModuleByte(reader);
  if (type === TYPE.i32 || type === TYPE.i64) return type;
  return refuseModule({ code: "TypeRefused", type, offset });
}

function createScan(
  reader: ModuleReader,
  type: FunctionType,
  context: CodeContext,
  localCount: number,
): Scan {
  const region = { at: 0, gas: 0 };
  const results = type.results.length;
  const whole = { opcode: OP.block, results, height: 0, before: region, isDead: false, reaches: 0 };
  return {
    context,
    reader,
    start: reader.offset,
    localCount,
    frames: [whole],
    regions: [region],
    returns: [],
    grows: [],
    region,
    height: 0,
    heightMax: 0,
    isDead: false,
    calls: false,
  };
}

function readInstruction(scan: Scan): void {
  const at = scan.reader.offset;
  const opcode = readModuleByte(scan.reader);
  const known = OPCODES[opcode] ?? refuseOpcode(opcode, at);
  if (!scan.isDead) scan.region.gas += known.gas;
  grow(scan, known.growth);
  READ[known.immediate](scan, opcode, at, known);
}

function refuseOpcode(opcode: number, offset: number): never {
  return refuseModule({ code: "OpcodeRefused", opcode, family: familyOf(opcode), offset });
}

/** Adds operands, or takes some away. Code that is never reached has none, and may take more than there are. */
function grow(scan: Scan, growth: number): void {
  if (scan.isDead) return;
  scan.height += growth;
  scan.heightMax = Math.max(scan.heightMax, scan.height);
}

type ReadImmediate = (scan: Scan, opcode: number, at: number, known: Opcode) => void;

/** Reads what follows an opcode, and does what it means for blocks and operands. */
const READ: Readonly<Record<Opcode["immediate"], ReadImmediate>> = {
  none: (scan, opcode, at) => {
    if (opcode === OP.end) closeBlock(scan, at);
    else if (opcode === OP.else) turnToElse(scan, at);
    else if (opcode === OP.return) leaveFunction(scan, at);
    else if (opcode === OP.unreachable) scan.isDead = true;
  },
  block: openBlock,
  label: (scan, opcode) => {
    branchTo(scan, readU32(scan.reader));
    if (opcode === OP.br) scan.isDead = true;
  },
  labels: (scan) => {
    for (let count = readU32(scan.reader); count >= 0; count -= 1) {
      branchTo(scan, readU32(scan.reader));
    }
    scan.isDead = true;
  },
  local: (scan) => expectBelow(scan, scan.localCount, "a local that is not there"),
  global: (scan) => expectBelow(scan, scan.context.globalCount, "a global that is not there"),
  function: (scan) => {
    const { functions, types } = scan.context;
    const index = expectBelow(scan, functions.length, "a function that is not there");
    countCall(scan, types[functions[index] ?? 0]);
  },
  signature: (scan) => {
    const { hasTable, types } = scan.context;
    const index = expectBelow(scan, types.length, "a signature that is not there");
    if (!hasTable) malformed(scan.reader.offset, "a call through a table that is not there");
    expectZero(scan);
    countCall(scan, types[index]);
  },
  "memory access": (scan, _, __, { alignmentMax }) => {
    expectBelow(scan, alignmentMax + 1, "an alignment above the natural one");
    readU32(scan.reader);
  },
  zero: (scan, opcode, at) => {
    expectZero(scan);
    if (opcode === OP.memoryGrow) scan.grows.push(at - scan.start);
  },
  i32: (scan) => void readS32(scan.reader),
  i64: (scan) => skipS64(scan.reader),
};

/** Reads an index of something of which there are `count`. */
function expectBelow(scan: Scan, count: number, problem: string): number {
  const at = scan.reader.offset;
  const index = readU32(scan.reader);
  return index < count ? index : malformed(at, problem);
}

/** Later versions count memories and tables here; the first one has a single zero, which all engines read. */
function expectZero(scan: Scan): void {
  const at = scan.reader.offset;
  if (readModuleByte(scan.reader) !== 0) malformed(at, "a memory or table other than the first");
}

function countCall(scan: Scan, type: FunctionType | undefined): void {
  const { parameters, results } = assertDefined(type, "the signature of a function");
  scan.calls = true;
  grow(scan, -parameters.length);
  grow(scan, results.length);
}

function openBlock(scan: Scan, opcode: number): void {
  const { frames, reader } = scan;
  const at = reader.offset;
  const blockType = reader.bytes[at] === TYPE.empty ? TYPE.empty : undefined;
  if (blockType === undefined) expectValueType(reader);
  else passBytes(reader, 1);
  frames.push({
    opcode,
    results: blockType === undefined ? 1 : 0,
    height: scan.height,
    before: scan.region,
    isDead: scan.isDead,
    reaches: frames.length,
  });
  withinLimit("block depth", frames.length, MODULE_LIMITS.blockDepth, at);
  if (opcode !== OP.block) enterRegion(scan);
}

function turnToElse(scan: Scan, at: number): void {
  const frame = scan.frames.pop();
  if (frame?.opcode !== OP.if) malformed(at, "an else without an if");
  else {
    scan.frames.push({ ...frame, opcode: OP.else });
    scan.height = frame.height;
    scan.isDead = frame.isDead;
    enterRegion(scan);
  }
}

/** What follows a block is paid with what stands before it, unless a branch in it leads further than its end. */
function closeBlock(scan: Scan, at: number): void {
  const frame = assertDefined(scan.frames.pop(), "the block that ends");
  const parent = scan.frames.at(-1);
  if (parent === undefined) return;
  scan.height = frame.height;
  scan.isDead = frame.isDead;
  grow(scan, frame.results);
  const isLeft = frame.reaches < scan.frames.length;
  parent.reaches = Math.min(parent.reaches, frame.reaches);
  if (isLeft) enterRegion(scan, at + 1);
  else scan.region = frame.before;
}

function leaveFunction(scan: Scan, at: number): void {
  innermost(scan).reaches = 0;
  scan.returns.push({ at: at - scan.start, depth: scan.frames.length - 1 });
  scan.isDead = true;
}

function branchTo(scan: Scan, depth: number): void {
  const target = scan.frames.length - 1 - depth;
  if (target < 0) malformed(scan.reader.offset, "a branch to a block that is not there");
  const frame = innermost(scan);
  frame.reaches = Math.min(frame.reaches, target);
}

function enterRegion(scan: Scan, offset: number = scan.reader.offset): void {
  scan.region = { at: offset - scan.start, gas: 0 };
  scan.regions.push(scan.region);
}

function innermost(scan: Scan): Frame {
  return assertDefined(scan.frames.at(-1), "a block that is open");
}
