/** A reducer takes messages, refuses them without a trace, and outlives whatever its module does. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import {
  acceptedOf,
  admitted,
  opened as openedBytes,
  reasonOf,
  sampleMessage,
} from "../../../test/reducers.ts";
import { at, WAT_OUTPUT, type WatReducer, watReducer } from "../../../test/wat.ts";
import { type Reducer, restoreReducer } from "./reducer.ts";
import type { ReducerRejection } from "./reducer-rejection.ts";

const opened = (parts: WatReducer): Reducer => openedBytes(watReducer(parts));

/** Counts messages at 200, and tells the count as a row, written at 128: `[1, [[1, 0, [0, count]]]]`. */
const COUNTING = `
  (i32.store8 (i32.const 200) (i32.add (i32.load8_u (i32.const 200)) (i32.const 1)))
  (i64.store (i32.const 128) (i64.const 0x0092_0001_9391_0192))
  (i32.store8 (i32.const 136) (i32.load8_u (i32.const 200)))
  ${at(128, 9)}`;

/** The last byte of the input but one, since a time of 1,000 ms is written in three bytes behind the payload. */
const LAST_PAYLOAD_BYTE =
  "(i32.load8_u (i32.sub (i32.add (local.get $place) (local.get $size)) (i32.const 4)))";

/** Counts like `COUNTING`, and does `otherwise` after counting when the payload ends with 1. */
const countingUnless = (otherwise: string): string => `
  (i32.store8 (i32.const 200) (i32.add (i32.load8_u (i32.const 200)) (i32.const 1)))
  (i64.store (i32.const 128) (i64.const 0x0092_0001_9391_0192))
  (i32.store8 (i32.const 136) (i32.load8_u (i32.const 200)))
  (if (i32.eq ${LAST_PAYLOAD_BYTE} (i32.const 1)) (then ${otherwise}))
  ${at(128, 9)}`;

describe("reduce", () => {
  unit("gives the row changes of each message", () => {
    const reducer = opened({ reduce: COUNTING });

    expect(reducer.schema).toEqual([
      {
        name: "counts",
        columns: [
          { name: "id", type: "uint", isKey: true },
          { name: "total", type: "uint", isKey: false },
        ],
      },
    ]);
    for (let turn = 1; turn <= 3; turn += 1) {
      const values = [0n, BigInt(turn)];
      expect(reducer.reduce(sampleMessage([], { turn }))).toEqual({
        ok: true,
        value: [{ type: "update", table: 0, values }],
      });
    }
    expect(reducer.outcome()).toEqual({ amounts: [[10n, 10n]], nextMover: 0 });
  });

  const endings: readonly (readonly [string, string, WatReducer, ReducerRejection])[] = [
    ["is refused by the rules", "", { rest: "" }, { code: "Refused", by: "No" }],
    [
      "loops without end",
      "(loop $again (br $again))",
      {},
      { code: "OutOfGas", gasMax: 10_000_000 },
    ],
    [
      "calls itself without end",
      "(call $deeper)",
      { rest: "(func $deeper (call $deeper))" },
      { code: "CallDepthExceeded", slotsMax: 16_384 },
    ],
    ["divides by zero", "(drop (i32.div_u (i32.const 1) (i32.const 0)))", {}, { code: "Trapped" }],
    ["stops itself", "unreachable", {}, { code: "Trapped" }],
    ["reads beyond its memory", "(drop (i32.load (i32.const -4)))", {}, { code: "Trapped" }],
    [
      "grows its memory without end",
      "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))) (br $again))",
      {},
      { code: "OutOfGas", gasMax: 10_000_000 },
    ],
    [
      "puts out a place outside its memory",
      `(return ${at(65_530, 7)})`,
      {},
      {
        code: "MalformedOutput",
        output: "reduce",
        offset: 0,
        problem: "a place outside the memory",
      },
    ],
    [
      "puts out too much",
      `(return ${at(0, 262_145)})`,
      {},
      {
        code: "MalformedOutput",
        output: "reduce",
        offset: 0,
        problem: "more than 262144 bytes",
      },
    ],
    [
      "puts out what is no answer",
      `(return ${WAT_OUTPUT.schema})`,
      {},
      { code: "MalformedOutput", output: "reduce", offset: 0, problem: "not 2 items" },
    ],
  ];

  for (const [what, otherwise, parts, reason] of endings) {
    adversarial(`leaves no trace of a message that ${what}`, () => {
      const ending = otherwise === "" ? `(return ${WAT_OUTPUT.refused})` : otherwise;
      const reducer = opened({ ...parts, reduce: countingUnless(ending) });
      const other = opened({ ...parts, reduce: countingUnless(ending) });
      const good = [1, 2, 3].map((turn) => sampleMessage([0], { turn }));
      const bad = sampleMessage([1]);

      const told = good.map((each) => {
        expect(reasonOf(reducer.reduce(bad))).toEqual(reason);
        expect(reasonOf(reducer.reduce(bad))).toEqual(reason);
        return reducer.reduce(each);
      });
      expect(reasonOf(reducer.reduce(bad))).toEqual(reason);

      expect(told).toEqual(good.map((each) => other.reduce(each)));
      expect(reducer.snapshot()).toEqual(other.snapshot());
      expect(told[2]).toEqual({
        ok: true,
        value: [{ type: "update", table: 0, values: [0n, 3n] }],
      });
    });
  }
});

describe("restoreReducer", () => {
  unit("goes on where the snapshot was made", () => {
    const parts = { reduce: COUNTING };
    const reducer = opened(parts);
    reducer.reduce(sampleMessage());
    reducer.reduce(sampleMessage());
    const module = admitted(watReducer(parts));
    const restored = acceptedOf(restoreReducer(module, reducer.snapshot()));

    expect(restored.snapshot()).toEqual(reducer.snapshot());
    expect(restored.reduce(sampleMessage())).toEqual(reducer.reduce(sampleMessage()));
    expect(restored.snapshot()).toEqual(reducer.snapshot());
  });
});
