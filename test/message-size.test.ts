/** Every state that may be signed fits every message that may carry it: a node that must send one can. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { directFundId, type ObjectiveId } from "../src/channel/objective-id.ts";
import type { Allocation, Outcome } from "../src/channel/outcome.ts";
import { variablePart as variablePartSchema } from "../src/channel/schema.ts";
import { checkVariablePart, TURN_NUM_MAX, type VariablePart } from "../src/channel/state.ts";
import { STATE_IN_MESSAGE_BYTES_MAX, sizeInMessageMax } from "../src/channel/state-size.ts";
import type { Address } from "../src/crypto/address.ts";
import { encodeMessage } from "../src/messages/codec.ts";
import type { Message } from "../src/messages/message.ts";
import { PAYLOAD_BYTES_MAX } from "../src/network/limits.ts";
import { encode } from "../src/primitives/schema.ts";
import { adversarial, invariant, property } from "./kind.ts";
import {
  repeated,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
  SAMPLE_SIGNATURE,
} from "./sample-messages.ts";

const allocation = (metadataBytes: number): Allocation => ({
  destination: repeated("d1", 32) as Allocation["destination"],
  amount: 0n,
  allocationType: 255,
  metadata: repeated("0e", metadataBytes),
});

const outcomeOf = (assets: readonly (readonly number[])[]): Outcome =>
  assets.map((metadataSizes, index) => ({
    asset: repeated(`${10 + index}`, 20) as Address,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: metadataSizes.map(allocation),
  }));

/** The largest turn and amounts of 33 bytes, whatever the state had: payments may lead there. */
const grown = (state: VariablePart): VariablePart => ({
  ...state,
  turnNum: TURN_NUM_MAX,
  outcome: state.outcome.map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((claim) => ({ ...claim, amount: 2n ** 256n - 1n })),
  })),
});

/** Every message with this state in it, and as much beside the state as there can be. */
function messagesWith(state: VariablePart): readonly Message[] {
  const { appData, outcome, turnNum } = state;
  const objectiveId = "o".repeat(128) as ObjectiveId;
  const about = { objectiveId, channelId: SAMPLE_CHANNEL_ID };
  const [participant] = SAMPLE_FIXED_PART.participants;
  const participants = Array.from({ length: 255 }, () => participant as Address);
  const baseSignatures = Array.from({ length: 255 }, () => SAMPLE_SIGNATURE);
  const fixedPart = { ...SAMPLE_FIXED_PART, participants };
  const signature = SAMPLE_SIGNATURE;
  const change = { type: "Replace", baseTurnNum: turnNum, outcome, appData } as const;
  return [
    { type: "Prefund", fixedPart, outcome, appData, signature },
    {
      type: "SignedState",
      ...about,
      variablePart: state,
      signature,
      baseSignatures,
      moverSignature: signature,
    },
    { type: "UpdateRequest", ...about, turnNum, change },
    {
      type: "HeldChannel",
      fixedPart,
      outcome,
      appData,
      openedBy: 254,
      passedTurnNum: TURN_NUM_MAX,
    },
    {
      type: "HeldState",
      ...about,
      variablePart: state,
      signatures: baseSignatures,
      updatesAsked: TURN_NUM_MAX,
    },
  ];
}

const largestMessage = (state: VariablePart): number =>
  Math.max(...messagesWith(grown(state)).map((message) => encodeMessage(message).length));

const sizes = fc.oneof(fc.constantFrom(0, 64, 255, 256, 1000), fc.nat(4096));
const states: fc.Arbitrary<VariablePart> = fc.record({
  outcome: fc.array(fc.array(sizes, { maxLength: 20 }), { maxLength: 8 }).map(outcomeOf),
  appData: sizes.map((size) => repeated("da", size)),
  turnNum: fc.constant(0),
  isFinal: fc.boolean(),
});

