/** Ids, outcomes and states are encoded as two other libraries encode them, for random and extreme values. */
import { describe, expect } from "bun:test";
import { getChannelId } from "@statechannels/nitro-protocol/dist/src/contract/channel.js";
import { encodeOutcome as encodeNitroOutcome } from "@statechannels/nitro-protocol/dist/src/contract/outcome.js";
import { encodeState as encodeNitroState } from "@statechannels/nitro-protocol/dist/src/contract/state.js";
import fc from "fast-check";
import { encodeAbiParameters, keccak256 as viemKeccak256 } from "viem";
import { property } from "../../test/kind.ts";
import type { Address } from "../crypto/address.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import { channelIdOf } from "./channel-id.ts";
import type { Destination } from "./destination.ts";
import { type FixedPart, NONCE_MAX } from "./fixed-part.ts";
import { encodeGuarantee } from "./guarantee.ts";
import { type Allocation, AMOUNT_MAX, type Outcome } from "./outcome.ts";
import { encodeOutcome, outcomeHash } from "./outcome-encoding.ts";
import { encodeState, stateHash, TURN_NUM_MAX, type VariablePart } from "./state.ts";
import { challengeHash } from "./state-challenge.ts";

const hexOf = (sizeBytes: number): fc.Arbitrary<Hex> =>
  fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes }).map(toHex);

const addresses = hexOf(20) as fc.Arbitrary<Address>;
const destinations = hexOf(32) as fc.Arbitrary<Destination>;

/** Lengths on both sides of a word, and others. */
const dynamicBytes = fc
  .oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 1, 31, 32, 33, 64) },
    { weight: 1, arbitrary: fc.nat(200) },
  )
  .chain(hexOf);

const amounts = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 128n, 2n ** 192n, AMOUNT_MAX),
  fc.bigInt({ min: 0n, max: AMOUNT_MAX }),
);

const guarantees = fc
  .record({ left: destinations, right: destinations })
  .map((guarantee) => ({ allocationType: 2, metadata: encodeGuarantee(guarantee) }));

const claims = fc.oneof(
  guarantees,
  fc.record({ allocationType: fc.constantFrom(0, 1, 2, 255), metadata: dynamicBytes }),
);

const allocations: fc.Arbitrary<Allocation> = fc
  .record({ destination: destinations, amount: amounts, claim: claims })
  .map(({ amount, claim, destination }) => ({ destination, amount, ...claim }));

