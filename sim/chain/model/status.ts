/** The status word of a channel, and the checks that hang on it. Source: StatusManager, ForceMove, MultiAssetHolder. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { type Frame, mappingSlot } from "./contract.ts";
import { require } from "./revert.ts";
import { fingerprintOf } from "./structs.ts";

/** What the adjudicator knows of a channel. */
export type Status = {
  readonly turnNumRecord: bigint;
  readonly finalizesAt: bigint;
  readonly fingerprint: bigint;
};

/** What is put into a status word. The two hashes become the fingerprint. */
export type ChannelData = {
  readonly turnNumRecord: bigint;
  readonly finalizesAt: bigint;
  readonly stateHash: Hex;
  readonly outcomeHash: Hex;
};

/** Where a channel stands, at the time of the block. */
export type Mode = "Open" | "Challenge" | "Finalized";

/** The first variable of the adjudicator: `statusOf`. */
const STATUS_SLOT = 0n;

/** Bits of the fingerprint, and of each of the two times above it. */
const FINGERPRINT_BITS = 160n;
const TIME_BITS = 48n;

/** Where `statusOf[channelId]` is stored. */
export function statusSlot(channelId: Hex): Hex {
  return mappingSlot(channelId, STATUS_SLOT);
}

export function readStatusWord({ machine, self }: Frame, channelId: Hex): bigint {
  return machine.load(self, statusSlot(channelId));
}

export function readStatus(frame: Frame, channelId: Hex): Status {
  const word = readStatusWord(frame, channelId);
  return {
    turnNumRecord: word >> (FINGERPRINT_BITS + TIME_BITS),
    finalizesAt: BigInt.asUintN(48, word >> FINGERPRINT_BITS),
    fingerprint: BigInt.asUintN(160, word),
  };
}

export function writeStatus({ machine, self }: Frame, channelId: Hex, data: ChannelData): void {
  const { finalizesAt, outcomeHash, stateHash, turnNumRecord } = data;
  const times = (turnNumRecord << TIME_BITS) | finalizesAt;
  const word = (times << FINGERPRINT_BITS) | fingerprintOf(stateHash, outcomeHash);
  machine.store(self, statusSlot(channelId), word);
}

/** As if nobody had ever heard of the channel. */
export function deleteStatus({ machine, self }: Frame, channelId: Hex): void {
  machine.store(self, statusSlot(channelId), 0n);
}

/** Writes what the outcome has become; the times stay. */
export function updateFingerprint(
  frame: Frame,
  channelId: Hex,
  stateHash: Hex,
  outcomeHash: Hex,
): void {
  const { finalizesAt, turnNumRecord } = readStatus(frame, channelId);
  writeStatus(frame, channelId, { turnNumRecord, finalizesAt, stateHash, outcomeHash });
}

export function modeOf(frame: Frame, channelId: Hex): Mode {
  const { finalizesAt } = readStatus(frame, channelId);
  if (finalizesAt === 0n) return "Open";
  return finalizesAt <= frame.machine.timeSec ? "Finalized" : "Challenge";
}

export function requireNotFinalized(frame: Frame, channelId: Hex): void {
  require(modeOf(frame, channelId) !== "Finalized", "Channel finalized.");
}

export function requireFinalized(frame: Frame, channelId: Hex): void {
  require(modeOf(frame, channelId) === "Finalized", "Channel not finalized.");
}

export function requireFingerprint(
  frame: Frame,
  channelId: Hex,
  stateHash: Hex,
  outcomeHash: Hex,
): void {
  const { fingerprint } = readStatus(frame, channelId);
  require(fingerprint === fingerprintOf(stateHash, outcomeHash), "incorrect fingerprint");
}

export function requireHigherTurn(frame: Frame, channelId: Hex, turnNum: bigint): void {
  const { turnNumRecord } = readStatus(frame, channelId);
  require(turnNum > turnNumRecord, "turnNumRecord not increased.");
}

export function requireNoLowerTurn(frame: Frame, channelId: Hex, turnNum: bigint): void {
  const { turnNumRecord } = readStatus(frame, channelId);
  require(turnNum >= turnNumRecord, "turnNumRecord decreased.");
}
