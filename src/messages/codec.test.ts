/** The bytes of each message, and what is refused of a peer's bytes. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { type KeptLayout, keptLayouts, unionCases } from "../../test/kept-layouts.ts";
import { adversarial, golden, property } from "../../test/kind.ts";
import { allSampleMessages, SAMPLE_SIGNATURE, sampleMessages } from "../../test/sample-messages.ts";
import type { Change } from "../channel/change.ts";
import type { Allocation, SingleAssetExit } from "../channel/outcome.ts";
import type { Address } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { fromHex, type Hex, toHex } from "../primitives/hex.ts";
import { decodeMessage, encodeMessage, messageSchema } from "./codec.ts";
import type { Message } from "./message.ts";

const today: readonly KeptLayout[] = unionCases(messageSchema.shape).map((entry) => ({
  ...entry,
  version: 1,
  samples: sampleMessages[entry.type as Message["type"]].map((sample) =>
    toHex(encodeMessage(sample)),
  ),
}));
const kept = await keptLayouts("messages.json", today);

const hexOf = (min: number, max = min): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: min, maxLength: max }).map(toHex);
const fixed = <Text extends Hex>(sizeBytes: number): fc.Arbitrary<Text> =>
  hexOf(sizeBytes) as fc.Arbitrary<Text>;

const amounts = fc.oneof(
  fc.constantFrom(0n, 127n, 128n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 256n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
);
const turns = fc.oneof(fc.constantFrom(0, 1, 2 ** 48 - 1), fc.nat());
const metadata = hexOf(0, 70);
const allocations: fc.Arbitrary<Allocation> = fc.record({
  destination: fixed(32),
  amount: amounts,
  allocationType: fc.nat(255),
  metadata,
});
const exits: fc.Arbitrary<SingleAssetExit> = fc.record({
  asset: fixed(20),
  assetMetadata: fc.record({ assetType: fc.nat(255), metadata }),
  allocations: fc.array(allocations, { maxLength: 5 }),
});
const outcomes = fc.array(exits, { maxLength: 3 });
const variableParts = fc.record({
  outcome: outcomes,
  appData: metadata,
  turnNum: turns,
  isFinal: fc.boolean(),
});
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    type: fc.constant("Pay" as const),
    asset: fixed<Address>(20),
    to: fc.nat(254),
    amount: amounts,
  }),
  fc.record({
    type: fc.constant("Replace" as const),
    baseTurnNum: turns,
    outcome: outcomes,
    appData: metadata,
  }),
);
const about = {
  objectiveId: fc.string({ unit: "grapheme", maxLength: 3 }) as fc.Arbitrary<never>,
  channelId: fixed<never>(32),
};
const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant("Prefund" as const),
    fixedPart: fc.record({
      participants: fc.array(fixed<never>(20), { maxLength: 6 }),
      channelNonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      appDefinition: fixed<never>(20),
      challengeDurationSec: turns,
    }),
    outcome: outcomes,
    appData: metadata,
    signature: fixed<never>(65),
  }),
  fc.record({
    type: fc.constant("SignedState" as const),
    ...about,
    variablePart: variableParts,
    signature: fixed<never>(65),
    baseSignatures: fc.array(fixed<never>(65), { maxLength: 4 }),
    moverSignature: fc.option(fixed<never>(65), { nil: undefined }),
  }),
  fc.record({
    type: fc.constant("UpdateRequest" as const),
    ...about,
    turnNum: turns,
    change: changes,
  }),
  fc.record({ type: fc.constant("DefundRequest" as const), ...about }),
  fc.record({
    type: fc.constant("ObjectiveRejection" as const),
    ...about,
    code: fc.stringMatching(/^[A-Za-z]{1,64}$/),
  }),
  fc.record({ type: fc.constant("ResyncRequest" as const), round: turns }),
  fc.record({
    type: fc.constant("HeldState" as const),
    channelId: about.channelId,
    objectiveId: fc.option(about.objectiveId, { nil: undefined }),
    variablePart: variableParts,
    signatures: fc.array(fc.option(fixed<never>(65), { nil: undefined }), { maxLength: 4 }),
    updatesAsked: turns,
  }),
  fc.record({
    type: fc.constant("ResyncAnswer" as const),
    round: turns,
    isCertain: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("ObjectiveFate" as const),
    ...about,
    code: fc.option(fc.stringMatching(/^[A-Za-z]{1,64}$/), { nil: undefined }),
  }),
);

/** Refused, or read as a message that has these bytes and no others. */
function isRefusedOrCanonical(bytes: Uint8Array): boolean {
  const read = decodeMessage(bytes);
  if (!read.ok) return read.reason.code === "Undecodable";
  return toHex(encodeMessage(read.value)) === toHex(bytes);
}

