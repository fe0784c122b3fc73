/** Reads the sections of a module, each once and in order. Source: WebAssembly specification 1.0, section 5.5. */
import { type CodeContext, expectValueType, scanFunction } from "./function-scan.ts";
import { MODULE_LIMITS, PAGE_BYTES } from "./limits.ts";
import {
  type ModuleReader,
  passBytes,
  readModuleByte,
  readS32,
  readU32,
  skipS64,
} from "./module-bytes.ts";
import { malformed, refuseModule, withinLimit } from "./module-rejection.ts";
import { OP, TYPE } from "./opcodes.ts";
import type { Export, FunctionCode, FunctionType, Global, WasmModule } from "./wasm-module.ts";

/** `\0asm` and version 1. */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Numbers of the sections, in the order in which they stand. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
} as const;

/** Bytes of the longest exported name. */
const NAME_BYTES_MAX = 1_024;

/** What was read so far. */
type Draft = { -readonly [Key in keyof WasmModule]: WasmModule[Key] };

const nameDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a whole module; throws `ModuleRefused` at the first byte that is refused. */
export function readModule(bytes: Uint8Array): WasmModule {
  const reader: ModuleReader = { bytes, offset: 0, end: bytes.length };
  for (const byte of HEADER) {
    if (readModuleByte(reader) !== byte) malformed(reader.offset - 1, "not WebAssembly version 1");
  }
  const draft = emptyDraft();
  let last = 0;
  while (reader.offset < bytes.length) last = readSection(reader, draft, last);
  if (draft.code.length !== draft.functions.length) {
    malformed(bytes.length, "functions without code");
  }
  return draft;
}

/** The module without what has no meaning for its run: names, producers and the like. */
export function withoutCustomSections(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = new Uint8Array(bytes.length);
  const reader: ModuleReader = { bytes, offset: HEADER.length, end: bytes.length };
  kept.set(bytes.subarray(0, HEADER.length));
  let length = HEADER.length;
  while (reader.offset < bytes.length) {
    const at = reader.offset;
    const section = readModuleByte(reader);
    passBytes(reader, readU32(reader));
    if (section !== SECTION.custom) {
      kept.set(bytes.subarray(at, reader.offset), length);
      length += reader.offset - at;
    }
  }
  return kept.slice(0, length);
}

function emptyDraft(): Draft {
  return {
    types: [],
    functions: [],
    tableSlots: undefined,
    memory: { pages: 0, pagesMax: 0 },
    globals: [],
    exports: [],
    elementSection: undefined,
    dataSection: undefined,
    code: [],
  };
}

/** Reads one section and gives its number, or `last` for one that may stand anywhere. */
function readSection(reader: ModuleReader, draft: Draft, last: number): number {
  const at = reader.offset;
  const section = readModuleByte(reader);
  const sizeBytes = readU32(reader);
  const start = passBytes(reader, sizeBytes);
  if (section === SECTION.custom) return last;
  const read = READ_SECTION.get(section);
  if (read === undefined) return refuseModule({ code: "SectionRefused", section, offset: at });
  if (section <= last) malformed(at, "a section out of order");
  const inside: ModuleReader = { bytes: reader.bytes, offset: start, end: start + sizeBytes };
  read(inside, draft, at);
  if (inside.offset !== inside.end) malformed(inside.offset, "bytes after the end of a section");
  return section;
}

type ReadSection = (reader: ModuleReader, draft: Draft, at: number) => void;

const READ_SECTION: ReadonlyMap<number, ReadSection> = new Map<number, ReadSection>([
  [SECTION.type, readTypes],
  [
    SECTION.import,
    (_, __, offset) => {
      refuseModule({ code: "ModuleImports", offset });
    },
  ],
  [SECTION.function, readFunctions],
  [SECTION.table, readTable],
  [SECTION.memory, readMemory],
  [SECTION.global, readGlobals],
  [SECTION.export, readExports],
  [
    SECTION.start,
    (_, __, offset) => {
      refuseModule({ code: "StartFunction", offset });
    },
  ],
  [SECTION.element, readElements],
  [SECTION.code, readCode],
  [SECTION.data, readData],
]);

/** Reads `count` things, at most `max` of them. */
function readMany<Thing>(
  reader: ModuleReader,
  what: Parameters<typeof withinLimit>[0],
  max: number,
  read: () => Thing,
): readonly Thing[] {
  const at = reader.offset;
  const count = readU32(reader);
  withinLimit(what, count, max, at);
  return Array.from({ length: count }, read);
}

function readTypes(reader: ModuleReader, draft: Draft): void {
  draft.types = readMany(reader, "types", MODULE_LIMITS.types, () => readType(reader));
}

function readType(reader: ModuleReader): FunctionType {
  const at = reader.offset;
  if (readModuleByte(reader) !== TYPE.function) malformed(at, "not the type of a function");
  const value = () => expectValueType(reader);
  const parameters = readMany(reader, "parameters", MODULE_LIMITS.parameters, value);
  return { parameters, results: readMany(reader, "results", 1, value) };
}

function readFunctions(reader: ModuleReader, draft: Draft): void {
  draft.functions = readMany(reader, "functions", MODULE_LIMITS.functions, () => {
    const at = reader.offset;
    const type = readU32(reader);
    return type < draft.types.length ? type : malformed(at, "a signature that is not there");
  });
}

function readTable(reader: ModuleReader, draft: Draft): void {
  readMany(reader, "tables", 1, () => {
    const offset = reader.offset;
    const type = readModuleByte(reader);
    if (type !== TYPE.functionReference) refuseModule({ code: "TypeRefused", type, offset });
    const { least } = readSizes(reader);
    withinLimit("table slots", least, MODULE_LIMITS.tableSlots, offset);
    draft.tableSlots = least;
  });
}

