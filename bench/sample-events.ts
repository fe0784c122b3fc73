/** Events as a busy channel leaves them in a log: real types, real sizes, no two alike. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Destination } from "../src/channel/destination.ts";
import { updateId } from "../src/channel/objective-id.ts";
import { ALLOCATION_TYPE } from "../src/channel/outcome.ts";
import type { VariablePart } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Signature } from "../src/crypto/signature.ts";
import { catalogue } from "../src/events/catalogue.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { createRecordCodec, type RecordCodec } from "../src/events/record.ts";
import { tagsOf } from "../src/events/tags.ts";
import type { Hex } from "../src/primitives/hex.ts";

/** The id of every log that is measured. */
export const BENCH_LOG_ID: Uint8Array = new Uint8Array(16);

/** The codec of a node's log. */
export const nodeCodec: RecordCodec<NodeEvent> = createRecordCodec(catalogue, tagsOf);

/** Channels that take turns, so that neighbours in the log differ in every field. */
const CHANNELS = 100;

/** The first `count` events of a node that updates its channels, four events for each update. */
export function sampleEvents(count: number): readonly NodeEvent[] {
  const updates = Array.from({ length: Math.ceil(count / 4) }, (_, index) => updateEvents(index));
  return updates.flat().slice(0, count);
}

function updateEvents(index: number): readonly NodeEvent[] {
  const channelId = bytes<ChannelId>(32, index % CHANNELS);
  const objectiveId = updateId(channelId, 0, Math.floor(index / CHANNELS));
  const peer = bytes<Address>(20, 7);
  const variablePart = state(index);
  const { turnNum } = variablePart;
  const signed = { channelId, objectiveId, variablePart };
  return [
    { type: "MessageReceived", from: peer, sequence: index + 1, messageType: "SignedState" },
    { type: "StateReceived", ...signed, by: 1, signature: bytes<Signature>(65, 2 * index) },
    { type: "StateSigned", ...signed, signature: bytes<Signature>(65, 2 * index + 1) },
    { type: "SupportedStateAdvanced", channelId, turnNum },
  ];
}

/** Two participants and one asset. The amounts are in wei: one fits 64 bits, the other does not. */
function state(index: number): VariablePart {
  const allocation = (participant: number, amount: bigint) => ({
    destination: bytes<Hex>(32, participant) as Destination,
    amount,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  });
  const paid = 10n ** 15n * BigInt(index);
  const allocations = [allocation(1, 10n ** 18n + paid), allocation(2, 10n ** 20n - paid)];
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  return {
    outcome: [{ asset: ZERO_ADDRESS, assetMetadata, allocations }],
    appData: "0x",
    turnNum: 2 + Math.floor(index / CHANNELS),
    isFinal: false,
  };
}

/** Bytes that differ for each `n`, spread so that none is mostly zeros. */
function bytes<Text extends Hex>(sizeBytes: number, n: number): Text {
  const filled = Uint8Array.from(
    { length: sizeBytes },
    (_, index) => (Math.imul(n + 1, 0x9e3779b1 + 2 * index) >>> 13) & 0xff,
  );
  return `0x${filled.toHex()}` as Text;
}
