/** Messages of go-nitro there and back, over values that the vectors do not have. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, invariant, property, unit } from "../../../test/kind.ts";
import { checkFixedPart, type FixedPart } from "../../channel/fixed-part.ts";
import type { Allocation, Outcome } from "../../channel/outcome.ts";
import { checkVariablePart, TURN_NUM_MAX, type VariablePart } from "../../channel/state.ts";
import { STATE_IN_MESSAGE_BYTES_MAX, sizeInMessageMax } from "../../channel/state-size.ts";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import type { Signature } from "../../crypto/signature.ts";
import { type Hex, toHex } from "../../primitives/hex.ts";
import { decodeGoNitro, encodeGoNitro, GO_NITRO_LINE_LENGTH_MAX } from "./codec.ts";
import type {
  GoNitroMessage,
  GoNitroPayload,
  GoNitroProposal,
  GoNitroSignedProposal,
} from "./message.ts";

const hexOf = (min: number, max = min): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: min, maxLength: max }).map(toHex);
const fixed = <Text extends Hex>(sizeBytes: number): fc.Arbitrary<Text> =>
  hexOf(sizeBytes) as fc.Arbitrary<Text>;
const wholes = (bits: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.constantFrom(0n, 1n, 2n ** 53n + 1n, 2n ** bits - 1n),
    fc.bigInt({ min: 0n, max: 2n ** bits - 1n }),
  );

const amounts = wholes(256n);
const turns = fc.oneof(fc.constantFrom(0, 1, TURN_NUM_MAX), fc.nat());
const metadata = hexOf(0, 70);
const outcomes: fc.Arbitrary<Outcome> = fc.array(
  fc.record({
    asset: fixed<never>(20),
    assetMetadata: fc.record({ assetType: fc.nat(255), metadata }),
    allocations: fc.array(
      fc.record({
        destination: fixed<never>(32),
        amount: amounts,
        allocationType: fc.nat(255),
        metadata,
      }),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 3 },
);
const variableParts: fc.Arbitrary<VariablePart> = fc.record({
  outcome: outcomes,
  appData: metadata,
  turnNum: turns,
  isFinal: fc.boolean(),
});
const objectiveIds = fc.stringMatching(/^[A-Za-z0-9-]{1,128}$/) as fc.Arbitrary<never>;
/** More than ten slots: Go orders the names of its map as texts, so "10" comes before "2". */
const slots = fc.array(
  fc.record({
    participant: fixed<never>(20),
    signature: fc.option(fixed<Signature>(65), { nil: undefined }),
  }),
  { maxLength: 13 },
);
const signedStates: fc.Arbitrary<GoNitroPayload> = fc
  .tuple(objectiveIds, slots, wholes(64n), fixed<never>(20), fc.nat(2 ** 31), variableParts)
  .map(([objectiveId, members, channelNonce, appDefinition, challengeDurationSec, part]) => ({
    type: "SignedState",
    objectiveId,
    fixedPart: {
      participants: members.map(({ participant }) => participant),
      channelNonce,
      appDefinition,
      challengeDurationSec,
    },
    variablePart: part,
    signatures: members.map(({ signature }) => signature),
  }));
const payloads: fc.Arbitrary<GoNitroPayload> = fc.oneof(
  signedStates,
  fc.record({
    type: fc.constant("RequestFinalState" as const),
    objectiveId: objectiveIds,
    channelId: fixed<never>(32),
  }),
);
const proposals: fc.Arbitrary<GoNitroProposal> = fc.oneof(
  fc.record({
    type: fc.constant("Add" as const),
    target: fixed<never>(32),
    left: fixed<never>(32),
    right: fixed<never>(32),
    amount: amounts,
    leftDeposit: amounts,
  }),
  fc.record({
    type: fc.constant("Remove" as const),
    target: fixed<never>(32),
    leftAmount: amounts,
  }),
);
const signedProposals: fc.Arbitrary<GoNitroSignedProposal> = fc.record({
  ledgerId: fixed<never>(32),
  turnNum: turns,
  proposal: proposals,
  signature: fixed<Signature>(65),
});
const messages: fc.Arbitrary<GoNitroMessage> = fc.record({
  to: fixed<never>(20),
  from: fixed<never>(20),
  payloads: fc.array(payloads, { maxLength: 2 }),
  ledgerProposals: fc.array(signedProposals, { maxLength: 3 }),
  payments: fc.array(
    fc.record({ channelId: fixed<never>(32), amount: amounts, signature: fixed<Signature>(65) }),
    { maxLength: 2 },
  ),
  rejectedObjectives: fc.array(objectiveIds, { maxLength: 2 }),
});

