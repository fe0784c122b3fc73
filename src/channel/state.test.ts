/** Which variable parts can be signed: those that a contract reads as we do and that fit a transaction. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChannelId } from "./channel-id.ts";
import type { Destination } from "./destination.ts";
import {
  ALLOCATIONS_MAX,
  type Allocation,
  AMOUNT_MAX,
  ASSETS_MAX,
  METADATA_BYTES_MAX,
  type SingleAssetExit,
} from "./outcome.ts";
import {
  APP_DATA_BYTES_MAX,
  checkVariablePart,
  encodeState,
  isSameState,
  STATE_BYTES_MAX,
  stateHash,
  TURN_NUM_MAX,
  type VariablePart,
} from "./state.ts";

const zeros = (sizeBytes: number): Hex => `0x${"00".repeat(sizeBytes)}`;

const claim: Allocation = {
  destination: zeros(32) as Destination,
  amount: 1n,
  allocationType: 0,
  metadata: "0x",
};

const assetOfNumber = (number: number): Address =>
  `0x${number.toString(16).padStart(40, "0")}` as Address;

const exit: SingleAssetExit = {
  asset: assetOfNumber(0),
  assetMetadata: { assetType: 0, metadata: "0x" },
  allocations: [claim, claim],
};

const good: VariablePart = { outcome: [exit], appData: "0x", turnNum: 0, isFinal: false };

const codeOf = (changes: Partial<VariablePart>): string => {
  const checked = checkVariablePart({ ...good, ...changes });
  return checked.ok ? "accepted" : checked.reason.code;
};

const codeOfExit = (changes: Partial<SingleAssetExit>): string =>
  codeOf({ outcome: [{ ...exit, ...changes }] });

const codeOfClaim = (changes: Partial<Allocation>): string =>
  codeOfExit({ allocations: [{ ...claim, ...changes }] });

const exits = (count: number, allocations: readonly Allocation[] = []): SingleAssetExit[] =>
  Array.from({ length: count }, (_, index) => ({
    ...exit,
    asset: assetOfNumber(index),
    allocations,
  }));

describe("checkVariablePart", () => {
  unit("accepts a variable part as it is, up to every limit", () => {
    expect(checkVariablePart(good)).toEqual({ ok: true, value: good });
    expect(codeOf({ turnNum: TURN_NUM_MAX })).toBe("accepted");
    expect(codeOf({ appData: zeros(APP_DATA_BYTES_MAX) })).toBe("accepted");
    expect(codeOf({ outcome: [] })).toBe("accepted");
    expect(codeOf({ outcome: exits(ASSETS_MAX) })).toBe("accepted");
    expect(codeOfExit({ allocations: Array(ALLOCATIONS_MAX).fill(claim) })).toBe("accepted");
    expect(codeOfClaim({ amount: AMOUNT_MAX })).toBe("accepted");
    expect(codeOfClaim({ amount: 0n, allocationType: 255 })).toBe("accepted");
    expect(codeOfClaim({ metadata: zeros(METADATA_BYTES_MAX) })).toBe("accepted");
    expect(codeOfExit({ assetMetadata: { assetType: 3, metadata: "0x" } })).toBe("accepted");
  });

  adversarial("refuses turns that a contract cannot store", () => {
    for (const turnNum of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, TURN_NUM_MAX + 1]) {
      expect(codeOf({ turnNum })).toBe("TurnOutOfRange");
    }
  });

  adversarial("refuses amounts that a contract cannot hold, alone or added up", () => {
    expect(codeOfClaim({ amount: -1n })).toBe("AmountOutOfRange");
    expect(codeOfClaim({ amount: AMOUNT_MAX + 1n })).toBe("AmountOutOfRange");
    expect(codeOfExit({ allocations: [claim, { ...claim, amount: AMOUNT_MAX }] })).toBe(
      "AmountOutOfRange",
    );
  });

  unit("adds up each asset for itself", () => {
    expect(codeOf({ outcome: exits(2, [{ ...claim, amount: AMOUNT_MAX }]) })).toBe("accepted");
  });

  adversarial("refuses types that a contract would not read", () => {
    for (const allocationType of [-1, 256, 0.5, Number.NaN]) {
      expect(codeOfClaim({ allocationType })).toBe("AllocationTypeOutOfRange");
    }
    for (const assetType of [-1, 4, 255, 0.5]) {
      expect(codeOfExit({ assetMetadata: { assetType, metadata: "0x" } })).toBe(
        "AssetTypeOutOfRange",
      );
    }
  });

  adversarial("refuses an asset that stands there twice", () => {
    expect(checkVariablePart({ ...good, outcome: [exit, exit] })).toEqual({
      ok: false,
      reason: { code: "AssetTwice", asset: exit.asset },
    });
  });

  adversarial("refuses more than it would ever walk through", () => {
    const tooLong = zeros(METADATA_BYTES_MAX + 1);

    expect(codeOf({ appData: zeros(APP_DATA_BYTES_MAX + 1) })).toBe("AppDataTooLarge");
    expect(codeOf({ outcome: exits(ASSETS_MAX + 1) })).toBe("TooManyAssets");
    expect(codeOfExit({ allocations: Array(ALLOCATIONS_MAX + 1).fill(claim) })).toBe(
      "TooManyAllocations",
    );
    expect(codeOfClaim({ metadata: tooLong })).toBe("MetadataTooLarge");
    expect(codeOfExit({ assetMetadata: { assetType: 0, metadata: tooLong } })).toBe(
      "MetadataTooLarge",
    );
  });

  adversarial("refuses a state that fits no transaction, by the size that it is encoded in", () => {
    const channelId = zeros(32) as ChannelId;
    // 455 claims of 192 bytes, and app data that makes the difference.
    const outcome = exits(5, Array(91).fill(claim));
    const room = STATE_BYTES_MAX - encodeState(channelId, { ...good, outcome }).length;
    const largest = { ...good, outcome, appData: zeros(room) };

    expect(room).toBeGreaterThan(0);
    expect(room).toBeLessThan(APP_DATA_BYTES_MAX);
    expect(encodeState(channelId, largest).length).toBe(STATE_BYTES_MAX);
    expect(codeOf(largest)).toBe("accepted");
    expect(checkVariablePart({ ...largest, appData: zeros(room + 1) })).toEqual({
      ok: false,
      reason: { code: "StateTooLarge", sizeBytes: STATE_BYTES_MAX + 32 },
    });
  });
});

describe("isSameState", () => {
  unit("tells states apart exactly where their hashes differ", () => {
    const channelId = zeros(32) as ChannelId;
    const others: readonly Partial<VariablePart>[] = [
      { turnNum: 1 },
      { isFinal: true },
      { appData: "0x00" },
      { outcome: [] },
      { outcome: [{ ...exit, allocations: [claim, { ...claim, amount: 2n }] }] },
      { outcome: [{ ...exit, allocations: [{ ...claim, metadata: "0x00" }, claim] }] },
    ];

    expect(isSameState(channelId, good, { ...good, outcome: [{ ...exit }] })).toBe(true);
    for (const change of others) {
      const other = { ...good, ...change };
      expect(stateHash(channelId, other)).not.toBe(stateHash(channelId, good));
      expect(isSameState(channelId, good, other)).toBe(false);
    }
  });

  unit("does not mind how the digits of bytes are written", () => {
    const channelId = zeros(32) as ChannelId;
    const other = { ...good, appData: "0xAB" } as const;

    expect(isSameState(channelId, { ...good, appData: "0xab" }, other)).toBe(true);
  });
});
