/** A metered module does what it did before, pays for all that it does, and ends at the same instruction always. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../../test/kind.ts";
import "../../../test/property-seed.ts";
import { acceptedOf, admitted, reasonOf } from "../../../test/reducers.ts";
import { WAT_OUTPUT, type WatReducer, watReducer } from "../../../test/wat.ts";
import { MARK_GAS, watPrograms } from "../../../test/wat-programs.ts";
import { MODULE_LIMITS } from "./limits.ts";
import { GAS_COSTS } from "./opcodes.ts";
import { GAS_PER_CALL } from "./reducer-abi.ts";
import { createMachine, gasUsed, type Machine, tellMachine } from "./reducer-machine.ts";

const INPUT = new Uint8Array(8);

const machineOf = (parts: WatReducer): Machine => createMachine(admitted(watReducer(parts)));

/** Gas of `reduce` with these instructions, beside that of a `reduce` without. */
function gasOf(instructions: string, rest = ""): number {
  const gas = [instructions, ""].map((added) => {
    const machine = machineOf({ reduce: `${added} ${WAT_OUTPUT.nothing}`, rest });
    acceptedOf(tellMachine(machine, "reduce", INPUT));
    return gasUsed(machine);
  });
  return (gas[0] ?? 0) - (gas[1] ?? 0);
}

/** A word of the memory, which a module leaves behind where it ends. */
const wordAt = (machine: Machine, place: number): number =>
  new DataView(machine.exports.memory.buffer).getInt32(place, true);

describe("gas", () => {
  const { call, division, grow, indirectCall, memory, page, simple, table } = GAS_COSTS;
  const samples: readonly (readonly [string, number, string?])[] = [
    ["(nop)", simple],
    ["(drop (i32.add (i32.const 1) (i32.const 2)))", 4 * simple],
    ["(drop (i64.div_s (i64.const 1) (i64.const 2)))", 3 * simple + division],
    ["(i32.store (i32.const 0) (i32.load (i32.const 4)))", 2 * simple + 2 * memory],
    ["(drop (memory.size))", simple + memory],
    ["(drop (memory.grow (i32.const 3)))", 2 * simple + grow + 3 * page],
    ["(drop (memory.grow (i32.const 1000)))", 2 * simple + grow],
    ["(call $none)", call, "(func $none)"],
    [
      "(call_indirect (type $t) (i32.const 0))",
      simple + indirectCall,
      "(type $t (func)) (table 1 funcref) (elem (i32.const 0) $none) (func $none)",
    ],
    ["(block (br_table 0 0 (i32.const 0)))", simple + table],
    // What a branch skips in its own run of instructions is paid as well.
    ["(block (br_if 0 (i32.const 1)) (nop) (nop))", 4 * simple],
    ["(if (i32.const 0) (then (nop) (nop)) (else (nop)))", 3 * simple],
    ["(if (i32.const 1) (then (nop) (nop)) (else (nop)))", 4 * simple],
    ["(block (block (br 1)) (nop) (nop) (nop))", simple],
    ["(block (block (block (br 2)) (nop)) (nop) (nop))", simple],
    [`(if (i32.const 1) (then (return ${WAT_OUTPUT.nothing}))) (nop)`, 3 * simple],
    ["(loop (nop) (block (br_if 1 (i32.const 0))) (nop)) (nop)", 5 * simple],
  ];
  for (const [instructions, gas, rest] of samples) {
    unit(`of ${instructions} is ${gas}`, () => {
      expect(gasOf(instructions, rest)).toBe(gas);
    });
  }

  unit("is taken for the locals of a function that is entered", () => {
    const withLocals = (count: number): string => `(func $wide ${"(local i64)".repeat(count)})`;

    expect(gasOf("(call $wide)", withLocals(3))).toBe(call);
    expect(gasOf("(call $wide)", withLocals(1_003))).toBe(call + 250);
  });

  unit("is taken for every way round a loop", () => {
    const turns = (count: number): string => `(local $turn i32)
      (loop $again
        (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $turn) (i32.const ${count}))))`;

    expect(gasOf(turns(1_000)) - gasOf(turns(999))).toBe(8);
  });

  property("pays for all that a program reaches, and does what it does without", () => {
    let marked = 0;
    fc.assert(
      fc.property(watPrograms, (program) => {
        const bytes = watReducer({
          reduce: `(call $program) (i32.store (i32.const 200) (global.get $marks)) ${WAT_OUTPUT.nothing}`,
          rest: program,
        });
        const machine = createMachine(admitted(bytes));
        acceptedOf(tellMachine(machine, "reduce", INPUT));
        const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes))
          .exports as unknown as {
          reduce: (place: number, size: number) => bigint;
          memory: WebAssembly.Memory;
        };
        plain.reduce(4_096, 8);

        const marks = wordAt(machine, 200);
        marked += marks;
        expect(marks).toBe(new DataView(plain.memory.buffer).getInt32(200, true));
        expect(gasUsed(machine)).toBeGreaterThanOrEqual(marks * MARK_GAS);
      }),
      { numRuns: 400 },
    );
    expect(marked).toBeGreaterThan(1_000);
  });
});

