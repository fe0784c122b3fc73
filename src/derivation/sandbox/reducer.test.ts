/** A reducer takes messages, refuses them without a trace, and outlives whatever its module does. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import {
  acceptedOf,
  admitted,
  opened as openedBytes,
  reasonOf,
  reducerBytes,
  sampleMessage,
} from "../../../test/reducers.ts";
import { at, WAT_OUTPUT, type WatReducer, watReducer } from "../../../test/wat.ts";
import { concatBytes } from "../../primitives/bytes.ts";
import { type Reducer, restoreReducer } from "./reducer.ts";
import type { ReducerMessage } from "./reducer-input.ts";
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

describe("a message", () => {
  const wrong: readonly (readonly [string, Partial<ReducerMessage>])[] = [
    ["turn", { turn: -1 }],
    ["turn", { turn: 0.5 }],
    ["sender", { sender: 2 }],
    ["sender", { sender: -1 }],
    ["type", { type: "" }],
    ["type", { type: "x".repeat(65) }],
    ["type", { type: "\u00e9" }],
    ["payload", { payload: new Uint8Array(32_769) }],
    ["time", { timeMs: 2 ** 53 }],
  ];
  for (const [field, other] of wrong) {
    adversarial(
      `is shown to no reducer with ${field} ${JSON.stringify(other).slice(0, 40)}`,
      () => {
        const reducer = opened({ reduce: COUNTING });
        const before = reducer.snapshot();

        expect(reasonOf(reducer.reduce(sampleMessage([], other)))).toEqual({
          code: "MessageMalformed",
          field,
        } as ReducerRejection);
        expect(reducer.snapshot()).toEqual(before);
      },
    );
  }

  unit("may have the longest payload and type there are", () => {
    const reducer = opened({ reduce: COUNTING });
    const payload = new Uint8Array(32_768);

    const longest = { type: "~".repeat(64), timeMs: 2 ** 53 - 1, turn: 2 ** 53 - 1, payload };
    expect(reducer.reduce(sampleMessage([], longest)).ok).toBe(true);
  });
});

describe("many messages", () => {
  /** Adds what is told, and refuses what is above 1,000: in AssemblyScript, with its own tidying of memory. */
  const told = Array.from({ length: 1_500 }, (_, turn) => {
    const payload = turn % 7 === 3 ? [0xcd, 0x03, 0xe9] : [turn % 100];
    return sampleMessage(payload, { turn, sender: turn % 2, type: "add" });
  });

  unit("leave the same state whether or not others were refused between them", () => {
    const [all, good] = ["counter", "counter"].map((name) => openedBytes(reducerBytes(name)));
    const answers = told.map((message) => all?.reduce(message).ok);
    for (const [index, message] of told.entries()) if (answers[index]) good?.reduce(message);

    expect(answers.filter((ok) => !ok)).toHaveLength(214);
    expect(all?.snapshot()).toEqual(good?.snapshot() ?? new Uint8Array());
  });

  unit("do not fill the memory", () => {
    const reducer = openedBytes(reducerBytes("counter"));
    for (let turn = 0; turn < 20_000; turn += 1) {
      acceptedOf(reducer.reduce(sampleMessage([1], { turn, type: "add" })));
    }

    expect(reducer.snapshot().length).toBeLessThan(2 * 65_536);
  });
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

  const changes: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array, string])[] = [
    ["nothing", () => new Uint8Array(), "the bytes end too early"],
    ["bytes behind it", (bytes) => concatBytes(bytes, Uint8Array.of(0)), "bytes after the value"],
    ["another version", (bytes) => changedAt(bytes, 1, 0), "another version"],
    ["zeros at the end of the memory", withZero, "zeros at the end of the memory"],
    ["another reducer", (bytes) => changedAt(bytes, 10, 1), "a snapshot of another reducer"],
  ];
  for (const [what, change, problem] of changes) {
    adversarial(`refuses ${what}`, () => {
      const reducer = opened({ reduce: COUNTING });
      const module = admitted(watReducer({ reduce: COUNTING }));

      expect(reasonOf(restoreReducer(module, change(reducer.snapshot())))).toEqual({
        code: "SnapshotRefused",
        problem,
      });
    });
  }

  adversarial("reads or refuses any snapshot that was changed, and never throws", () => {
    const module = admitted(reducerBytes("counter"));
    const bytes = openedBytes(reducerBytes("counter")).snapshot();
    const seen = new Set<string>();
    for (let place = 0; place < 260; place += 1) {
      for (const value of [0, 1, 0x7f, 0xc0, 0xff]) {
        const restored = restoreReducer(module, changedAt(bytes, place, value));
        seen.add(restored.ok ? "restored" : restored.reason.code);
        if (restored.ok) restored.value.reduce(sampleMessage([5], { type: "add" }));
      }
    }

    expect([...seen]).toContain("SnapshotRefused");
    expect([...seen]).toContain("restored");
  });

  unit("keeps a memory that has grown", () => {
    const grown = {
      reduce: `(drop (memory.grow (i32.const 2))) (i32.store (i32.const 131072) (i32.const 7)) ${WAT_OUTPUT.nothing}`,
      // Asking changes the state: a host that asked once more would have another one.
      outcome: `(i32.store (i32.const 4000) (i32.add (i32.load (i32.const 4000)) (i32.const 1)))
        ${WAT_OUTPUT.outcome}`,
    };
    const reducer = opened(grown);
    reducer.reduce(sampleMessage());
    const restored = acceptedOf(restoreReducer(admitted(watReducer(grown)), reducer.snapshot()));

    expect(restored.snapshot()).toEqual(reducer.snapshot());
    expect(restored.snapshot().length).toBeGreaterThan(131_072);
    expect(restored.snapshot().length).toBeLessThan(132_000);
  });
});

function changedAt(bytes: Uint8Array, place: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[place] = value;
  return changed;
}

/** The memory stands last, behind its length in two bytes: it reaches to where the beginning was put. */
function withZero(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = [...bytes.keys()].findLast(
    (byte) => bytes[byte] === 0xc5 && view.getUint16(byte + 1) === bytes.length - byte - 3,
  );
  const longer = concatBytes(bytes, Uint8Array.of(0));
  const place = (head ?? 0) + 1;
  new DataView(longer.buffer).setUint16(place, view.getUint16(place) + 1);
  return longer;
}
