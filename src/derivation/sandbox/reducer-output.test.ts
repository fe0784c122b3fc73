/** What a module puts out is read to the last byte: every form that the ABI does not have is refused. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../../test/kind.ts";
import "../../../test/property-seed.ts";
import {
  acceptedOf,
  admitted,
  opened,
  reasonOf,
  SAMPLE_INIT,
  sampleMessage,
} from "../../../test/reducers.ts";
import { at, type WatReducer, watReducer } from "../../../test/wat.ts";
import { openReducer } from "./reducer.ts";
import type { ReducerInit } from "./reducer-input.ts";
import type { ReducerOutput, ReducerRejection } from "./reducer-rejection.ts";

/** A reducer one of whose outputs has these bytes. */
function puttingOut(output: ReducerOutput, hex: string): WatReducer {
  const bytes = hex.match(/../g) ?? [];
  const text = bytes.map((byte) => `\\${byte}`).join("");
  return { rest: `(data (i32.const 512) "${text}")`, [output]: at(512, bytes.length) };
}

/** Why a reducer with this output does not begin, or refuses its first message. */
function problemOf(output: ReducerOutput, hex: string): ReducerRejection | undefined {
  const result = openReducer(admitted(watReducer(puttingOut(output, hex))), SAMPLE_INIT);
  if (!result.ok) return result.reason;
  const answer = result.value.reduce(sampleMessage());
  return answer.ok ? undefined : answer.reason;
}

const TEXT_A = "a161";

describe("an output", () => {
  const malformed: readonly (readonly [ReducerOutput, string, string])[] = [
    // Tables and columns.
    ["schema", "", "the bytes end too early"],
    ["schema", "9192a1619193a16101c3c0", "bytes after the value"],
    ["schema", "9192a1419193a16101c3", "a name with other characters than a-z, 0-9 and _"],
    [
      "schema",
      "9192a161919 3a13101c3".replace(" ", ""),
      "a name with other characters than a-z, 0-9 and _",
    ],
    ["schema", "9192a1619193a16106c3", "an unknown type of column"],
    ["schema", "9192a1619193a16100c3", "an unknown type of column"],
    ["schema", "9192a1619193a16101c2", "a table without a key"],
    ["schema", "9192a1619293a16101c393a16102c2", "two columns of one name"],
    ["schema", `92${"92a1619193a16101c3".repeat(2)}`, "two tables of one name"],
    ["schema", `dc0041${"92a1619193a16101c3".repeat(65)}`, "more than 64 items"],
    // Answers.
    ["reduce", "920290", "neither accepted nor refused"],
    ["reduce", "9200a0", "a code that is not 1 to 64 letters"],
    ["reduce", "9200a3612062", "a code that is not 1 to 64 letters"],
    ["reduce", "93019000", "not 2 items"],
    ["reduce", "92cc0190", "a length or integer that is not in its shortest form"],
    ["reduce", "920191930300920000", "an unknown row change"],
    ["reduce", "920191930001920000", "a table that is not declared"],
    ["reduce", "9201919300009100", "not 2 items"],
    ["reduce", "920191930200920000", "not 1 items"],
    ["reduce", "92019193000092c300", "not an unsigned integer"],
    ["reduce", `92019193000092c409${"01".repeat(9)}00`, "more than 8 bytes"],
    ["init", "9200a24e6f", "a beginning that is refused"],
    // Outcomes.
    ["outcome", "9290c0", "not 1 items"],
    ["outcome", "9291910ac0", "not 2 items"],
    ["outcome", "9291920a0bc0", "shares that are not what came in"],
    ["outcome", "9291920a0a02", "a mover who does not take part"],
    ["outcome", `929192c421${"01".repeat(33)}0ac0`, "more than 32 bytes"],
  ];
  for (const [output, hex, problem] of malformed) {
    adversarial(`of ${output} that is ${hex.slice(0, 40)} is refused: ${problem}`, () => {
      expect(problemOf(output, hex)).toMatchObject({ code: "MalformedOutput", output, problem });
    });
  }

  unit("may be an outcome that is over, and pays all to one", () => {
    const reducer = opened(watReducer(puttingOut("outcome", "9291921400c0")));

    expect(reducer.outcome()).toEqual({ amounts: [[20n, 0n]], nextMover: undefined });
  });

  unit("may have every type of column, and deletes by its key", () => {
    const columns = [1, 2, 3, 4, 5].map((type) => `93a16${type}0${type}${type < 3 ? "c3" : "c2"}`);
    const schema = `9192${TEXT_A}95${columns.join("")}`;
    const cells = `01c409${"02".repeat(9)}a2c3a9c4020102c3`;
    const answer = `920192930000 95${cells} 93020092 0203`.replaceAll(" ", "");
    const reduce = puttingOut("reduce", answer);
    const place = `(data (i32.const 1024) "${(schema.match(/../g) ?? []).map((byte) => `\\${byte}`).join("")}")`;
    const reducer = opened(
      watReducer({
        ...reduce,
        rest: `${reduce.rest} ${place}`,
        schema: at(1024, schema.length / 2),
      }),
    );

    expect(acceptedOf(reducer.reduce(sampleMessage()))).toEqual([
      {
        ...{ type: "insert", table: 0 },
        values: [1n, 0x02_02_02_02_02_02_02_02_02n, "é", "0x0102", true],
      },
      { type: "delete", table: 0, values: [2n, 3n] },
    ]);
  });

  adversarial("with U+0000 in a text is refused, since no database would keep it", () => {
    const schema = `9192${TEXT_A}9193a16103c3`;
    const text = (hex: string): string =>
      (hex.match(/../g) ?? []).map((byte) => `\\${byte}`).join("");
    const reducer = opened(
      watReducer({
        rest: `(data (i32.const 512) "${text(schema)}") (data (i32.const 600) "${text("92019193000091a26100")}")`,
        schema: at(512, schema.length / 2),
        reduce: at(600, 10),
      }),
    );

    expect(reasonOf(reducer.reduce(sampleMessage()))).toMatchObject({
      problem: "text with U+0000",
    });
  });

  property("of any bytes at all is read or refused, and never throws", () => {
    const outputs = fc.constantFrom<ReducerOutput>("schema", "init", "reduce", "outcome");
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((array) => array.toHex());
    fc.assert(
      fc.property(outputs, bytes, (output, hex) => {
        const reason = problemOf(output, hex);
        if (reason !== undefined) expect(["MalformedOutput", "Refused"]).toContain(reason.code);
      }),
      { numRuns: 200 },
    );
  });
});