/** Refused, or read as a message that is read the same once it was written again. */
function isRefusedOrStable(line: string | Uint8Array): boolean {
  const read = decodeGoNitro(line);
  if (!read.ok) return read.reason.code === "Undecodable" && read.reason.problem.length < 200;
  const again = decodeGoNitro(encodeGoNitro(read.value));
  return again.ok && Bun.deepEquals(again.value, read.value, true);
}

const lineOf = (bytes: string): Uint8Array => new TextEncoder().encode(bytes);

describe("encodeGoNitro and decodeGoNitro", () => {
  property("a message is read as it was written, from text and from bytes", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const line = encodeGoNitro(message);

        expect(line).toMatch(/^[ -~]+$/);
        expect(decodeGoNitro(line)).toEqual({ ok: true, value: message });
        expect(decodeGoNitro(lineOf(line))).toEqual({ ok: true, value: message });
      }),
      { numRuns: 300 },
    );
  });

  property("any JSON parser reads what is written, in this order and with these names", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const parsed = JSON.parse(encodeGoNitro(message));
        const [payload] = parsed.ObjectivePayloads ?? [];

        expect(Object.keys(parsed).join()).toBe(
          "To,From,ObjectivePayloads,LedgerProposals,Payments,RejectedObjectives",
        );
        if (payload === undefined) return;
        expect(Object.keys(payload).join()).toBe("PayloadData,ObjectiveId,Type");
        const inner = JSON.parse(atob(payload.PayloadData));
        if (payload.Type === "SignedStatePayload") {
          expect(Object.keys(inner.State).join()).toBe(
            "Participants,ChannelNonce,AppDefinition,ChallengeDuration,AppData,Outcome,TurnNum,IsFinal",
          );
        } else {
          expect(inner).toMatch(/^0x[0-9a-f]{64}$/);
        }
      }),
      { numRuns: 100 },
    );
  });

  unit("signatures are written in the order of Go's maps, and what is empty as Go has it", () => {
    const signature = `0x${"11".repeat(65)}` as Signature;
    const participants = Array.from(
      { length: 12 },
      (_, index) => `0x${index.toString(16).padStart(40, "0")}` as typeof ZERO_ADDRESS,
    );
    const line = encodeGoNitro({
      ...EMPTY,
      payloads: [
        {
          type: "SignedState",
          objectiveId: "DirectFunding-0x00" as never,
          fixedPart: { ...SMALL, participants },
          variablePart: { outcome: [], appData: "0x", turnNum: 0, isFinal: false },
          signatures: participants.map((_, index) => (index % 5 < 3 ? signature : undefined)),
        },
      ],
    });
    const inner = atob(/"PayloadData":"([^"]+)"/.exec(line)?.[1] ?? "");

    expect([...inner.matchAll(/"(\d+)":/g)].map(([, name]) => name)).toEqual([
      "0",
      "1",
      "10",
      "11",
      "2",
      "5",
      "6",
      "7",
    ]);
    expect(inner).toContain('"AppData":"","Outcome":[],"TurnNum":0');
    expect(encodeGoNitro(EMPTY)).toEndWith(
      '"ObjectivePayloads":null,"LedgerProposals":null,"Payments":null,"RejectedObjectives":null}',
    );
  });

  unit("null, an empty text and an empty list are all read as nothing", () => {
    const empty = encodeGoNitro(EMPTY);
    const lists = empty.replaceAll("null", "[]");

    expect(lists).not.toBe(empty);
    expect(decodeGoNitro(lists)).toEqual({ ok: true, value: EMPTY });
  });

  unit("an address is read in any capitals", () => {
    const line = encodeGoNitro({ ...EMPTY, to: `0x${"ab".repeat(20)}` as never });

    expect(decodeGoNitro(line.replace(/"0xab.*?"/, (text) => text.replaceAll("ab", "aB")))).toEqual(
      decodeGoNitro(line),
    );
  });

  invariant(
    "the largest state that our own messages carry fits a line, signed by everybody",
    () => {
      const participants = Array.from(
        { length: 255 },
        (_, index) => `0x${(index + 1).toString(16).padStart(40, "0")}` as typeof ZERO_ADDRESS,
      );
      const fixedPart: FixedPart = { ...SMALL, participants, channelNonce: 2n ** 64n - 1n };
      const largest = [0, 1, 64, 4_096].map((sizeBytes) => largestState(sizeBytes));
      const lengths = largest.map((variablePart) => {
        expect(checkVariablePart(variablePart).ok).toBe(true);
        const signatures = participants.map(() => `0x${"11".repeat(65)}` as Signature);
        const objectiveId = "x".repeat(128) as never;
        const payload = { type: "SignedState", objectiveId, fixedPart, variablePart, signatures };
        return encodeGoNitro({ ...EMPTY, payloads: [payload as GoNitroPayload] }).length;
      });

      expect(checkFixedPart(fixedPart).ok).toBe(true);
      expect(Math.max(...lengths)).toBeLessThan(GO_NITRO_LINE_LENGTH_MAX);
      expect(Math.max(...lengths)).toBeGreaterThan(0.15 * GO_NITRO_LINE_LENGTH_MAX);
    },
  );

  adversarial("text cut, doubled, moved or made up is refused or read as some message", () => {
    const noise = fc.oneof(
      fc.string({ unit: "binary", maxLength: 9 }),
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        "null",
        "-",
        "0",
        "\\",
        "__proto__",
        "1e9",
      ),
    );
    fc.assert(
      fc.property(messages, fc.nat(), fc.nat(), noise, (message, from, to, added) => {
        const line = encodeGoNitro(message);
        const mutated = line.slice(0, from % line.length) + added + line.slice(to % line.length);
        const inner = encodeGoNitro({ ...EMPTY, payloads: message.payloads.slice(0, 1) });

        expect(isRefusedOrStable(mutated)).toBe(true);
        expect(isRefusedOrStable(lineOf(mutated))).toBe(true);
        expect(isRefusedOrStable(added)).toBe(true);
        expect(isRefusedOrStable(withInner(inner, from, to, added))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  adversarial("each character of a message changed in turn is refused or another message's", () => {
    const [message] = fc.sample(signedProposals, { numRuns: 1, seed: 7 });
    const line = encodeGoNitro({
      ...EMPTY,
      ledgerProposals: message === undefined ? [] : [message],
    });
    for (let at = 0; at < line.length; at += 1) {
      for (const character of ['"', "0", "1", "}", "\u0000", "\ud800"]) {
        expect(isRefusedOrStable(line.slice(0, at) + character + line.slice(at + 1))).toBe(true);
      }
    }
  });
});

/** Changes the JSON inside of the JSON. */
function withInner(line: string, from: number, to: number, added: string): string {
  return line.replace(/"PayloadData":"([^"]+)"/, (_, data: string) => {
    const inner = atob(data);
    const mutated = inner.slice(0, from % inner.length) + added + inner.slice(to % inner.length);
    return `"PayloadData":"${lineOf(mutated).toBase64()}"`;
  });
}