describe("a state in a message", () => {
  property("takes no more than is reckoned for it", () => {
    fc.assert(
      fc.property(states, (state) => {
        const taken = encode(variablePartSchema, grown(state)).length;

        expect(taken).toBeLessThanOrEqual(sizeInMessageMax(state));
        expect(sizeInMessageMax(grown(state))).toBe(sizeInMessageMax(state));
      }),
      { numRuns: 200 },
    );
  });

  invariant("takes exactly that when every list, text and number has its longest form", () => {
    const sizesOfMetadata = Array.from({ length: 16 }, () => Array.from({ length: 16 }, () => 256));
    const outcome = outcomeOf(sizesOfMetadata).map((exit) => ({
      ...exit,
      assetMetadata: { assetType: 255, metadata: repeated("0e", 256) },
    }));
    const state = { outcome, appData: repeated("da", 256), turnNum: 0, isFinal: true };

    expect(encode(variablePartSchema, grown(state)).length).toBe(sizeInMessageMax(state));
  });

  invariant("the largest state fits the wire beside all that can stand with it", () => {
    // Metadata of the last allocation fills what the others leave.
    const withSizes = (...sizesOfMetadata: readonly number[]): VariablePart => ({
      outcome: outcomeOf([sizesOfMetadata]),
      appData: "0x",
      turnNum: 0,
      isFinal: false,
    });
    const others = Array.from({ length: 11 }, () => 4096);
    const room = STATE_IN_MESSAGE_BYTES_MAX - sizeInMessageMax(withSizes(...others, 0));
    const withLast = (sizeBytes: number): VariablePart => withSizes(...others, sizeBytes);

    expect(sizeInMessageMax(withLast(room))).toBe(STATE_IN_MESSAGE_BYTES_MAX);
    expect(checkVariablePart(withLast(room)).ok).toBe(true);
    expect(largestMessage(withLast(room))).toBeLessThanOrEqual(PAYLOAD_BYTES_MAX);
    expect(checkVariablePart(withLast(room + 1))).toEqual({
      ok: false,
      reason: { code: "StateTooLarge", sizeBytes: STATE_IN_MESSAGE_BYTES_MAX + 1 },
    });
  });

  invariant("a channel of 255 participants and 255 guarantees in a ledger fit", () => {
    for (const metadataBytes of [0, 64]) {
      const outcome = outcomeOf([Array.from({ length: 255 }, () => metadataBytes)]);
      const state: VariablePart = { outcome, appData: "0x", turnNum: 0, isFinal: false };

      expect(checkVariablePart(state).ok).toBe(true);
    }
  });

  adversarial("a state that fits the prefund of two, but not their postfund, is refused", () => {
    const fill = Array.from({ length: 15 }, () => 4096);
    const stateOf = (lastBytes: number): VariablePart => ({
      outcome: outcomeOf([[...fill, lastBytes]]),
      appData: "0x",
      turnNum: 1,
      isFinal: false,
    });
    const prefundOf = ({ appData, outcome }: VariablePart): Message => ({
      type: "Prefund",
      fixedPart: SAMPLE_FIXED_PART,
      outcome,
      appData,
      signature: SAMPLE_SIGNATURE,
    });
    const free = PAYLOAD_BYTES_MAX - encodeMessage(prefundOf(stateOf(256))).length;
    const state = stateOf(256 + free);
    const postfund = encodeMessage({
      type: "SignedState",
      objectiveId: directFundId(SAMPLE_CHANNEL_ID),
      channelId: SAMPLE_CHANNEL_ID,
      variablePart: state,
      signature: SAMPLE_SIGNATURE,
      baseSignatures: [],
      moverSignature: undefined,
    });

    expect(encodeMessage(prefundOf(state)).length).toBe(PAYLOAD_BYTES_MAX);
    expect(postfund.length).toBeGreaterThan(PAYLOAD_BYTES_MAX);
    expect(checkVariablePart(state).ok).toBe(false);
  });
});
