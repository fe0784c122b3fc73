/**
 * The test vectors of docs/REDUCER-ABI.md: bytes in and out, gas, and modules that are refused.
 * `CHANNELS_WRITE_VECTORS=1 bun test src/derivation/sandbox/abi-vectors.test.ts` adds those that are missing.
 */
import { describe, expect } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { golden } from "../../../test/kind.ts";
import {
  acceptedOf,
  admitted,
  reasonOf,
  reducerBytes,
  SAMPLE_INIT,
  sampleMessage,
} from "../../../test/reducers.ts";
import { assembleWat, WAT_OUTPUT, type WatReducer, watReducer } from "../../../test/wat.ts";
import { encode } from "../../primitives/schema.ts";
import { admitModule } from "./admission.ts";
import type { ModuleRejection } from "./module-rejection.ts";
import { initSchema, messageSchema, type ReducerMessage } from "./reducer-input.ts";
import {
  callMachine,
  createMachine,
  gasUsed,
  type Machine,
  readOutput,
  tellMachine,
} from "./reducer-machine.ts";
import type { ReducerOutput } from "./reducer-rejection.ts";

const FILE = join(import.meta.dir, "../../../test/vectors/reducer-abi.json");

/** One call of a reducer: what was put in, and what came out, as hex. */
type CallVector = { readonly call: ReducerOutput; readonly input: string; readonly output: string };

/** What a call of `reduce` uses, and how it ends. */
type GasVector = {
  readonly what: string;
  readonly module: string;
  readonly gas: number;
  readonly end: string;
};

type RejectionVector = { readonly module: string; readonly reason: ModuleRejection };

type Vectors = {
  readonly counter: readonly CallVector[];
  readonly gas: readonly GasVector[];
  readonly refused: readonly RejectionVector[];
};

const MESSAGES: readonly ReducerMessage[] = [
  sampleMessage([5], { type: "add" }),
  sampleMessage([0xcd, 0x03, 0xe8], { type: "add", turn: 2, sender: 1, timeMs: 1_700_000_000_000 }),
  sampleMessage([0xcd, 0x03, 0xe9], { type: "add", turn: 2 ** 40 }),
  sampleMessage([0xcc, 0x05], { type: "add", turn: 70_000 }),
  sampleMessage([], { type: "take", turn: 255 }),
];

const INIT = {
  ...SAMPLE_INIT,
  assets: SAMPLE_INIT.assets.map((stake) => ({ ...stake, amounts: [10n ** 18n, 2n ** 70n] })),
};

/** The bytes of an output, whatever they say. */
function outputOf(machine: Machine, call: ReducerOutput, place: number): string {
  const output = readOutput(machine, call, place, (reader) => {
    const { bytes, end, offset } = reader;
    reader.offset = end;
    return bytes.subarray(offset, end).toHex();
  });
  return acceptedOf(output);
}

function counterVectors(name: string): readonly CallVector[] {
  const machine = createMachine(admitted(reducerBytes(name)));
  const ask = (call: "schema" | "outcome"): CallVector => {
    const place = acceptedOf(callMachine(machine, call));
    return { call, input: "", output: outputOf(machine, call, place) };
  };
  const tell = (call: "init" | "reduce", input: Uint8Array): CallVector => {
    const place = acceptedOf(tellMachine(machine, call, input));
    return { call, input: input.toHex(), output: outputOf(machine, call, place) };
  };
  expect(acceptedOf(callMachine(machine, "abi_version"))).toBe(1);
  const start = [ask("schema"), tell("init", encode(initSchema, INIT)), ask("outcome")];
  const told = MESSAGES.map((message) => tell("reduce", encode(messageSchema, message)));
  return [...start, ...told, ask("outcome")];
}

const SPENDERS: Readonly<Record<string, WatReducer>> = {
  "a constant": {},
  "a loop of 100 turns": {
    reduce: `(local $n i32) (loop $again (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 100)))) ${WAT_OUTPUT.nothing}`,
  },
  "a division, a load, a store": {
    reduce: `(i32.store (i32.const 256) (i32.div_u (i32.load (i32.const 0)) (i32.const 3)))
      ${WAT_OUTPUT.nothing}`,
  },
  "a branch out of two blocks": {
    reduce: `(block (block (br_if 1 (local.get $size)) (nop)) (nop) (nop)) (nop) ${WAT_OUTPUT.nothing}`,
  },
  "a page of memory": { reduce: `(drop (memory.grow (i32.const 1))) ${WAT_OUTPUT.nothing}` },
  "a call": { reduce: `(call $none) ${WAT_OUTPUT.nothing}`, rest: "(func $none (nop))" },
  "a loop without end": { reduce: `(loop $again (br $again)) ${WAT_OUTPUT.nothing}` },
  "calls without end": { reduce: "(call $deep) unreachable", rest: "(func $deep (call $deep))" },
};

function gasVectors(): readonly GasVector[] {
  return Object.entries(SPENDERS).map(([what, parts]) => {
    const bytes = watReducer(parts);
    const machine = createMachine(admitted(bytes));
    const told = tellMachine(machine, "reduce", encode(messageSchema, sampleMessage()));
    const end = told.ok ? "output" : told.reason.code;
    return { what, module: bytes.toHex(), gas: gasUsed(machine), end };
  });
}

function rejectionVectors(): readonly RejectionVector[] {
  const modules = [
    assembleWat('(module (import "env" "now" (func)))'),
    watReducer({ rest: "(func (drop (f32.const 1)))" }),
    watReducer({ rest: "(func (param f64))" }),
    watReducer({ rest: "(func $go) (start $go)" }),
    watReducer({ memory: "65" }),
    watReducer({ rest: "(func (drop (i32.add (i32.const 1) (i64.const 1))))" }),
    assembleWat("(module)"),
  ];
  return modules.map((bytes) => ({
    module: bytes.toHex(),
    reason: reasonOf<ModuleRejection>(admitModule(bytes)),
  }));
}

function allVectors(): Vectors {
  const counter = counterVectors("counter");
  return { counter, gas: gasVectors(), refused: rejectionVectors() };
}

if (process.env["CHANNELS_WRITE_VECTORS"] === "1" && !existsSync(FILE)) {
  writeFileSync(FILE, `${JSON.stringify(allVectors(), undefined, 2)}\n`);
}

describe("the vectors of the reducer ABI", () => {
  const known = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

  golden("are what a reducer in AssemblyScript puts in and out", () => {
    expect(counterVectors("counter")).toEqual(known.counter);
  });

  golden("are what a reducer in C puts in and out", () => {
    expect(counterVectors("counter-c")).toEqual(known.counter);
  });

  golden("are the gas that calls use, and how they end", () => {
    expect(gasVectors()).toEqual(known.gas);
  });

  golden("are why modules are refused, and where", () => {
    expect(rejectionVectors()).toEqual(known.refused);
  });
});
