/** Encoding and hashing states, which every signature and every check of one begins with. */
import { encodeAbiParameters, keccak256 as viemKeccak256 } from "viem";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Destination } from "../src/channel/destination.ts";
import { ALLOCATION_TYPE, type Outcome } from "../src/channel/outcome.ts";
import { encodeOutcome } from "../src/channel/outcome-encoding.ts";
import { stateHash, type VariablePart } from "../src/channel/state.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import { assert } from "../src/primitives/assert.ts";
import { type Hex, toHex } from "../src/primitives/hex.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { ratesPerSecond } from "./rate.ts";

/** Below this ratio, an encoder of our own would not be worth its lines. */
const FLOOR = 10;

const exitParameter = {
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

const stateParameters = [
  { type: "bytes32" },
  { type: "bytes" },
  exitParameter,
  { type: "uint256" },
  { type: "bool" },
] as const;

/** The usual state: one asset, two people, no app data. */
const variablePart: VariablePart = {
  outcome: [
    {
      asset: ZERO_ADDRESS,
      assetMetadata: { assetType: 0, metadata: "0x" },
      allocations: [1, 2].map((person) => ({
        destination: `0x${person.toString(16).padStart(64, "0")}` as Destination,
        amount: 10n ** 18n,
        allocationType: ALLOCATION_TYPE.simple,
        metadata: "0x" as Hex,
      })),
    },
  ],
  appData: "0x",
  turnNum: 1_000,
  isFinal: false,
};

const channelId = `0x${"3f".repeat(32)}` as ChannelId;

type ViemExits = Parameters<typeof encodeAbiParameters<[typeof exitParameter]>>[1][0];

const encodeByViem = (outcome: Outcome): Hex =>
  encodeAbiParameters([exitParameter], [outcome as ViemExits]);

function hashByViem({ appData, isFinal, outcome, turnNum }: VariablePart): Hex {
  const exits = outcome as ViemExits;
  const values = [channelId, appData, exits, BigInt(turnNum), isFinal] as const;
  return viemKeccak256(encodeAbiParameters(stateParameters, values));
}

export const benchmark: Benchmark = {
  name: "state-hash",
  question: "How fast is a state hashed, and its outcome encoded, against viem?",
  run: async () => {
    const { outcome } = variablePart;
    assert(stateHash(channelId, variablePart) === hashByViem(variablePart), "both hash alike");
    assert(toHex(encodeOutcome(outcome)) === encodeByViem(outcome), "both encode alike");
    const rates = ratesPerSecond({
      hash: () => stateHash(channelId, variablePart),
      viemHash: () => hashByViem(variablePart),
      encode: () => encodeOutcome(outcome),
      viemEncode: () => encodeByViem(outcome),
    });
    return {
      figures: [
        figure("states hashed, two allocations", rates.hash, rates.viemHash),
        figure("outcomes encoded, two allocations", rates.encode, rates.viemEncode),
      ],
    };
  },
};

function figure(what: string, ours: number, theirs: number): Figure {
  const yardstick = "viem on the same input";
  return { what, value: ours, unit: "/s", yardstick, ratio: ours / theirs, floor: FLOOR };
}