const problemOf = (bytes: Uint8Array): string => {
  const read = decodeMessage(bytes);
  return read.ok ? "none" : read.reason.problem;
};

const isCurrent = ({ type }: KeptLayout): boolean => today.some((entry) => entry.type === type);

describe("the wire contract", () => {
  golden("every message has the number, the layout and the bytes that are kept for ever", () => {
    expect(today).toEqual(kept.filter(isCurrent));
    expect(`union(${today.map(caseText).join(",")})`).toBe(messageSchema.shape);
  });

  golden("no number is used for two messages, today or in the past", () => {
    const names = new Map([...today, ...kept].map(({ number, type }) => [number, type]));

    expect([...today, ...kept].filter(({ number, type }) => names.get(number) !== type)).toEqual(
      [],
    );
  });

  golden("the kept bytes of every message are read as the message", () => {
    for (const { samples, type } of kept.filter(isCurrent)) {
      const read = samples.map((sample) => decodeMessage(fromHex(sample)));

      expect(read).toEqual(
        sampleMessages[type as Message["type"]].map((value) => ({ ok: true, value })),
      );
    }
  });
});

const caseText = ({ number, shape, type }: KeptLayout): string => `${number}:${type}${shape}`;

describe("decodeMessage", () => {
  property("a message is read as it was written", () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message });
      }),
      { numRuns: 500 },
    );
  });

  adversarial("each byte of each sample changed in turn is refused or is another message's", () => {
    for (const sample of allSampleMessages) {
      const bytes = encodeMessage(sample);
      for (let at = 0; at < bytes.length; at += 1) {
        for (const mask of [0x01, 0x10, 0x80, 0xff]) {
          const mutated = bytes.with(at, (bytes[at] ?? 0) ^ mask);
          expect(isRefusedOrCanonical(mutated)).toBe(true);
        }
      }
    }
  });

  adversarial("bytes cut, doubled, moved or made up are refused or canonical", () => {
    const pieces = fc.tuple(messages, fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 9 }));
    fc.assert(
      fc.property(pieces, ([message, from, to, noise]) => {
        const bytes = encodeMessage(message);
        const head = bytes.subarray(0, from % bytes.length);
        const tail = bytes.subarray(to % bytes.length);

        expect(isRefusedOrCanonical(Uint8Array.of(...head, ...noise, ...tail))).toBe(true);
        expect(isRefusedOrCanonical(noise)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  adversarial("each message cut short or with a byte behind it is refused", () => {
    for (const sample of allSampleMessages) {
      const bytes = encodeMessage(sample);
      for (let size = 0; size < bytes.length; size += 1) {
        expect(decodeMessage(bytes.subarray(0, size)).ok).toBe(false);
      }
      expect(decodeMessage(Uint8Array.of(...bytes, 0xc0)).ok).toBe(false);
    }
  });

  adversarial("a claim of more than there is costs nothing: it is refused where it stands", () => {
    const billions = "ffffffff";
    const prefund = "95019494";

    expect(problemOf(Uint8Array.fromHex(`dd${billions}`))).not.toBe("none");
    expect(problemOf(Uint8Array.fromHex(`dd${billions}01`))).not.toBe("none");
    expect(problemOf(Uint8Array.fromHex(`950194dd${billions}`))).not.toBe("none");
    expect(problemOf(Uint8Array.fromHex(`${prefund}c6${billions}`))).not.toBe("none");
    expect(problemOf(Uint8Array.fromHex("91".repeat(100_000)))).not.toBe("none");
    expect(problemOf(new Uint8Array(0))).not.toBe("none");
  });

  adversarial("lists, texts and bytes beyond their limits are refused", () => {
    const baseSignatures = Array.from({ length: 255 }, () => SAMPLE_SIGNATURE);
    const [state] = sampleMessages.SignedState;
    const bytes = toHex(encodeMessage({ ...assertDefined(state, "a sample"), baseSignatures }));
    // The count of the list, two bytes long: from 255 to 256, which the schema would never write.
    const more = bytes.replace("dc00ff", "dc0100");

    expect(more).not.toBe(bytes);
    expect(problemOf(Uint8Array.fromHex(more.slice(2)))).toBe("more than 255 items");
    expect(problemOf(Uint8Array.fromHex(`9304d981${"61".repeat(129)}`))).not.toBe("none");
  });

  adversarial("the code of a rejection is letters only", () => {
    const [rejection] = sampleMessages.ObjectiveRejection;
    const bytes = toHex(encodeMessage(assertDefined(rejection, "a sample"))).slice(2);
    const withEscape = bytes.replace("ab50656572", "ab1b656572");

    expect(withEscape).not.toBe(bytes);
    expect(problemOf(Uint8Array.fromHex(withEscape))).toBe("a code of letters");
  });
});
