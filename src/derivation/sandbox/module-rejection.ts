/** Why bytes are not a module that may run here. Its author is to blame; nobody runs it. */

/** Instructions that are refused, by what they belong to. */
export type RefusedFamily =
  | "floats"
  | "vectors"
  | "threads"
  | "bulk memory"
  | "references"
  | "tail calls"
  | "exceptions"
  | "garbage collection"
  | "unknown";

/** Things that are counted and limited. */
export type LimitedThing =
  | "types"
  | "functions"
  | "globals"
  | "exports"
  | "segments"
  | "table slots"
  | "tables"
  | "memories"
  | "memory pages"
  | "parameters"
  | "results"
  | "body bytes"
  | "block depth"
  | "frame slots";

/** `offset` counts bytes from the start of the module. Texts are ours, never an engine's. */
export type ModuleRejection =
  /** More bytes than a module may have; nothing was read. */
  | { readonly code: "ModuleTooLarge"; readonly sizeBytes: number; readonly max: number }
  /** Not the binary format of WebAssembly, or an encoding that not every engine reads. */
  | { readonly code: "ModuleMalformed"; readonly offset: number; readonly problem: string }
  /** It asks for something from outside: a reducer has its input and nothing else. */
  | { readonly code: "ModuleImports"; readonly offset: number }
  /** It would run before its memory can be looked at. */
  | { readonly code: "StartFunction"; readonly offset: number }
  /** A section that the first version of WebAssembly does not have. */
  | { readonly code: "SectionRefused"; readonly section: number; readonly offset: number }
  /** A type of values that could differ between machines, or that none of the instructions uses. */
  | { readonly code: "TypeRefused"; readonly type: number; readonly offset: number }
  /** An instruction outside the list. */
  | {
      readonly code: "OpcodeRefused";
      readonly opcode: number;
      readonly family: RefusedFamily;
      readonly offset: number;
    }
  /** More of something than is allowed. */
  | {
      readonly code: "LimitExceeded";
      readonly what: LimitedThing;
      readonly found: number;
      readonly max: number;
      readonly offset: number;
    }
  /** Data or function references that would be written outside memory or table. */
  | { readonly code: "SegmentOutOfBounds"; readonly offset: number }
  /** It reads well, and its types do not fit together. */
  | { readonly code: "ModuleInvalid" }
  /** The ABI asks for an export that is not there, or is of another kind or signature. */
  | { readonly code: "ExportMissing"; readonly name: string }
  | { readonly code: "ExportMistyped"; readonly name: string };

/** Thrown at the first byte that is refused. `admitModule` catches it; nobody else does. */
export class ModuleRefused extends Error {
  override readonly name = "ModuleRefused";
  readonly reason: ModuleRejection;

  constructor(reason: ModuleRejection) {
    super(reason.code);
    this.reason = reason;
  }
}

/** Refuses a module. */
export function refuseModule(reason: ModuleRejection): never {
  throw new ModuleRefused(reason);
}

/** Refuses bytes that are no WebAssembly. */
export function malformed(offset: number, problem: string): never {
  return refuseModule({ code: "ModuleMalformed", offset, problem });
}

/** Refuses more than `max` of something. */
export function withinLimit(what: LimitedThing, found: number, max: number, offset: number): void {
  if (found > max) refuseModule({ code: "LimitExceeded", what, found, max, offset });
}