describe("the end of the gas", () => {
  /** Counts its turns in memory, where they stay. */
  const COUNTING =
    "(loop $again (i32.store (i32.const 200) (i32.add (i32.load (i32.const 200)) (i32.const 1))) (br $again))";

  adversarial("comes at the same turn of an endless loop, cold and warm", () => {
    const turns = Array.from({ length: 8 }, () => {
      const machine = machineOf({ reduce: `${COUNTING} unreachable` });
      expect(reasonOf(tellMachine(machine, "reduce", INPUT)).code).toBe("OutOfGas");
      return wordAt(machine, 200);
    });

    // Two constants, a load, a constant, an addition, a store and a branch for each turn.
    const perTurn = 5 * GAS_COSTS.simple + 2 * GAS_COSTS.memory;
    // `allocate`, and what stands behind the loop: it is paid with what stands in front of it.
    const around = 2 * GAS_COSTS.simple;
    expect(turns).toEqual(turns.map(() => Math.floor((GAS_PER_CALL - around) / perTurn)));
  });

  adversarial("comes for loops that go round by tables and by calls", () => {
    const ways = [
      "(loop $again (br_table $again $again (i32.const 5)))",
      "(loop $again (call_indirect (type $t) (i32.const 0)) (br $again))",
      "(loop $again (block $out (br_if $out (i32.const 1))) (br $again))",
      "(loop $again (if (i32.const 1) (then (br $again))))",
    ];
    const rest = "(type $t (func)) (table 1 funcref) (elem (i32.const 0) $none) (func $none)";
    for (const way of ways) {
      const machine = machineOf({ reduce: `${way} ${WAT_OUTPUT.nothing}`, rest });
      expect(reasonOf(tellMachine(machine, "reduce", INPUT))).toEqual({
        code: "OutOfGas",
        gasMax: GAS_PER_CALL,
      });
    }
  });
});

describe("the depth of calls", () => {
  const DEEPER = `(func $deeper
    (i32.store (i32.const 200) (i32.add (i32.load (i32.const 200)) (i32.const 1))) (call $deeper))`;

  adversarial("ends at the same call, cold and warm", () => {
    const depths = Array.from({ length: 8 }, () => {
      const machine = machineOf({ reduce: `(call $deeper) unreachable`, rest: DEEPER });
      expect(reasonOf(tellMachine(machine, "reduce", INPUT)).code).toBe("CallDepthExceeded");
      return wordAt(machine, 200);
    });

    expect(new Set(depths).size).toBe(1);
    expect(depths[0]).toBeGreaterThan(800);
  });

  adversarial("ends for calls through a table, and for two that call each other", () => {
    const rest = `(type $t (func)) (table 1 funcref) (elem (i32.const 0) $left)
      (func $left (call $right)) (func $right (call_indirect (type $t) (i32.const 0)))`;
    const machine = machineOf({ reduce: "(call $left) unreachable", rest });

    expect(reasonOf(tellMachine(machine, "reduce", INPUT)).code).toBe("CallDepthExceeded");
  });

  adversarial("ends before the stack of the engine does, for the largest frames", () => {
    const locals = MODULE_LIMITS.frameSlots - 520;
    const sets = Array.from(
      { length: locals },
      (_, index) => `(local.set ${index} (local.get $n))`,
    );
    const adds = "(local.get $n)".repeat(500);
    const rest = `(func $wide (param $n i64) (result i64) ${"(local i64)".repeat(locals - 1)}
      ${sets.join(" ")} ${adds} (call $wide (local.get $n)) ${"(i64.add)".repeat(500)})`;
    const machine = machineOf({ reduce: "(call $wide (i64.const 1))", rest });

    expect(reasonOf(tellMachine(machine, "reduce", INPUT)).code).toBe("CallDepthExceeded");
    expect(machine.exports.stack_slots()).toBeGreaterThan(16_384);
  });

  unit("is given back when calls return, by their ends and from their middle", () => {
    const rest = `(func $early (param $n i32) (result i32)
        (if (local.get $n) (then (return (call $leaf)))) (call $leaf))
      (func $leaf (result i32) (call $none) (i32.const 1)) (func $none)`;
    const calls = "(drop (call $early (i32.const 1))) (drop (call $early (i32.const 0)))";
    const machine = machineOf({
      reduce: `(local $i i32) (loop $again ${calls}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 5000)))) ${WAT_OUTPUT.nothing}`,
      rest,
    });

    acceptedOf(tellMachine(machine, "reduce", INPUT));
    expect(machine.exports.stack_slots()).toBe(0);
  });
});

describe("memory", () => {
  unit("grows to its limit and no further", () => {
    const machine = machineOf({
      reduce: `(i32.store (i32.const 200) (memory.grow (i32.const 3)))
        (i32.store (i32.const 204) (memory.grow (i32.const 1))) ${WAT_OUTPUT.nothing}`,
      memory: "1 4",
    });

    acceptedOf(tellMachine(machine, "reduce", INPUT));
    expect([wordAt(machine, 200), wordAt(machine, 204)]).toEqual([1, -1]);
    expect(machine.exports.memory.buffer.byteLength).toBe(4 * 65_536);
  });

  unit("has 64 pages at most, whatever a module says", () => {
    const machine = machineOf({
      reduce: `(i32.store (i32.const 200) (memory.grow (i32.const 64)))
        (i32.store (i32.const 204) (memory.grow (i32.const 63))) ${WAT_OUTPUT.nothing}`,
      memory: "1 65536",
    });

    acceptedOf(tellMachine(machine, "reduce", INPUT));
    expect([wordAt(machine, 200), wordAt(machine, 204)]).toEqual([-1, 1]);
  });
});
