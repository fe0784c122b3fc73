/** The search finds reducers that end badly, shows by which messages, and lets good ones be. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import { acceptedOf, admitted, reducerBytes } from "../../../test/reducers.ts";
import { WAT_OUTPUT, type WatReducer, watReducer } from "../../../test/wat.ts";
import { type FuzzReport, fuzzReducer } from "./fuzz-reducer.ts";
import { EMPTY_SCRIPT, parseScript } from "./reducer-script.ts";

const SCRIPT = acceptedOf(
  parseScript(`{ "stakes": [["10", "10"]], "messages": [
    { "sender": 0, "type": "add", "payload": "0x05" },
    { "sender": 1, "type": "add", "payload": "0xcd03e8" }] }`),
);

const search = (parts: WatReducer): FuzzReport =>
  fuzzReducer(admitted(watReducer(parts)), SCRIPT, { seed: 1, runs: 30 });

/** True of about half of all messages. */
const IS_ODD = "(i32.and (local.get $size) (i32.const 1))";

describe("fuzzReducer", () => {
  unit("finds nothing in a counter, and tells what it saw", () => {
    const module = admitted(reducerBytes("counter-c"));
    const report = fuzzReducer(module, SCRIPT, { seed: 1, runs: 20 });

    expect(report.finding).toBeUndefined();
    expect(report.accepted).toBeGreaterThan(10);
    expect(Object.keys(report.refused).sort()).toEqual([
      "MalformedPayload",
      "TooMuch",
      "UnknownMessage",
    ]);
    expect(report.gasMax).toBeGreaterThan(100);
    expect(fuzzReducer(module, SCRIPT, { seed: 1, runs: 20 })).toEqual(report);
  });

  const faults: readonly (readonly [string, string, string])[] = [
    ["traps", "unreachable", "Trapped"],
    ["never ends", "(loop $again (br $again))", "OutOfGas"],
    ["puts out what is no answer", `(return ${WAT_OUTPUT.schema})`, "MalformedOutput"],
  ];
  for (const [what, fault, code] of faults) {
    adversarial(`finds the one message by which a reducer ${what}`, () => {
      const reduce = `(if ${IS_ODD} (then ${fault})) ${WAT_OUTPUT.nothing}`;
      const { finding } = search({ reduce });

      expect(finding?.code).toBe("EndedBadly");
      expect(finding?.text).toContain(code);
      expect(finding?.messages).toHaveLength(1);
    });
  }

  adversarial("finds a reducer that does not begin", () => {
    expect(search({ init: "unreachable" }).finding?.code).toBe("NotBegun");
  });

  unit("needs no messages to begin with", () => {
    const module = admitted(reducerBytes("counter-c"));

    expect(fuzzReducer(module, EMPTY_SCRIPT, { seed: 2, runs: 5 }).finding).toBeUndefined();
  });
});

describe("parseScript", () => {
  unit("fills in what is left out", () => {
    expect(SCRIPT.init.participants).toHaveLength(2);
    expect(SCRIPT.init.assets.map(({ amounts }) => amounts)).toEqual([[10n, 10n]]);
    expect(SCRIPT.messages[1]).toEqual({
      ...{ turn: 2, sender: 1, type: "add", timeMs: 2_000 },
      payload: Uint8Array.of(0xcd, 0x03, 0xe8),
    });
    expect(EMPTY_SCRIPT.init.assets[0]?.amounts).toEqual([100n, 100n]);
  });

  adversarial("says what does not fit, and where", () => {
    const textOf = (text: string): string => {
      const parsed = parseScript(text);
      return parsed.ok ? "" : parsed.reason.text;
    };

    expect(textOf("{")).toContain("not JSON");
    expect(textOf('{"messages":[{"sender":0}]}')).toContain("messages[0].type");
    expect(textOf('{"messages":[{"sender":0,"type":"a","payload":"05"}]}')).toContain("hex digits");
    expect(textOf('{"messages":[],"stake":[]}')).toContain("stake");
  });
});
