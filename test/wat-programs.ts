/** Programs by chance, as WebAssembly text: blocks, loops, branches out of them, tables, calls. All of them end. */
import fc from "fast-check";

/** Gas of one mark: two uses of a global, a constant, an addition. */
export const MARK_GAS = 6;

/** Counts that it was reached. Nothing else in a program writes to this global. */
const MARK = "(global.set $marks (i32.add (global.get $marks) (i32.const 1)))";

/** True or false, as the next number of a simple generator has it. */
const CHANCE = "(call $chance)";

/** Ends the function when the program went round often enough. */
const SPEND =
  "(if (i32.eqz (global.get $fuel)) (then (return))) " +
  "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))";

/** A statement; branches count open blocks from the inside, modulo those that there are. */
type Statement =
  | { readonly type: "mark" | "return" | "call" | "value" }
  | { readonly type: "block" | "loop"; readonly body: readonly Statement[] }
  | {
      readonly type: "if";
      readonly body: readonly Statement[];
      readonly other: readonly Statement[];
    }
  | { readonly type: "branch" | "branchIf"; readonly to: number }
  | { readonly type: "table"; readonly to: readonly number[] };

const targets = fc.nat({ max: 5 });

const { statements } = fc.letrec<{ statement: Statement; statements: Statement[] }>((tie) => ({
  statements: fc.array(tie("statement"), { maxLength: 5 }),
  statement: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    { arbitrary: fc.constant<Statement>({ type: "mark" }), weight: 3 },
    { arbitrary: fc.constantFrom<Statement>({ type: "call" }, { type: "value" }), weight: 2 },
    { arbitrary: fc.record({ type: fc.constant("branchIf" as const), to: targets }), weight: 3 },
    { arbitrary: fc.record({ type: fc.constant("branch" as const), to: targets }), weight: 1 },
    { arbitrary: fc.constant<Statement>({ type: "return" }), weight: 1 },
    {
      arbitrary: fc.record({
        type: fc.constant("table" as const),
        to: fc.array(targets, { minLength: 1, maxLength: 4 }),
      }),
      weight: 1,
    },
    {
      arbitrary: fc.record({
        type: fc.constantFrom("block" as const, "loop" as const),
        body: tie("statements"),
      }),
      weight: 6,
    },
    {
      arbitrary: fc.record({
        type: fc.constant("if" as const),
        body: tie("statements"),
        other: tie("statements"),
      }),
      weight: 4,
    },
  ),
}));

/** Definitions with a function `$program`, which counts what it reaches in the global `$marks`. */
export const watPrograms: fc.Arbitrary<string> = fc.tuple(statements, statements, fc.nat()).map(
  ([main, called, seed]) => `
    (global $marks (export "marks") (mut i32) (i32.const 0))
    (global $fuel (mut i32) (i32.const 300))
    (global $seed (mut i32) (i32.const ${seed}))
    (func $chance (result i32)
      (global.set $seed
        (i32.add (i32.mul (global.get $seed) (i32.const 1103515245)) (i32.const 12345)))
      (i32.and (i32.shr_u (global.get $seed) (i32.const 16)) (i32.const 1)))
    (func $called ${SPEND} ${bodyOf(called, 0, false)})
    (func $program ${bodyOf(main, 0, true)})`,
);

/** `open` counts the blocks that a branch may lead to, beside the function itself. */
function bodyOf(body: readonly Statement[], open: number, mayCall: boolean): string {
  return body.map((statement) => textOf(statement, open, mayCall)).join("\n");
}

function textOf(statement: Statement, open: number, mayCall: boolean): string {
  const label = (to: number): number => to % (open + 1);
  switch (statement.type) {
    case "mark":
      return MARK;
    case "return":
      return `(if ${CHANCE} (then (return)))`;
    case "call":
      return mayCall ? "(call $called)" : MARK;
    case "value":
      return `(drop (if (result i32) ${CHANCE} (then ${MARK} (i32.const 1)) (else (i32.const 2))))`;
    case "block":
      return `(block ${bodyOf(statement.body, open + 1, mayCall)})`;
    case "loop":
      return `(loop ${SPEND} ${bodyOf(statement.body, open + 1, mayCall)})`;
    case "if": {
      const [yes, no] = [statement.body, statement.other].map((body) =>
        bodyOf(body, open + 1, mayCall),
      );
      return `(if ${CHANCE} (then ${yes}) (else ${no}))`;
    }
    case "branch":
      return `(br ${label(statement.to)})`;
    case "branchIf":
      return `(br_if ${label(statement.to)} ${CHANCE})`;
    case "table":
      return `(br_table ${statement.to.map(label).join(" ")} ${CHANCE})`;
  }
}
