/** Tests of the adjudicator's logs, written by the interface that its authors published. */
import { describe, expect } from "bun:test";
import published from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import fc from "fast-check";
import { type Abi, type AbiEvent, encodeAbiParameters, encodeEventTopics } from "viem";
import { adversarial, golden, unit } from "../../test/kind.ts";
import type { Hex } from "../primitives/hex.ts";
import { decodeAdjudicatorLog, type RpcLog } from "./adjudicator-logs.ts";

const ABI = published.abi as Abi;
const EVENTS = ABI.filter((item): item is AbiEvent => item.type === "event");

const bytes = (pair: string, sizeBytes: number): Hex => `0x${pair.repeat(sizeBytes)}`;

const CHANNEL = bytes("c1", 32);
const TOKEN = bytes("ab", 20);
const R = bytes("12", 32);
const S = bytes("34", 32);
const STATE = {
  outcome: [
    {
      asset: TOKEN,
      assetMetadata: { assetType: 1, metadata: "0x07" },
      allocations: [
        { destination: bytes("de", 32), amount: 9n, allocationType: 2, metadata: "0x0908" },
      ],
    },
  ],
  appData: "0xabcd",
  turnNum: 5,
  isFinal: false,
};
const THEIR_SIGNED = { variablePart: STATE, sigs: [{ v: 27, r: R, s: S }] };
const SIGNED = { variablePart: STATE, signatures: [`${R}${S.slice(2)}1b`] };

const PLACE = {
  address: bytes("ad", 20),
  blockNumber: "0x10",
  blockHash: bytes("b1", 32),
  transactionHash: bytes("7a", 32),
  transactionIndex: "0x2",
  logIndex: "0x3",
  removed: false,
} as const;

/** Writes a log as the contract does. The first argument of each event is its channel, in a topic. */
function logOf(eventName: string, ...values: readonly unknown[]): RpcLog {
  const event = EVENTS.find(({ name }) => name === eventName);
  const inputs = event?.inputs ?? [];
  const [topic = "0x"] = encodeEventTopics({ abi: ABI, eventName });
  const data = encodeAbiParameters(inputs.slice(1), values);
  return { ...PLACE, topics: [topic, CHANNEL] as readonly Hex[], data };
}

/** Each event of the contract, as the contract writes it and as we read it. */
const SAMPLES = [
  [logOf("Deposited", TOKEN, 150n), { type: "Deposited", asset: TOKEN, holdings: 150n }],
  [
    logOf("AllocationUpdated", 1n, 150n, 60n),
    {
      type: "AllocationUpdated",
      assetIndex: 1,
      initialHoldings: 150n,
      finalHoldings: 60n,
      indices: undefined,
    },
  ],
  [logOf("Concluded", 1_700_000_000), { type: "Concluded", finalizesAtSec: 1_700_000_000 }],
  [
    logOf("ChallengeRegistered", 1_700_000_600, [THEIR_SIGNED], THEIR_SIGNED),
    {
      type: "ChallengeRegistered",
      finalizesAtSec: 1_700_000_600,
      proof: [SIGNED],
      candidate: SIGNED,
    },
  ],
  [logOf("ChallengeCleared", 6), { type: "ChallengeCleared", newTurnNumRecord: 6 }],
  [logOf("Checkpointed", 7), { type: "Checkpointed", newTurnNumRecord: 7 }],
  [logOf("Reclaimed", 2n), { type: "Reclaimed", assetIndex: 2, reclaim: undefined }],
] as const;

const [DEPOSITED] = SAMPLES[0];
const POSITION = {
  blockNumber: 16,
  blockHash: PLACE.blockHash,
  transactionIndex: 2,
  logIndex: 3,
  transactionHash: PLACE.transactionHash,
};

describe("decodeAdjudicatorLog", () => {
  golden("reads every event of the contract, with its place on the chain", () => {
    const read = SAMPLES.map(([log]): unknown => decodeAdjudicatorLog(log));

    const base = { position: POSITION, channelId: CHANNEL };
    expect(read).toEqual(SAMPLES.map(([, event]) => ({ ...base, ...event })));
    expect(SAMPLES.map(([, { type }]): string => type).sort()).toEqual(
      EVENTS.map(({ name }) => name).sort(),
    );
  });

  adversarial("passes over logs of pending blocks, and those that a reorg took back", () => {
    for (const change of [
      { blockNumber: null },
      { blockHash: null },
      { transactionHash: null },
      { transactionIndex: null },
      { logIndex: null },
      { removed: true },
    ]) {
      expect(decodeAdjudicatorLog({ ...DEPOSITED, ...change })).toBeUndefined();
    }
  });

  unit("reads a log again that may have changed, and each of two that say the same", () => {
    const log = { ...DEPOSITED };
    const [fixed, elsewhere] = [
      Object.freeze({ ...DEPOSITED }),
      Object.freeze({ ...DEPOSITED, logIndex: "0x9" as const }),
    ];
    for (const _ of ["anew", "from memory"]) {
      const read = [log, fixed, elsewhere].map((one): unknown => decodeAdjudicatorLog(one));
      expect(read).toMatchObject([
        { position: POSITION },
        { position: POSITION },
        { position: { ...POSITION, logIndex: 9 } },
      ]);
    }
    expect(decodeAdjudicatorLog(fixed)).toBe(decodeAdjudicatorLog(fixed));

    log.logIndex = "0x9";

    expect(decodeAdjudicatorLog(log)?.position.logIndex).toBe(9);
  });

  adversarial("passes over logs of other contracts and logs without topics", () => {
    const [topic = "0x"] = DEPOSITED.topics;
    const ofToken = { ...DEPOSITED, topics: [bytes("dd", 32), CHANNEL] };

    expect(decodeAdjudicatorLog(ofToken)).toBeUndefined();
    expect(decodeAdjudicatorLog({ ...DEPOSITED, topics: [] })).toBeUndefined();
    expect(decodeAdjudicatorLog({ ...DEPOSITED, topics: [topic] })).toBeUndefined();
    expect(decodeAdjudicatorLog({ ...DEPOSITED, data: "0x" })).toBeUndefined();
  });

  adversarial("never throws, whatever bytes stand under a known topic", () => {
    const data = fc
      .uint8Array({ maxLength: 400 })
      .map((raw): Hex => `0x${Buffer.from(raw).toString("hex")}`);
    const known = fc.constantFrom(...SAMPLES.map(([log]) => log));

    fc.assert(
      fc.property(known, data, fc.nat(), (log, noise, place) => {
        const cut = 2 + (place % log.data.length);
        const damaged: Hex = `0x${log.data.slice(2, cut)}${noise.slice(2)}${log.data.slice(cut)}`;
        for (const text of [noise, damaged]) {
          const read = decodeAdjudicatorLog({ ...log, data: text });
          expect(read === undefined || read.channelId === (CHANNEL as string)).toBe(true);
        }
      }),
    );
  });
});
