/** The layouts of a tower's log: what is written today is read for ever. */
import { describe, expect } from "bun:test";
import { golden, unit } from "../../test/kind.ts";
import {
  repeated,
  SAMPLE_ADDRESS,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
  SAMPLE_OUTCOME,
  SAMPLE_SIGNATURE,
  SAMPLE_VARIABLE_PART,
} from "../../test/sample-messages.ts";
import { sha256 } from "../crypto/sha256.ts";
import type { Hash } from "../crypto/signature.ts";
import type { RecordHash } from "../events/record.ts";
import { toHex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import { towerCatalogue, towerCodec } from "./tower-catalogue.ts";
import type { TowerEvent } from "./tower-event.ts";

const channelId = SAMPLE_CHANNEL_ID;
const effectId = "0xc1/answer/2@27.0/0" as EffectId;
const hash = repeated("b0", 32) as Hash;
const block = { blockNumber: 27, blockHash: hash };
const position = { ...block, logIndex: 3, transactionHash: hash };
const shown = { variablePart: SAMPLE_VARIABLE_PART, signatures: [SAMPLE_SIGNATURE] };
const about = { effectId, channelId };
const CHECKPOINT: ChainCall = {
  type: "Checkpoint",
  channelId,
  fixedPart: SAMPLE_FIXED_PART,
  proof: [shown],
  candidate: shown,
  deadlineSec: 1_700_086_400,
};

/** One for each type, and for each form that an optional part has. */
const SAMPLES: readonly TowerEvent[] = [
  {
    type: "AppointmentKept",
    client: SAMPLE_ADDRESS,
    channelId,
    appointment: {
      fixedPart: SAMPLE_FIXED_PART,
      candidate: shown,
      proof: [shown],
      challengerSignature: SAMPLE_SIGNATURE,
      closing: SAMPLE_OUTCOME,
    },
  },
  {
    type: "AppointmentKept",
    client: SAMPLE_ADDRESS,
    channelId,
    appointment: {
      fixedPart: SAMPLE_FIXED_PART,
      candidate: shown,
      proof: [],
      challengerSignature: undefined,
      closing: undefined,
    },
  },
  { type: "AppointmentEnded", client: SAMPLE_ADDRESS, channelId },
  {
    type: "ChallengeSeen",
    channelId,
    finalizesAtSec: 1_700_086_400,
    variablePart: SAMPLE_VARIABLE_PART,
    position,
  },
  { type: "AnswerSeen", channelId, turnNum: 4, position },
  { type: "ConclusionSeen", channelId, position },
  {
    type: "PayoutSeen",
    channelId,
    assetIndex: 1,
    initialHoldings: 10n,
    finalHoldings: 4n,
    indices: [0, 2],
    position,
  },
  {
    type: "PayoutSeen",
    channelId,
    assetIndex: 0,
    initialHoldings: 10n,
    finalHoldings: 0n,
    indices: undefined,
    position,
  },
  {
    type: "ReclaimSeen",
    channelId,
    assetIndex: 0,
    target: channelId,
    left: 6n,
    right: 4n,
    position,
  },
  { type: "ChainFollowed", block, blockTimeSec: 1_700_000_000 },
  { type: "ChainTurnedBack", fork: block },
  { type: "CallRequested", ...about, call: CHECKPOINT },
  { type: "CallSigned", ...about, nonce: 7, transactionHash: hash, raw: "0x02f8" },
  { type: "CallMined", ...about, block, succeeded: true, reason: undefined },
  { type: "CallMined", ...about, block, succeeded: false, reason: "turnNumRecord not increased." },
  { type: "CallPointless", ...about, reason: "the channel is final already" },
];

const FIRST = `0x${"00".repeat(32)}` as RecordHash;

describe("a tower's log", () => {
  golden("has the numbers and layouts that it was first written with", () => {
    const layouts = Object.entries(towerCatalogue).map(([name, { number, schema, version }]) => {
      // The calls of a request are those of a node's log, whose layouts are kept there.
      const fields = schema.fields.filter((field) => field.key !== "call");
      return `${number} ${name} ${version} ${fields.map((field) => `${field.key}:${field.schema.shape}`)}`;
    });
    expect(layouts).toHaveLength(13);
    expect(new Set(layouts.map((line) => line.split(" ")[0])).size).toBe(layouts.length);
    const digest: string = toHex(sha256(new TextEncoder().encode(layouts.join("\n"))));
    expect(digest).toBe("0xc00b9a499c4bad9d6ecc09e2b13246ddced780cc862f647d7149aee4e4225506");
  });

  golden("is written to the same bytes as ever", () => {
    let hashes = FIRST;
    for (const [offset, event] of SAMPLES.entries()) {
      hashes = towerCodec.encode({ previousHash: hashes, offset, timeMs: 1 }, event).record.hash;
    }
    expect(hashes as string).toBe(
      "0x8899f2d59859302fadcb618afd46553f4a2ecf1a1ea3198b4d82095c7a55d356",
    );
  });

  unit("is read as it was written, every type of event", () => {
    const types = new Set<string>(SAMPLES.map(({ type }) => type));
    expect([...types].sort()).toEqual(Object.keys(towerCatalogue).sort());
    for (const event of SAMPLES) {
      const { stored } = towerCodec.encode({ previousHash: FIRST, offset: 0, timeMs: 1 }, event);
      const read = towerCodec.decode(FIRST, 0, stored);
      expect(read.ok && read.value.event).toEqual(event);
    }
  });

  unit("is found by channel", () => {
    const [kept] = SAMPLES;
    expect(kept && towerCodec.tagsOf(kept)).toEqual([`channel:${channelId}`]);
    expect(towerCodec.tagsOf({ type: "ChainTurnedBack", fork: block })).toEqual([]);
  });
});
