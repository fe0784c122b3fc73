/** Tests of the adjudicator's calls against the interface that its authors published. */
import { describe, expect } from "bun:test";
import published from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import { type Abi, decodeFunctionData } from "viem";
import { adversarial, golden, unit } from "../../test/kind.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Destination } from "../channel/destination.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import type { VariablePart } from "../channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { Hex } from "../primitives/hex.ts";
import {
  type ContractCall,
  challengeCall,
  checkpointCall,
  concludeAndTransferAllAssetsCall,
  concludeCall,
  decodeHoldings,
  decodeStatus,
  depositCall,
  holdingsCall,
  reclaimCall,
  statusCall,
  transferAllAssetsCall,
  transferCall,
} from "./adjudicator.ts";

const bytes = (pair: string, sizeBytes: number): Hex => `0x${pair.repeat(sizeBytes)}`;

const ADJUDICATOR = bytes("ad", 20) as Address;
const TOKEN = bytes("70", 20) as Address;
const CHANNEL = bytes("c1", 32) as ChannelId;
const OTHER_CHANNEL = bytes("c2", 32) as ChannelId;
const STATE_HASH = bytes("5a", 32) as Hash;
const OTHER_STATE_HASH = bytes("5b", 32) as Hash;
const R = bytes("12", 32);
const S = bytes("34", 32);
const SIGNATURE: Hex = `${R}${S.slice(2)}1c`;
const SPLIT_SIGNATURE = { v: 28, r: R, s: S };

const FIXED_PART: FixedPart = {
  participants: [bytes("a1", 20) as Address, bytes("b0", 20) as Address],
  channelNonce: 2n ** 64n - 1n,
  appDefinition: bytes("ac", 20) as Address,
  challengeDurationSec: 600,
};
const THEIR_FIXED_PART = {
  participants: FIXED_PART.participants,
  channelNonce: FIXED_PART.channelNonce,
  appDefinition: FIXED_PART.appDefinition,
  challengeDuration: 600,
};

const STATE: VariablePart = {
  outcome: [
    {
      asset: TOKEN,
      assetMetadata: { assetType: 1, metadata: "0x07" },
      allocations: [
        {
          destination: bytes("de", 32) as Destination,
          amount: 2n ** 256n - 1n,
          allocationType: 2,
          metadata: "0x0908",
        },
      ],
    },
  ],
  appData: "0xabcd",
  turnNum: 2 ** 48 - 1,
  isFinal: true,
};
const SIGNED = { variablePart: STATE, signatures: [SIGNATURE] };
const THEIR_SIGNED = { variablePart: STATE, sigs: [SPLIT_SIGNATURE] };

/** What the published interface makes of a call: the function, and its arguments without capitals. */
function readByTheirs({ data, to }: ContractCall): readonly unknown[] {
  expect(to).toBe(ADJUDICATOR);
  const { functionName, args = [] } = decodeFunctionData({ abi: published.abi as Abi, data });
  return [functionName, ...args.map(withoutCapitals)];
}

function withoutCapitals(value: unknown): unknown {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return value.map(withoutCapitals);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutCapitals(part)]));
}

