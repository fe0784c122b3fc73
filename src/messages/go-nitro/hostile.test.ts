/** What a stranger may write where a go-nitro node is expected. Each line is refused, and nothing is thrown. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import vectors from "../../../test/vectors/go-nitro-messages.json";
import { decodeGoNitro, GO_NITRO_LINE_LENGTH_MAX } from "./codec.ts";
import { JSON_DEPTH_MAX } from "./json-reader.ts";

const GOOD = vectors.vectors["message-json"].expected.json.replace(
  '"Type":""',
  '"Type":"SignedStatePayload"',
);

/** The good message with one place of it changed, the state inside of its payload included. */
function changed(from: string | RegExp, to: string): string {
  const outer = GOOD.replace(from, to);
  if (outer !== GOOD) return outer;
  return GOOD.replace(/"PayloadData":"([^"]+)"/, (_, data: string) => {
    const inner = atob(data);
    const mutated = inner.replace(from, to);
    expect(mutated).not.toBe(inner);
    return `"PayloadData":"${new TextEncoder().encode(mutated).toBase64()}"`;
  });
}

/** What is wrong with a line; `none` when it is taken. */
function problemOf(line: string | Uint8Array): string {
  const read = decodeGoNitro(line);
  return read.ok ? "none" : read.reason.problem;
}

/** Refused, for the reason that is named. */
const refuses = (
  name: string,
  problem: string,
  lines: readonly (string | Uint8Array)[] | (() => readonly (string | Uint8Array)[]),
): void =>
  adversarial(`refuses ${name}`, () => {
    for (const line of typeof lines === "function" ? lines() : lines) {
      expect(problemOf(line)).toContain(problem);
    }
  });

const AMOUNT = /"Amount":123/;
const TURN = /"TurnNum":5/;
const SIGS = /"Sigs":\{\}/;
const SIGNATURE = `"0x${"11".repeat(65)}"`;

