/** Modules are admitted or refused with the place that is wrong, whatever bytes they are. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, golden, property, unit } from "../../../test/kind.ts";
import "../../../test/property-seed.ts";
import { acceptedOf, admitted, reasonOf, reducerBytes } from "../../../test/reducers.ts";
import { assembleWat, WAT_OUTPUT, watReducer } from "../../../test/wat.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { toHex } from "../../primitives/hex.ts";
import { admitModule } from "./admission.ts";
import { MODULE_LIMITS, PAGE_BYTES } from "./limits.ts";
import { COUNTERS } from "./metering.ts";
import type { ModuleRejection } from "./module-rejection.ts";
import { createMachine, type Machine, tellMachine } from "./reducer-machine.ts";

const reasonFor = (bytes: Uint8Array): ModuleRejection =>
  reasonOf<ModuleRejection>(admitModule(bytes));

const withReduce = (reduce: string, rest = ""): Uint8Array =>
  watReducer({ reduce: `${reduce} ${WAT_OUTPUT.nothing}`, rest });

/** Blocks inside blocks, put where there was nothing to do: an assembler of text cannot nest so deep. */
function nested(depth: number): Uint8Array {
  const bytes = withReduce("(nop)".repeat(3 * depth));
  const start = bytes.indexOf(
    1,
    bytes.findIndex((_, at) => bytes.subarray(at, at + 9).every((byte) => byte === 1)),
  );
  for (let block = 0; block < depth; block += 1) bytes.set([0x02, 0x40], start + 2 * block);
  return bytes.fill(0x0b, start + 2 * depth, start + 3 * depth);
}