describe("the calls of a channel", () => {
  golden("conclude, challenge and checkpoint are those of the published interface", () => {
    const claim = { fixedPart: FIXED_PART, proof: [SIGNED, SIGNED], candidate: SIGNED };
    const theirProof = [THEIR_SIGNED, THEIR_SIGNED];

    const conclude = concludeCall(ADJUDICATOR, FIXED_PART, STATE, [SIGNATURE]);
    expect(readByTheirs(conclude)).toEqual(["conclude", THEIR_FIXED_PART, THEIR_SIGNED]);
    const both = concludeAndTransferAllAssetsCall(ADJUDICATOR, FIXED_PART, STATE, [SIGNATURE]);
    const name = "concludeAndTransferAllAssets";
    expect(readByTheirs(both)).toEqual([name, THEIR_FIXED_PART, THEIR_SIGNED]);
    const parts = [THEIR_FIXED_PART, theirProof, THEIR_SIGNED];
    const challenge = challengeCall(ADJUDICATOR, claim, SIGNATURE);
    expect(readByTheirs(challenge)).toEqual(["challenge", ...parts, SPLIT_SIGNATURE]);
    expect(readByTheirs(checkpointCall(ADJUDICATOR, claim))).toEqual(["checkpoint", ...parts]);
  });

  golden("transfer, transferAllAssets and reclaim are those of the published interface", () => {
    const stateHash = STATE_HASH;
    const all = { channelId: CHANNEL, outcome: STATE.outcome, stateHash };
    const some = { channelId: CHANNEL, assetIndex: 1, outcomeBytes: "0x0102", indices: [0, 3] };
    const reclaim = {
      sourceChannelId: OTHER_CHANNEL,
      sourceStateHash: STATE_HASH,
      sourceOutcomeBytes: "0x03",
      sourceAssetIndex: 4,
      indexOfTargetInSource: 5,
      targetStateHash: OTHER_STATE_HASH,
      targetOutcomeBytes: "0x06",
      targetAssetIndex: 7,
    } as const;

    expect(readByTheirs(transferAllAssetsCall(ADJUDICATOR, all))).toEqual([
      "transferAllAssets",
      ...[CHANNEL, STATE.outcome, STATE_HASH],
    ]);
    const transfer = transferCall(ADJUDICATOR, { ...some, outcomeBytes: "0x0102", stateHash });
    expect(readByTheirs(transfer)).toEqual([
      "transfer",
      ...[1n, CHANNEL, "0x0102", STATE_HASH, [0n, 3n]],
    ]);
    const numbers = { sourceAssetIndex: 4n, indexOfTargetInSource: 5n, targetAssetIndex: 7n };
    expect(readByTheirs(reclaimCall(ADJUDICATOR, reclaim))).toEqual([
      "reclaim",
      { ...reclaim, ...numbers },
    ]);
  });

  golden("holdings and status are asked for as published", () => {
    expect(readByTheirs(holdingsCall(ADJUDICATOR, TOKEN, CHANNEL))).toEqual([
      "holdings",
      ...[TOKEN, CHANNEL],
    ]);
    expect(readByTheirs(statusCall(ADJUDICATOR, CHANNEL))).toEqual(["unpackStatus", CHANNEL]);
  });

  unit("only a deposit of coins sends coins along", () => {
    const deposit = { channelId: CHANNEL, expectedHeld: 3n, amount: 5n };
    const ofCoins = depositCall(ADJUDICATOR, { ...deposit, asset: ZERO_ADDRESS });
    const ofTokens = depositCall(ADJUDICATOR, { ...deposit, asset: TOKEN });

    expect(readByTheirs(ofCoins)).toEqual(["deposit", ZERO_ADDRESS, CHANNEL, 3n, 5n]);
    expect(readByTheirs(ofTokens)).toEqual(["deposit", TOKEN, CHANNEL, 3n, 5n]);
    expect([ofCoins.valueWei, ofTokens.valueWei]).toEqual([5n, 0n]);
  });

  unit("a signature of another length is a bug of the caller", () => {
    const call = (): unknown => concludeCall(ADJUDICATOR, FIXED_PART, STATE, ["0x12"]);

    expect(call).toThrow("a signature has 65 bytes");
  });
});

describe("decodeHoldings and decodeStatus", () => {
  unit("read the words of the contract", () => {
    const word = (value: bigint): string => value.toString(16).padStart(64, "0");

    expect(decodeHoldings(`0x${word(2n ** 255n)}`)).toBe(2n ** 255n);
    expect(decodeStatus(`0x${word(5n)}${word(1_700_000_600n)}${word(9n)}`)).toEqual({
      turnNumRecord: 5,
      finalizesAtSec: 1_700_000_600,
      fingerprint: 9n,
    });
  });

  adversarial("refuse what no adjudicator answers", () => {
    for (const answer of ["0x", undefined, null, 7, "0x12", `0x${"zz".repeat(32)}`]) {
      expect(() => decodeHoldings(answer)).toThrow("check its address and the chain");
      expect(() => decodeStatus(answer)).toThrow("check its address and the chain");
    }
    const [small, large] = [2n ** 48n - 1n, 2n ** 48n].map((n) => n.toString(16).padStart(64, "0"));
    expect(decodeStatus(`0x${small}${small}${small}`).turnNumRecord).toBe(2 ** 48 - 1);
    for (const numbers of [`${large}${small}`, `${small}${large}`]) {
      expect(() => decodeStatus(`0x${numbers}${small}`)).toThrow("more than 48 bits");
    }
  });
});