const EMPTY: GoNitroMessage = {
  to: ZERO_ADDRESS,
  from: ZERO_ADDRESS,
  payloads: [],
  ledgerProposals: [],
  payments: [],
  rejectedObjectives: [],
};

const SMALL: FixedPart = {
  participants: [],
  channelNonce: 0n,
  appDefinition: ZERO_ADDRESS,
  challengeDurationSec: 2 ** 32 - 1,
};

/** As many allocations with so many bytes of metadata as one of our own messages has room for. */
function largestState(sizeBytes: number): VariablePart {
  const allocation: Allocation = {
    destination: `0x${"dd".repeat(32)}` as never,
    amount: 2n ** 256n / 4_096n,
    allocationType: 255,
    metadata: `0x${"ee".repeat(sizeBytes)}`,
  };
  const exits = Array.from({ length: 16 }, (_, index) => ({
    asset: `0x${index.toString(16).padStart(40, "0")}` as never,
    assetMetadata: { assetType: 3, metadata: "0x" as Hex },
    allocations: [] as readonly Allocation[],
  }));
  let state: VariablePart = {
    outcome: exits,
    appData: "0x",
    turnNum: TURN_NUM_MAX,
    isFinal: false,
  };
  for (let index = 0; ; index += 1) {
    const exit = state.outcome[index % 16];
    if (exit === undefined) return state;
    const more = { ...exit, allocations: [...exit.allocations, allocation] };
    const next = { ...state, outcome: state.outcome.with(index % 16, more) };
    if (sizeInMessageMax(next) > STATE_IN_MESSAGE_BYTES_MAX || !checkVariablePart(next).ok)
      return state;
    state = next;
  }
}