/** Few as a rule, since each costs the oracles most of a millisecond. */
const outcomes: fc.Arbitrary<Outcome> = fc.array(
  fc.record({
    asset: addresses,
    assetMetadata: fc.record({ assetType: fc.nat(3), metadata: dynamicBytes }),
    allocations: fc.oneof(
      { weight: 99, arbitrary: fc.array(allocations, { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.array(allocations, { minLength: 20, maxLength: 40 }) },
    ),
  }),
  { maxLength: 3 },
);

const uint48 = fc.oneof(
  fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, TURN_NUM_MAX),
  fc.nat(TURN_NUM_MAX),
);

const fixedParts: fc.Arbitrary<FixedPart> = fc.record({
  participants: fc.oneof(
    { weight: 199, arbitrary: fc.array(addresses, { minLength: 2, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(addresses, { minLength: 255, maxLength: 255 }) },
  ),
  channelNonce: fc.oneof(fc.constantFrom(0n, NONCE_MAX), fc.bigInt({ min: 0n, max: NONCE_MAX })),
  appDefinition: addresses,
  challengeDurationSec: uint48,
});

const variableParts: fc.Arbitrary<VariablePart> = fc.record({
  outcome: outcomes,
  appData: dynamicBytes,
  turnNum: uint48,
  isFinal: fc.boolean(),
});

const EXIT_PARAMETER = {
  type: "tuple[]",
  components: [
    { name: "asset", type: "address" },
    {
      name: "assetMetadata",
      type: "tuple",
      components: [
        { name: "assetType", type: "uint8" },
        { name: "metadata", type: "bytes" },
      ],
    },
    {
      name: "allocations",
      type: "tuple[]",
      components: [
        { name: "destination", type: "bytes32" },
        { name: "amount", type: "uint256" },
        { name: "allocationType", type: "uint8" },
        { name: "metadata", type: "bytes" },
      ],
    },
  ],
} as const;

const ID_PARAMETERS = [
  { type: "address[]" },
  { type: "uint256" },
  { type: "address" },
  { type: "uint256" },
] as const;

const STATE_PARAMETERS = [
  { type: "bytes32" },
  { type: "bytes" },
  EXIT_PARAMETER,
  { type: "uint256" },
  { type: "bool" },
] as const;

const CHALLENGE_PARAMETERS = [{ type: "bytes32" }, { type: "string" }] as const;

/** States for each oracle. `bun run oracles` takes 10,000. */
const RUNS = Number(process.env["CHANNELS_ORACLE_CASES"] ?? 400);

describe("channelIdOf, encodeOutcome, encodeState and challengeHash", () => {
  property(
    `give the bytes of viem for ${RUNS} states`,
    () => {
      fc.assert(fc.property(fixedParts, variableParts, agreesWithViem), { numRuns: RUNS });
    },
    120_000,
  );

  property(
    `give the bytes of the contracts' own library for ${RUNS} states`,
    () => {
      fc.assert(fc.property(fixedParts, variableParts, agreesWithNitro), { numRuns: RUNS });
    },
    120_000,
  );
});

function agreesWithViem(fixedPart: FixedPart, variablePart: VariablePart): void {
  const { appDefinition, challengeDurationSec, channelNonce, participants } = fixedPart;
  const { appData, isFinal, outcome, turnNum } = variablePart;
  const channelId = channelIdOf(fixedPart);
  const state = encodeState(channelId, variablePart);
  const exits = outcome as Parameters<typeof encodeAbiParameters<[typeof EXIT_PARAMETER]>>[1][0];
  const expectedState = encodeAbiParameters(STATE_PARAMETERS, [
    channelId,
    appData,
    exits,
    BigInt(turnNum),
    isFinal,
  ]);
  const hash = stateHash(channelId, variablePart);

  const idWords = encodeAbiParameters(ID_PARAMETERS, [
    participants,
    channelNonce,
    appDefinition,
    BigInt(challengeDurationSec),
  ]);
  const expectedOutcome = encodeAbiParameters([EXIT_PARAMETER], [exits]);
  const challenge = encodeAbiParameters(CHALLENGE_PARAMETERS, [hash, "forceMove"]);

  expect<string>(channelId).toBe(viemKeccak256(idWords));
  expect<string>(toHex(encodeOutcome(outcome))).toBe(expectedOutcome);
  expect<string>(outcomeHash(outcome)).toBe(viemKeccak256(expectedOutcome));
  expect<string>(toHex(state)).toBe(expectedState);
  expect<string>(hash).toBe(viemKeccak256(expectedState));
  expect<string>(challengeHash(hash)).toBe(viemKeccak256(challenge));
}

function agreesWithNitro(fixedPart: FixedPart, variablePart: VariablePart): void {
  const { appDefinition, challengeDurationSec, channelNonce, participants } = fixedPart;
  const exits = variablePart.outcome.map((exit) => ({
    ...exit,
    allocations: exit.allocations.map((allocation) => ({
      ...allocation,
      amount: `0x${allocation.amount.toString(16)}`,
    })),
  }));
  const nitroState = {
    participants: [...participants],
    channelNonce: `0x${channelNonce.toString(16)}`,
    appDefinition,
    challengeDuration: challengeDurationSec,
    outcome: exits,
    appData: variablePart.appData,
    turnNum: variablePart.turnNum,
    isFinal: variablePart.isFinal,
  };
  const channelId = channelIdOf(fixedPart);

  expect<string>(channelId).toBe(getChannelId(nitroState));
  expect<string>(toHex(encodeOutcome(variablePart.outcome))).toBe(encodeNitroOutcome(exits));
  expect<string>(toHex(encodeState(channelId, variablePart))).toBe(encodeNitroState(nitroState));
}
