/** What may be signed can be written, and what is far too large cannot be read. */
import { describe, expect } from "bun:test";
import { adversarial, invariant } from "../../test/kind.ts";
import { repeated, SAMPLE_FIXED_PART, SAMPLE_OUTCOME } from "../../test/sample-messages.ts";
import type { Address } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { decode, encode, type Schema } from "../primitives/schema.ts";
import {
  CHALLENGE_DURATION_ENCODABLE_MAX_SEC,
  checkFixedPart,
  type FixedPart,
  NONCE_MAX,
  PARTICIPANTS_MAX,
} from "./fixed-part.ts";
import {
  ALLOCATIONS_MAX,
  type Allocation,
  AMOUNT_MAX,
  ASSET_TYPE_MAX,
  ASSETS_MAX,
  METADATA_BYTES_MAX,
  type SingleAssetExit,
} from "./outcome.ts";
import * as schema from "./schema.ts";
import { APP_DATA_BYTES_MAX, checkVariablePart, TURN_NUM_MAX, type VariablePart } from "./state.ts";

const [firstExit] = SAMPLE_OUTCOME;
const exit: SingleAssetExit = { ...assertDefined(firstExit, "an exit"), allocations: [] };
const claim: Allocation = {
  destination: repeated("d1", 32) as Allocation["destination"],
  amount: 1n,
  allocationType: 0,
  metadata: "0x",
};

const addressOfNumber = (number: number): Address =>
  `0x${number.toString(16).padStart(40, "0")}` as Address;
const zeros = (sizeBytes: number): Hex => repeated("00", sizeBytes);
const times = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));

const state = (changes: Partial<VariablePart>): VariablePart => ({
  outcome: [],
  appData: "0x",
  turnNum: 0,
  isFinal: false,
  ...changes,
});
const stateOfExit = (changes: Partial<SingleAssetExit>): VariablePart =>
  state({ outcome: [{ ...exit, ...changes }] });
const stateOfClaim = (changes: Partial<Allocation>): VariablePart =>
  stateOfExit({ allocations: [{ ...claim, ...changes }] });

/** One for each limit: the largest value, and a value beyond it. */
const largest: readonly VariablePart[] = [
  state({ turnNum: TURN_NUM_MAX }),
  state({ appData: zeros(APP_DATA_BYTES_MAX) }),
  state({ outcome: times(ASSETS_MAX, (index) => ({ ...exit, asset: addressOfNumber(index) })) }),
  stateOfExit({ assetMetadata: { assetType: ASSET_TYPE_MAX, metadata: "0x" } }),
  stateOfExit({ assetMetadata: { assetType: 0, metadata: zeros(METADATA_BYTES_MAX) } }),
  stateOfExit({ allocations: times(ALLOCATIONS_MAX, () => claim) }),
  stateOfClaim({ amount: AMOUNT_MAX }),
  stateOfClaim({ allocationType: 255 }),
  stateOfClaim({ metadata: zeros(METADATA_BYTES_MAX) }),
];
const beyond: readonly VariablePart[] = [
  state({ turnNum: TURN_NUM_MAX + 1 }),
  state({ appData: zeros(APP_DATA_BYTES_MAX + 1) }),
  state({
    outcome: times(ASSETS_MAX + 1, (index) => ({ ...exit, asset: addressOfNumber(index) })),
  }),
  stateOfExit({ assetMetadata: { assetType: 0, metadata: zeros(METADATA_BYTES_MAX + 1) } }),
  stateOfExit({ allocations: times(ALLOCATIONS_MAX + 1, () => claim) }),
  stateOfClaim({ amount: AMOUNT_MAX + 1n }),
  stateOfClaim({ allocationType: 256 }),
  stateOfClaim({ metadata: zeros(METADATA_BYTES_MAX + 1) }),
];

const fixedPart = (changes: Partial<FixedPart>): FixedPart => ({
  ...SAMPLE_FIXED_PART,
  ...changes,
});
const largestFixedParts: readonly FixedPart[] = [
  fixedPart({ participants: times(PARTICIPANTS_MAX, (index) => addressOfNumber(index + 1)) }),
  fixedPart({ channelNonce: NONCE_MAX }),
  fixedPart({ challengeDurationSec: CHALLENGE_DURATION_ENCODABLE_MAX_SEC }),
];

function isReadAsWritten<Value>(described: Schema<Value>, value: NoInfer<Value>): void {
  expect(decode(described, encode(described, value))).toEqual({ ok: true, value });
}

describe("the layout of a channel's parts", () => {
  invariant("holds every variable part that may be signed, to the edge of each limit", () => {
    for (const variablePart of largest) {
      expect(checkVariablePart(variablePart).ok).toBe(true);
      isReadAsWritten(schema.variablePart, variablePart);
    }
  });

  invariant("holds none beyond a limit, so a peer's bytes end at it", () => {
    for (const variablePart of beyond) {
      expect(checkVariablePart(variablePart).ok).toBe(false);
      expect(() => encode(schema.variablePart, variablePart)).toThrow();
    }
  });

  invariant("holds every fixed part that may be opened", () => {
    for (const part of largestFixedParts) {
      expect(checkFixedPart(part).ok).toBe(true);
      isReadAsWritten(schema.fixedPart, part);
    }
  });

  adversarial("a fixed part with numbers beyond the contract's is not written", () => {
    const tooMany = times(PARTICIPANTS_MAX + 1, addressOfNumber);

    expect(() => encode(schema.fixedPart, fixedPart({ participants: tooMany }))).toThrow();
    expect(() => encode(schema.fixedPart, fixedPart({ channelNonce: NONCE_MAX + 1n }))).toThrow();
    expect(() =>
      encode(
        schema.fixedPart,
        fixedPart({ challengeDurationSec: CHALLENGE_DURATION_ENCODABLE_MAX_SEC + 1 }),
      ),
    ).toThrow();
  });

  adversarial("an address, a hash, an id and a signature have their one length", () => {
    hasOneLength(schema.address, 20);
    hasOneLength(schema.hash, 32);
    hasOneLength(schema.channelId, 32);
    hasOneLength(schema.signature, 65);
  });
});

function hasOneLength<Text extends Hex>(described: Schema<Text>, sizeBytes: number): void {
  const value = zeros(sizeBytes) as Text;

  expect(toHex(encode<Text>(described, value as NoInfer<Text>))).toBe(
    `0xc4${sizeBytes.toString(16)}${"00".repeat(sizeBytes)}`,
  );
  for (const other of [sizeBytes - 1, sizeBytes + 1]) {
    const bytes = Uint8Array.of(0xc4, other, ...new Uint8Array(other));
    expect(decode(described, bytes).ok).toBe(false);
  }
}
