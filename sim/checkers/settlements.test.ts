/** Tests of which outcomes the chain has made final, as blocks come and are taken back. */
import { describe, expect } from "bun:test";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { Settlements } from "./settlements.ts";

const CHANNEL = repeated("c1", 32) as ChannelId;

type Block = Parameters<Settlements["read"]>[0];

/** A block in which somebody challenges with a state. */
function challenged(number: number, turnNum: number, finalizesAtSec: number): Block {
  const variablePart = { outcome: [], appData: "0x", turnNum, isFinal: false };
  const candidate = { variablePart, signatures: [] };
  const log = { type: "ChallengeRegistered", channelId: CHANNEL, candidate, finalizesAtSec };
  return { number, logs: [log] } as unknown as Block;
}

/** A block in which somebody shows an end that all have signed. */
function concluded(number: number): Block {
  const log = { type: "Concluded", channelId: CHANNEL, finalizesAtSec: 0 };
  return { number, logs: [log] } as unknown as Block;
}

function settledTurns(settlements: Settlements, nowSec: number): readonly unknown[] {
  return settlements
    .newAt(nowSec)
    .map(({ shown }) => (shown === "AgreedEnd" ? shown : shown.turnNum));
}

describe("what the chain has made final", () => {
  unit("is the newest challenge that nobody has answered, once its time is over", () => {
    const settlements = new Settlements();
    settlements.read(challenged(1, 3, 100), 10);
    settlements.read(challenged(2, 5, 110), 20);

    expect(settledTurns(settlements, 109)).toEqual([]);
    expect(settledTurns(settlements, 110)).toEqual([5]);
  });

  unit("is an end that all have signed, at once, whatever was challenged before and after", () => {
    const settlements = new Settlements();
    settlements.read(challenged(1, 3, 100), 10);
    settlements.read(concluded(2), 20);
    settlements.read(challenged(3, 2, 130), 30);

    expect(settledTurns(settlements, 30)).toEqual(["AgreedEnd"]);
    expect(settledTurns(settlements, 200)).toEqual([]);
    expect(settlements.takeBack({ fork: 1 })).toEqual(new Set([CHANNEL]));
    expect(settledTurns(settlements, 200)).toEqual([3]);
  });

  unit(
    "stays so when a reorg has it read again with a challenge that came behind the payout",
    () => {
      const settlements = new Settlements();
      settlements.read(challenged(1, 5, 100), 10);
      expect(settledTurns(settlements, 100)).toEqual([5]);
      settlements.read(challenged(9, 2, 300), 200);

      settlements.takeBack({ fork: 9 });

      expect(settledTurns(settlements, 400)).toEqual([5]);
    },
  );
});
