/** Logs of a disputed channel, each with one thing that no honest node writes. */
import { disputeId } from "../src/channel/objective-id.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { type Planted, PlantedLog } from "./planted-log.ts";
import { playDirect } from "./played-channels.ts";

const told = new PlantedLog(playDirect(2, [0]).node(0).log);

const { channelId, variablePart } = told.get("StateSigned", -1);
const signedLast = told.at("StateSigned", -1);
const { position } = told.get("DepositDetected", -1);

/** When the challenge is over, in seconds. */
const FINALIZES_AT_SEC = 1_000;

/** Somebody challenges, in the block of the last deposit. */
const challenged: NodeEvent = {
  type: "ChallengeRegistered",
  channelId,
  finalizesAtSec: FINALIZES_AT_SEC,
  candidate: { variablePart, signatures: [] },
  proof: [],
  position: { ...position, logIndex: position.logIndex + 1 },
};

const expired = (blockTimeSec: number): NodeEvent => {
  const block = {
    blockNumber: position.blockNumber + 1,
    blockHash: `0x${"0b".repeat(32)}` as Hash,
  };
  return { type: "ChallengeExpired", channelId, block, blockTimeSec };
};

const disputed: NodeEvent = {
  type: "ObjectiveCreated",
  objectiveId: disputeId(channelId),
  channelId,
  goal: { type: "Dispute" },
  openedBy: 0,
};

/** The honest log up to the last deposit, and what comes then. */
const behindDeposit = (...events: readonly NodeEvent[]): readonly NodeEvent[] => [
  ...told.events.slice(0, told.at("DepositDetected", -1) + 1),
  ...events,
];

const deposited = told.at("DepositDetected", -1);

/** A log that breaks one rule, the code for it, and the offset that must be named. */
export const DISPUTE_PLANTS: readonly Planted[] = [
  ["SignedInDispute", signedLast + 1, told.after(signedLast - 1, challenged)],
  ["SignedInDispute", signedLast + 1, told.after(signedLast - 1, disputed)],
  ["ExpiredTooEarly", deposited + 1, behindDeposit(expired(FINALIZES_AT_SEC))],
  ["ExpiredTooEarly", deposited + 2, behindDeposit(challenged, expired(FINALIZES_AT_SEC - 1))],
];

/** A log in which a challenge is over exactly when its time is. */
export const EXPIRED_IN_TIME: readonly NodeEvent[] = behindDeposit(
  challenged,
  expired(FINALIZES_AT_SEC),
);
