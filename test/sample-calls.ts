/** A sample of each call of a contract, whose bytes are kept for ever. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import { ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { ChainCall } from "../src/protocols/effects.ts";
import {
  repeated,
  SAMPLE_ADDRESS,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
  SAMPLE_OUTCOME,
  SAMPLE_SIGNATURE,
  SAMPLE_VARIABLE_PART,
} from "./sample-messages.ts";

const channelId = SAMPLE_CHANNEL_ID;
const shown = { variablePart: SAMPLE_VARIABLE_PART, signatures: [SAMPLE_SIGNATURE] };
const disputed = { channelId, fixedPart: SAMPLE_FIXED_PART };
const paying = { outcome: SAMPLE_OUTCOME, stateHash: repeated("5e", 32) as Hash };
/** One for each kind. */
export const sampleCalls: readonly ChainCall[] = [
  { type: "Deposit", channelId, asset: ZERO_ADDRESS, expectedHeld: 6n, amount: 4n },
  { type: "ApproveToken", channelId, asset: SAMPLE_ADDRESS, amount: 10n },
  {
    type: "ConcludeAndTransferAllAssets",
    ...disputed,
    variablePart: SAMPLE_VARIABLE_PART,
    signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE],
  },
  {
    type: "Challenge",
    ...disputed,
    proof: [shown],
    candidate: shown,
    challengerSignature: SAMPLE_SIGNATURE,
    deadlineSec: 1_700_086_400,
  },
  {
    type: "Conclude",
    ...disputed,
    variablePart: SAMPLE_VARIABLE_PART,
    signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE],
    deadlineSec: undefined,
  },
  { type: "TransferAllAssets", channelId, ...paying },
  { type: "Transfer", channelId, ...paying, assetIndex: 1, indices: [0, 2] },
  {
    type: "Reclaim",
    channelId,
    sourceStateHash: repeated("5e", 32) as Hash,
    sourceOutcome: SAMPLE_OUTCOME,
    sourceAssetIndex: 1,
    indexOfTargetInSource: 2,
    targetId: repeated("c2", 32) as ChannelId,
    targetStateHash: repeated("5f", 32) as Hash,
    targetOutcome: SAMPLE_OUTCOME,
    targetAssetIndex: 0,
  },
  {
    type: "Checkpoint",
    ...disputed,
    proof: [shown],
    candidate: shown,
    deadlineSec: 1_700_086_400,
  },
];