describe("decodeGoNitro", () => {
  unit("the message that all of these are made of is a good one", () => {
    expect(problemOf(GOOD)).toBe("none");
    expect(problemOf(changed(TURN, '"TurnNum":6'))).toBe("none");
    expect(problemOf(changed(SIGS, `"Sigs":{"1":${SIGNATURE}}`))).toBe("none");
  });

  describe("of text", () => {
    refuses("a line that is longer than any message", "a line that is too long", () => [
      " ".repeat(GO_NITRO_LINE_LENGTH_MAX + 1),
      new Uint8Array(GO_NITRO_LINE_LENGTH_MAX + 1),
    ]);
    refuses("an empty line, and what is no JSON", "no value", [
      "",
      "nil",
      "undefined",
      "NaN",
      "-1",
      "'",
    ]);
    refuses("more than one value in a line", "something follows the value", [
      `${GOOD}${GOOD}`,
      `${GOOD}\n`,
      `${GOOD} `,
    ]);
    refuses("a line that ends too early", "message", () =>
      Array.from({ length: GOOD.length }, (_, end) => GOOD.slice(0, end)),
    );
    refuses("objects and lists too deep within each other", `deeper than ${JSON_DEPTH_MAX}`, () => [
      "[".repeat(GO_NITRO_LINE_LENGTH_MAX),
      '{"a":'.repeat(50_000),
      changed(/"AppData":""/, `"AppData":${"[".repeat(60_000)}`),
    ]);
    refuses("a field that comes twice", "a field comes twice", [
      changed(AMOUNT, '"Amount":123,"Amount":124'),
      changed(SIGS, `"Sigs":{"0":${SIGNATURE},"0":${SIGNATURE}}`),
      changed(TURN, '"TurnNum":5,"TurnNum":5'),
    ]);
    refuses("names that mean something to JavaScript", "a field that does not go here", [
      GOOD.replace("{", '{"__proto__":{"polluted":true},'),
      GOOD.replace("{", '{"constructor":null,'),
      changed(/\{"State"/, '{"__proto__":[],"State"'),
    ]);
    refuses("such a name in place of a field", "no field To", [
      GOOD.replace('"To"', '"__proto__"'),
      GOOD.replace('"To"', '"toString"'),
    ]);
    refuses(
      "lone surrogates, escapes, control characters, other alphabets",
      "a text that is not plain",
      [
        changed(/my-little/, "\ud800"),
        changed(/my-little/, "\\ud800"),
        changed(/my-little/, "\\u006d"),
        changed(/my-little/, "\u0000"),
        changed(/my-little/, "\u202e"),
        changed(/my-little/, "<b>"),
        new TextEncoder().encode(changed(/my-little/, "é")),
        Uint8Array.from([0x7b, 0x22, 0xff, 0x22]),
      ],
    );
    refuses("a byte order mark", "no value", [
      `\ufeff${GOOD}`,
      Uint8Array.of(0xef, 0xbb, 0xbf, ...new TextEncoder().encode(GOOD)),
    ]);
  });

  describe("of numbers", () => {
    const ABOVE_UINT256 = (2n ** 256n).toString();

    refuses("a negative amount, a negative zero", "no value", [
      changed(AMOUNT, '"Amount":-1'),
      changed(AMOUNT, '"Amount":-0'),
      changed(/"LeftDeposit":1/, '"LeftDeposit":-1'),
      changed(/"Amount":5/, '"Amount":-5'),
    ]);
    refuses("an amount above the largest uint256", "more than 1157920892373161954235709850086", [
      changed(AMOUNT, `"Amount":${ABOVE_UINT256}`),
      changed(/"LeftAmount":1/, `"LeftAmount":${ABOVE_UINT256}`),
      changed(/"Amount":5/, `"Amount":${ABOVE_UINT256}`),
    ]);
    refuses("a number of a hundred thousand digits", "a number that is too long", () => [
      changed(AMOUNT, `"Amount":${"9".repeat(100_000)}`),
      changed(TURN, `"TurnNum":${"9".repeat(100_000)}`),
    ]);
    refuses("fractions and exponents", "neither a comma nor an end", [
      changed(AMOUNT, '"Amount":1.0'),
      changed(AMOUNT, '"Amount":1e77'),
      changed(TURN, '"TurnNum":5.5'),
    ]);
    refuses("a number that starts with 0", "a number that starts with 0", [
      changed(AMOUNT, '"Amount":0123'),
    ]);
    refuses("a number as text, or none where one belongs", "no number", [
      changed(AMOUNT, '"Amount":"123"'),
      changed(AMOUNT, '"Amount":null'),
      changed(TURN, '"TurnNum":null'),
    ]);
    refuses("a turn that no contract can store", "more than 281474976710655", [
      changed(TURN, `"TurnNum":${2n ** 48n}`),
      changed(/"TurnNum":0\}\]/, `"TurnNum":${2n ** 64n - 1n}}]`),
    ]);
    refuses("a nonce, a duration, a type above what Go holds", "more than", [
      changed(/"ChannelNonce":\d+/, `"ChannelNonce":${2n ** 64n}`),
      changed(/"ChallengeDuration":60/, `"ChallengeDuration":${2 ** 32}`),
      changed(/"AllocationType":0/, '"AllocationType":256'),
      changed(/"AssetType":0/, '"AssetType":256'),
    ]);
  });

  describe("of fields", () => {
    refuses("fields that are missing, or in other capitals", "no field", [
      changed(/"Payments":\[.*?\],/, ""),
      changed(AMOUNT, '"amount":123'),
      changed(/,"IsFinal":false/, ""),
      changed(/"Sigs"/, '"sigs"'),
    ]);
    refuses("fields that Go does not have", "a field that does not go here", [
      changed(AMOUNT, '"Amount":123,"Memo":"x"'),
      changed(TURN, '"TurnNum":5,"ChainId":1'),
    ]);
    refuses("values of another type", "message.", [
      changed(/"To":"\w+"/, '"To":null'),
      changed(/"To":"\w+"/, '"To":[]'),
      changed(/"Payments":\[.*?\],/, '"Payments":{},'),
      changed(/"IsFinal":false/, '"IsFinal":0'),
      changed(SIGS, '"Sigs":null'),
      changed(SIGS, '"Sigs":[]'),
      changed(/"ToAdd":\{/, '"ToAdd":null,"x":{'),
    ]);
    refuses(
      "an address or an id of another length, a signature cut short",
      "another text than goes here",
      [
        changed(/0x6c0/, "0x6c"),
        changed(/0x6c0/, "0x6C0"),
        changed(/"Signature":"0x00"/, '"Signature":"0x"'),
        changed(/"Signature":"0x00"/, `"Signature":"0x${"11".repeat(64)}"`),
        changed(/"Signature":"0x00"/, `"Signature":"0x${"11".repeat(66)}"`),
      ],
    );
    refuses("an address of 19 bytes", "no address", [changed(/"To":"0x61/, '"To":"0x')]);
    refuses(
      "the name of an objective that is empty, too long, or no name",
      "another text than goes here",
      [
        changed(/say-hello-to-my-little-friend2/, ""),
        changed(/say-hello-to-my-little-friend2/, "x".repeat(129)),
        changed(/say-hello-to-my-little-friend2/, "a b"),
      ],
    );
    refuses("a payload type that is unknown", "a payload of an unknown type", [
      changed(/SignedStatePayload/, ""),
      changed(/SignedStatePayload/, "SignedProposalPayload"),
      changed(/SignedStatePayload/, "toString"),
    ]);
    refuses("a payload of the other type", "message.ObjectivePayloads[0].PayloadData: no text", [
      changed(/SignedStatePayload/, "RequestFinalStatePayload"),
    ]);
    refuses(
      "base64 of another alphabet, without padding, with spaces or bits left over",
      "base64",
      [
        changed(/"PayloadData":"eyJT/, '"PayloadData":"-_JT'),
        changed(/fX0="/, 'fX0"'),
        changed(/fX0="/, 'fX1="'),
        changed(/"PayloadData":"eyJT/, '"PayloadData":"eyJT    '),
        changed(/"AppData":""/, '"AppData":"A"'),
        changed(/"AppData":""/, '"AppData":"AB=="'),
        changed(/"AppData":""/, '"AppData":"0x"'),
      ],
    );
  });

  describe("of sizes", () => {
    const items = (count: number, item: string): string => Array(count).fill(item).join(",");
    const bytes = (sizeBytes: number): string => new Uint8Array(sizeBytes).toBase64();
    const OTHER = `"0x${"ab".repeat(20)}"`;

    refuses("more items than a list has room for", "more than 255 items", [
      changed(/"RejectedObjectives":\[.*?\]/, `"RejectedObjectives":[${items(256, '"x"')}]`),
      changed(/"Participants":\[.*?\]/, `"Participants":[${items(256, OTHER)}]`),
      changed(/"Allocations":\[.*?\]/, `"Allocations":[${items(256, "0")}]`),
    ]);
    refuses("more assets than an outcome has", "more than 16 items", [
      changed(/"Outcome":\[/, `"Outcome":[${items(16, "0")},`),
    ]);
    refuses("app data and metadata that are too large", "more than 4096 bytes", [
      changed(/"AppData":""/, `"AppData":"${bytes(4_097)}"`),
      changed(/"Metadata":null/, `"Metadata":"${bytes(4_097)}"`),
      changed(/"Metadata":""/, `"Metadata":"${bytes(4_097)}"`),
    ]);
    refuses("signatures of nobody", "message.ObjectivePayloads[0].PayloadData", [
      changed(SIGS, `"Sigs":{"2":${SIGNATURE}}`),
      changed(SIGS, `"Sigs":{"255":${SIGNATURE}}`),
      changed(SIGS, `"Sigs":{"-1":${SIGNATURE}}`),
      changed(SIGS, `"Sigs":{"00":${SIGNATURE}}`),
      changed(SIGS, `"Sigs":{"1e0":${SIGNATURE}}`),
      changed(SIGS, `"Sigs":{"":${SIGNATURE}}`),
      changed(SIGS, `"Sigs":{"length":${SIGNATURE}}`),
    ]);
    refuses("base64 that breaks off after a quarter of a million characters", "no base64", () => [
      changed(/"PayloadData":"[^"]+"/, `"PayloadData":"${"A".repeat(250_001)}"`),
    ]);
  });

  describe("of proposals", () => {
    const add = /("ToAdd":\{"Guarantee":\{"Amount":)1(.*?"LeftDeposit":)1/;

    refuses("an add without its amounts: go-nitro would stop at it", "no number", [
      changed(add, "$1null$21"),
    ]);
    refuses("an add that is also a removal", "not null", [
      changed(/"LeftAmount":null/, '"LeftAmount":0'),
      changed(/"LeftAmount":null/, '"LeftAmount":1'),
    ]);
    refuses("a removal with 0 for null: go-nitro would take it for an add", "not null", [
      changed(/"Amount":null/, '"Amount":0'),
    ]);
    refuses("a removal whose other half names something", "not zero", [
      changed(/"Amount":null,"Target":"0x0/, '"Amount":null,"Target":"0x1'),
    ]);
    refuses("an add whose other half names something", "not zero", [
      changed(/"ToRemove":\{"Target":"0x0/, '"ToRemove":{"Target":"0x1'),
    ]);
    refuses("neither of both", "no number", [changed(/"LeftAmount":1/, '"LeftAmount":null')]);
  });
});
