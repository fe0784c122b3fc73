/** Which logs are news to a tower, and when it writes down how far it has read. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import {
  repeated,
  SAMPLE_ADDRESS,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
  SAMPLE_VARIABLE_PART,
} from "../../test/sample-messages.ts";
import type { AdjudicatorEvent } from "../chain/adjudicator-logs.ts";
import type { ChannelId } from "../channel/channel-id.ts";
import type { Hash } from "../crypto/signature.ts";
import { sightsOf } from "./chain-sight.ts";
import { createTowerState, evolveTower, type TowerState } from "./tower-state.ts";

const channelId = SAMPLE_CHANNEL_ID;
const HASH = repeated("b0", 32) as Hash;
const SHOWN = { variablePart: SAMPLE_VARIABLE_PART, signatures: [] };

const position = (blockNumber: number, logIndex = 0) => ({
  blockNumber,
  blockHash: HASH,
  transactionIndex: 0,
  logIndex,
  transactionHash: HASH,
});
const challenge = (blockNumber: number, about: ChannelId = channelId): AdjudicatorEvent => ({
  type: "ChallengeRegistered",
  channelId: about,
  finalizesAtSec: 600,
  candidate: SHOWN,
  proof: [],
  position: position(blockNumber),
});
const news = (blockNumber: number, logs: readonly AdjudicatorEvent[] = [], blockTimeSec = 0) => ({
  type: "LogsConfirmed" as const,
  logs,
  block: { blockNumber, blockHash: HASH },
  blockTimeSec,
});

/** A tower that watches the channel, and has read up to block 100. */
function watching(): TowerState {
  const state = createTowerState();
  const candidate = SHOWN;
  const rest = { proof: [], challengerSignature: undefined, closing: undefined };
  const appointment = { fixedPart: SAMPLE_FIXED_PART, candidate, ...rest };
  evolveTower(state, { type: "AppointmentKept", client: SAMPLE_ADDRESS, channelId, appointment });
  tell(state, news(100, [], 1));
  evolveTower(state, {
    type: "ChainFollowed",
    block: { blockNumber: 100, blockHash: HASH },
    blockTimeSec: 1,
  });
  return state;
}

function tell(state: TowerState, told: ReturnType<typeof news>): readonly string[] {
  const events = sightsOf(state, told);
  for (const event of events) evolveTower(state, event);
  return events.map(({ type }) => type);
}

describe("logs", () => {
  unit("of watched channels are facts once, and those of strangers never", () => {
    const state = watching();
    const stranger = repeated("c9", 32) as ChannelId;
    expect(tell(state, news(101, [challenge(101), challenge(101, stranger)]))).toEqual([
      "ChallengeSeen",
      "ChainFollowed",
    ]);
    expect(tell(state, news(102, [challenge(101)]))).toEqual([]);
  });

  unit("of blocks that are read again leave the place to which all was read", () => {
    const state = watching();
    expect(tell(state, news(60, [challenge(50)]))).toEqual(["ChallengeSeen"]);
    expect(state.chain.blocks.map(({ blockNumber }) => blockNumber)).toEqual([100]);
  });

  unit(
    "that no participant can have signed, or that do not tell what happened, are passed over",
    () => {
      const state = watching();
      const huge = { ...SAMPLE_VARIABLE_PART, appData: `0x${"00".repeat(5_000)}` as const };
      const shown = { ...challenge(101), candidate: { variablePart: huge, signatures: [] } };
      const reclaimed: AdjudicatorEvent = {
        type: "Reclaimed",
        channelId,
        assetIndex: 0,
        reclaim: undefined,
        position: position(101, 1),
      };
      expect(tell(state, news(101, [shown as AdjudicatorEvent, reclaimed]))).toEqual([]);
    },
  );
});

describe("the cursor", () => {
  unit("is written every 256 blocks when nothing happens", () => {
    const state = watching();
    expect(tell(state, news(355))).toEqual([]);
    expect(tell(state, news(356))).toEqual(["ChainFollowed"]);
  });

  unit("is written when a challenge is over, which ends it", () => {
    const state = watching();
    tell(state, news(101, [challenge(101)]));
    expect(tell(state, news(110, [], 599))).toEqual([]);
    expect(tell(state, news(111, [], 600))).toEqual(["ChainFollowed"]);
    expect(state.channels.get(channelId)?.adjudication.type).toBe("Final");
    expect(tell(state, news(112, [], 612))).toEqual([]);
  });
});