describe("admitModule", () => {
  unit("admits blocks inside blocks as deep as they may be", () => {
    expect(admitModule(nested(MODULE_LIMITS.blockDepth - 1)).ok).toBe(true);
  });

  golden("knows a module by keccak-256 of its bytes", () => {
    const bytes = reducerBytes("counter-c");

    expect(admitted(bytes).id).toBe(toHex(keccak256(bytes)) as never);
  });

  unit("keeps the bytes as they were, whatever happens to those that it was given", () => {
    const bytes = reducerBytes("counter-c");
    const module = admitted(bytes);
    bytes.fill(0);

    expect(toHex(keccak256(module.bytes))).toBe(module.id);
  });

  unit("admits custom sections, which it leaves out of what runs", () => {
    const custom = Uint8Array.of(0, 6, 4, 0x6e, 0x61, 0x6d, 0x65, 0xff);
    const module = admitted(concatBytes(watReducer({}), custom));

    expect(module.metered).toEqual(admitted(watReducer({})).metered);
  });

  const opcodes: readonly (readonly [string, number, string, string?])[] = [
    ["(drop (f32.const 1))", 0x43, "floats"],
    ["(drop (f64.load (i32.const 0)))", 0x2b, "floats"],
    ["(drop (i32.reinterpret_f32 (f32.const 1)))", 0x43, "floats"],
    ["(drop (v128.const i32x4 1 2 3 4))", 0xfd, "vectors"],
    ["(drop (i32.atomic.load (i32.const 0)))", 0xfe, "threads"],
    ["(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))", 0xfc, "bulk memory"],
    ["(drop (ref.null func))", 0xd0, "references"],
    ["(drop (table.get 0 (i32.const 0)))", 0x25, "references", "(table 1 funcref)"],
    ["(return_call $f)", 0x12, "tail calls", "(func $f (result i64) (i64.const 0))"],
    ["(throw $e)", 0x08, "exceptions", "(tag $e)"],
  ];
  for (const [instruction, opcode, family, rest] of opcodes) {
    adversarial(`refuses ${instruction} by its opcode and its place`, () => {
      const bytes = withReduce(instruction, rest);
      const reason = reasonFor(bytes);

      // An event for exceptions has a section of its own, which comes first.
      if (reason.code === "SectionRefused") expect(reason.section).toBe(13);
      else {
        const offset = reason.code === "OpcodeRefused" ? reason.offset : 0;
        const found = { code: "OpcodeRefused", opcode, family, offset };
        // A constant in front of it has two bytes; its place is told exactly.
        expect<object>(reason).toEqual(found);
        expect(bytes[offset]).toBe(opcode);
      }
    });
  }

  const refused: readonly (readonly [string, Uint8Array, object])[] = [
    ["nothing", new Uint8Array(), { code: "ModuleMalformed", offset: 0 }],
    ["text", new TextEncoder().encode("export const a"), { code: "ModuleMalformed", offset: 0 }],
    [
      "imports",
      assembleWat(`(module (import "env" "now" (func)))`),
      { code: "ModuleImports", offset: 14 },
    ],
    ["a start function", withReduce("", "(func $go) (start $go)"), { code: "StartFunction" }],
    [
      "a float as a parameter",
      withReduce("", "(func (param f64))"),
      { code: "TypeRefused", type: 0x7c },
    ],
    [
      "a float as a local",
      withReduce("", "(func (local f32))"),
      { code: "TypeRefused", type: 0x7d },
    ],
    ["a float as a global", withReduce("", "(global f32 (f32.const 1))"), { code: "TypeRefused" }],
    [
      "two results",
      withReduce("", "(func (result i32 i32) (i32.const 1) (i32.const 2))"),
      {
        code: "LimitExceeded",
        what: "results",
        found: 2,
        max: 1,
      },
    ],
    ["a block of two results", withReduce("(block (param i32) (drop))"), { code: "TypeRefused" }],
    [
      "a table of other references",
      withReduce("", "(table 1 externref)"),
      { code: "TypeRefused", type: 0x6f },
    ],
    [
      "two tables",
      withReduce("", "(table 1 funcref) (table 1 funcref)"),
      {
        code: "LimitExceeded",
        what: "tables",
      },
    ],
    [
      "too large a table",
      withReduce("", "(table 4097 funcref)"),
      {
        code: "LimitExceeded",
        what: "table slots",
        found: 4_097,
        max: 4_096,
      },
    ],
    [
      "too much memory",
      watReducer({ memory: "65" }),
      {
        code: "LimitExceeded",
        what: "memory pages",
        found: 65,
        max: 64,
      },
    ],
    ["a memory that is shared", watReducer({ memory: "1 2 shared" }), { code: "ModuleMalformed" }],
    ["a memory of 64 bits", watReducer({ memory: "i64 1" }), { code: "ModuleMalformed" }],
    [
      "data outside the memory",
      watReducer({ rest: '(data (i32.const 65535) "ab")' }),
      {
        code: "SegmentOutOfBounds",
      },
    ],
    ["data that is placed later", watReducer({ rest: '(data "ab")' }), { code: "ModuleMalformed" }],
    [
      "functions outside the table",
      withReduce("", "(table 1 funcref) (elem (i32.const 1) $f) (func $f)"),
      {
        code: "SegmentOutOfBounds",
      },
    ],
    [
      "a frame that is too large",
      withReduce("", `(func ${"(local i64)".repeat(1_025)})`),
      {
        code: "LimitExceeded",
        what: "frame slots",
      },
    ],
    [
      "too many operands",
      withReduce("", `(func ${"(i32.const 1)".repeat(1_025)} ${"drop ".repeat(1_025)})`),
      {
        code: "LimitExceeded",
        what: "frame slots",
        found: 1_025,
        max: 1_024,
      },
    ],
    [
      "blocks too deep",
      nested(1_024),
      {
        code: "LimitExceeded",
        what: "block depth",
      },
    ],
    [
      "a function that is too long",
      withReduce("", `(func ${"(nop)".repeat(65_536)})`),
      {
        code: "LimitExceeded",
        what: "body bytes",
      },
    ],
    [
      "too many functions",
      withReduce("", "(func)".repeat(4_096)),
      {
        code: "LimitExceeded",
        what: "functions",
      },
    ],
    [
      "too many globals",
      withReduce("", "(global i32 (i32.const 1))".repeat(1_025)),
      {
        code: "LimitExceeded",
        what: "globals",
      },
    ],
    [
      "too many parameters",
      withReduce("", `(func ${"(param i32)".repeat(65)})`),
      {
        code: "LimitExceeded",
        what: "parameters",
      },
    ],
    [
      "types that do not fit",
      withReduce("(drop (i32.add (i32.const 1) (i64.const 1)))"),
      {
        code: "ModuleInvalid",
      },
    ],
    [
      "the counters behind its own globals",
      withReduce("(global.set 0 (i32.const 9))"),
      {
        code: "ModuleMalformed",
        problem: "a global that is not there",
      },
    ],
    [
      "nothing that the ABI asks for",
      assembleWat("(module)"),
      {
        code: "ExportMissing",
        name: "memory",
      },
    ],
    [
      "a function of another signature",
      assembleWat(
        `(module (memory (export "memory") 1) (func (export "abi_version") (result i64) (i64.const 1)))`,
      ),
      { code: "ExportMistyped", name: "abi_version" },
    ],
    [
      "a global where a function should be",
      assembleWat(
        `(module (memory (export "memory") 1) (global (export "abi_version") i32 (i32.const 1)))`,
      ),
      { code: "ExportMistyped", name: "abi_version" },
    ],
    [
      "an initialisation with parameters",
      watReducer({
        rest: `(func (export "_initialize") (param i32))`,
      }),
      { code: "ExportMistyped", name: "_initialize" },
    ],
    [
      "too many bytes",
      new Uint8Array(MODULE_LIMITS.moduleBytes + 1),
      {
        code: "ModuleTooLarge",
        sizeBytes: 262_145,
        max: 262_144,
      },
    ],
  ];
  for (const [what, bytes, reason] of refused) {
    adversarial(`refuses ${what}`, () => {
      expect(reasonFor(bytes)).toMatchObject(reason);
    });
  }

  adversarial("refuses a module that is cut short, wherever it is", () => {
    const bytes = watReducer({});
    const lengths = [...bytes.keys()].filter((length) => admitModule(bytes.subarray(0, length)).ok);

    // Data come last, and a module without them is one, too.
    expect(lengths).toHaveLength(1);
    expect(bytes[lengths[0] ?? 0]).toBe(11);
  });
});