describe("openReducer", () => {
  const reasonFor = (parts: WatReducer, init: Partial<ReducerInit> = {}): ReducerRejection =>
    reasonOf(openReducer(admitted(watReducer(parts)), { ...SAMPLE_INIT, ...init }));

  adversarial("refuses another version, and a place for the input outside the memory", () => {
    expect(reasonFor({ version: "(i32.const 2)" })).toEqual({
      code: "AbiVersionUnknown",
      version: 2,
    });
    expect(reasonFor({ allocate: "(i32.const -8)" }).code).toBe("MalformedPlace");
    expect(reasonFor({ allocate: "unreachable" })).toEqual({ code: "Trapped" });
  });

  adversarial("refuses stakes that are not one for each participant", () => {
    const asset = SAMPLE_INIT.assets[0]?.asset ?? ("0x" as never);

    expect(reasonFor({}, { assets: [{ asset, amounts: [10n] }] })).toEqual({
      code: "InitMalformed",
    });
    expect(reasonFor({}, { participants: [], assets: [] })).toEqual({ code: "InitMalformed" });
  });

  unit("lets a module initialise itself, before everything else", () => {
    const version = "(global.get $ready)";
    const rest = (body: string): string => `(global $ready (mut i32) (i32.const 0))
      (func (export "_initialize") ${body})`;

    expect(
      opened(watReducer({ version, rest: rest("(global.set $ready (i32.const 1))") })).id,
    ).toMatch(/^0x/);
    expect(reasonFor({ version, rest: rest("") })).toMatchObject({ version: 0 });
    expect(reasonFor({ version, rest: rest("(loop $again (br $again))") }).code).toBe("OutOfGas");
  });
});