/** A memory that says how far it may grow keeps to that, and to what is allowed here. */
function readMemory(reader: ModuleReader, draft: Draft): void {
  const max = MODULE_LIMITS.memoryPages;
  readMany(reader, "memories", 1, () => {
    const at = reader.offset;
    const { least, most = max } = readSizes(reader);
    withinLimit("memory pages", least, max, at);
    draft.memory = { pages: least, pagesMax: Math.min(most, max) };
  });
}

/** Other flags than these mean shared memories and 64 bits. */
function readSizes(reader: ModuleReader): { readonly least: number; readonly most?: number } {
  const at = reader.offset;
  const flags = readModuleByte(reader);
  if (flags > 1) malformed(at, "a memory or table that is shared, or of 64 bits");
  const least = readU32(reader);
  if (flags === 0) return { least };
  const most = readU32(reader);
  return most >= least ? { least, most } : malformed(at, "a memory or table that may only shrink");
}

function readGlobals(reader: ModuleReader, draft: Draft): void {
  draft.globals = readMany(reader, "globals", MODULE_LIMITS.globals, () => readGlobal(reader));
}

function readGlobal(reader: ModuleReader): Global {
  const type = expectValueType(reader);
  const at = reader.offset;
  const mutability = readModuleByte(reader);
  if (mutability > 1) malformed(at, "neither a constant nor a variable");
  const start = reader.offset;
  expectOpcode(reader, type === TYPE.i32 ? OP.i32Const : OP.i64Const);
  if (type === TYPE.i32) readS32(reader);
  else skipS64(reader);
  expectOpcode(reader, OP.end);
  return { type, isMutable: mutability === 1, initial: reader.bytes.slice(start, reader.offset) };
}

/** First values and places are plain constants: more than that is read by some engines only. */
function expectOpcode(reader: ModuleReader, opcode: number): void {
  const at = reader.offset;
  if (readModuleByte(reader) !== opcode) malformed(at, "a first value that is not a constant");
}

function readExports(reader: ModuleReader, draft: Draft): void {
  draft.exports = readMany(reader, "exports", MODULE_LIMITS.exports, () => readExport(reader));
}

function readExport(reader: ModuleReader): Export {
  const at = reader.offset;
  const sizeBytes = readU32(reader);
  if (sizeBytes > NAME_BYTES_MAX) malformed(at, "a name that is too long");
  const start = passBytes(reader, sizeBytes);
  const name = decodeName(reader.bytes.subarray(start, start + sizeBytes), at);
  const kind = readModuleByte(reader);
  if (kind > 3) malformed(reader.offset - 1, "an export of an unknown kind");
  return { name, kind, index: readU32(reader) };
}

function decodeName(bytes: Uint8Array, at: number): string {
  try {
    return nameDecoder.decode(bytes);
  } catch {
    // The decoder's own words differ between engines; the place is what counts.
    return malformed(at, "a name that is not UTF-8");
  }
}

function readElements(reader: ModuleReader, draft: Draft): void {
  const start = reader.offset;
  readMany(reader, "segments", MODULE_LIMITS.segments, () => {
    const { at, offset } = readSegmentStart(reader);
    const count = readU32(reader);
    const slots = draft.tableSlots ?? malformed(at, "functions for a table that is not there");
    if (offset + count > slots) refuseModule({ code: "SegmentOutOfBounds", offset: at });
    for (let index = 0; index < count; index += 1) {
      const here = reader.offset;
      if (readU32(reader) >= draft.functions.length) {
        malformed(here, "a function that is not there");
      }
    }
  });
  draft.elementSection = reader.bytes.subarray(start, reader.end);
}

function readData(reader: ModuleReader, draft: Draft): void {
  const start = reader.offset;
  readMany(reader, "segments", MODULE_LIMITS.segments, () => {
    const { at, offset } = readSegmentStart(reader);
    const sizeBytes = readU32(reader);
    passBytes(reader, sizeBytes);
    const end = offset + sizeBytes;
    if (end > draft.memory.pages * PAGE_BYTES) {
      refuseModule({ code: "SegmentOutOfBounds", offset: at });
    }
  });
  draft.dataSection = reader.bytes.subarray(start, reader.end);
}

/** Flag 0 is the only form of the first version: it names the one memory or table. */
function readSegmentStart(reader: ModuleReader): { readonly at: number; readonly offset: number } {
  const at = reader.offset;
  if (readModuleByte(reader) !== 0) malformed(at, "a segment of a later version");
  expectOpcode(reader, OP.i32Const);
  const offset = readS32(reader) >>> 0;
  expectOpcode(reader, OP.end);
  return { at, offset };
}

function readCode(reader: ModuleReader, draft: Draft): void {
  const { functions, globals, types } = draft;
  const context: CodeContext = {
    types,
    functions,
    globalCount: globals.length,
    hasTable: draft.tableSlots !== undefined,
  };
  const at = reader.offset;
  if (readU32(reader) !== functions.length) malformed(at, "functions without code");
  draft.code = functions.map((index) => readFunction(reader, types[index], context));
}

function readFunction(
  reader: ModuleReader,
  type: FunctionType | undefined,
  context: CodeContext,
): FunctionCode {
  const sizeBytes = readU32(reader);
  const start = passBytes(reader, sizeBytes);
  const inside: ModuleReader = { bytes: reader.bytes, offset: start, end: start + sizeBytes };
  return type === undefined
    ? malformed(start, "a signature that is not there")
    : scanFunction(inside, type, context);
}