/** Calls with what they left: place and length of the output, or how they ended. */
type Transcript = readonly string[];

const INPUTS = [
  Uint8Array.fromHex("95" + "01" + "00" + "a3616464" + "c40105" + "cd03e8"),
  Uint8Array.fromHex("95" + "02" + "01" + "a3616464" + "c403cd0101" + "cd03e8"),
  Uint8Array.fromHex("95" + "03" + "00" + "a474616b65" + "c400" + "cd03e8"),
];

/** Metered: what ends for want of gas or stack ends the comparison. */
function meteredTranscript(machine: Machine): Transcript {
  const lines: string[] = [];
  for (const input of INPUTS) {
    const told = tellMachine(machine, "reduce", input);
    if (!told.ok && told.reason.code !== "Trapped") return lines;
    lines.push(told.ok ? `${told.value >>> 0} ${machine.exports[COUNTERS.length]()}` : "trap");
    if (!told.ok) return lines;
  }
  return [...lines, toHex(new Uint8Array(machine.exports.memory.buffer))];
}

type Plain = {
  readonly memory: WebAssembly.Memory;
  readonly allocate: (size: number) => number;
  readonly reduce: (place: number, size: number) => bigint;
};

/** As many calls of the module as it came. */
function plainTranscript(bytes: Uint8Array, calls: number): Transcript {
  const module = new WebAssembly.Module(bytes.slice());
  const plain = new WebAssembly.Instance(module).exports as unknown as Plain;
  const lines: string[] = [];
  for (const input of INPUTS.slice(0, calls)) {
    try {
      const place = plain.allocate(input.length) >>> 0;
      new Uint8Array(plain.memory.buffer).set(input, place);
      const output = BigInt.asUintN(64, plain.reduce(place, input.length));
      lines.push(`${output >> 32n} ${BigInt.asIntN(32, output)}`);
    } catch {
      lines.push("trap");
      return lines;
    }
  }
  return calls > INPUTS.length ? [...lines, toHex(new Uint8Array(plain.memory.buffer))] : lines;
}

describe("modules that were changed by chance", () => {
  const samples = [reducerBytes("counter-c"), watReducer({}), reducerBytes("counter")];
  // Without bias: small numbers would all hit the header.
  const place = fc.noBias(fc.integer({ min: 0, max: 2 ** 24 - 1 }));
  const changes = fc.array(fc.tuple(place, fc.noBias(fc.nat({ max: 255 }))), {
    minLength: 1,
    maxLength: 3,
  });
  const changed = fc.tuple(fc.constantFrom(...samples), changes).map(([sample, places]) => {
    const bytes = sample.slice();
    for (const [at, value] of places) bytes[at % bytes.length] = value;
    return bytes;
  });

  property("are refused with a code, or are valid and do the same with their metering", () => {
    const seen = { admitted: 0, compared: 0 };
    fc.assert(
      fc.property(changed, (bytes) => {
        const result = admitModule(bytes);
        if (!result.ok) return;
        seen.admitted += 1;
        expect(WebAssembly.validate(bytes)).toBe(true);
        const machine = createMachine(result.value);
        const metered = meteredTranscript(machine);
        const plain = plainTranscript(bytes, metered.length);
        seen.compared += metered.length;
        const isGrownTooFar = machine.exports.memory.buffer.byteLength > 64 * PAGE_BYTES;
        expect(isGrownTooFar).toBe(false);
        expect(plain).toEqual(metered);
      }),
      { numRuns: 1_500 },
    );
    expect(seen.admitted).toBeGreaterThan(100);
    expect(seen.compared).toBeGreaterThan(100);
  });

  property("any bytes at all are refused with a code", () => {
    const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(admitModule(bytes).ok).toBe(false);
        expect(admitModule(concatBytes(header, bytes)).ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    expect(acceptedOf(admitModule(reducerBytes("counter"))).memory.pagesMax).toBe(64);
  });
});
