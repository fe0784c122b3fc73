/** Facts of the chain that are taken back: as if the blocks above the fork had never been. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { COIN, runningChannel, SHARES, TOKEN } from "../../test/disputed-channel.ts";
import { property, unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import type { Hash } from "../crypto/signature.ts";
import type { ChallengeEvent } from "./challenge.ts";
import type { Channel } from "./channel.ts";
import {
  evolveChallenge,
  evolveHoldings,
  evolveReading,
  type HoldingsEvent,
  type HoldingsReading,
} from "./holdings.ts";
import {
  isShaken,
  REORG_DEPTH_MAX,
  type TakenBackEvent,
  takeFactsBack,
  toldAbove,
} from "./remembered-facts.ts";

const start: Channel = { ...runningChannel(), holdings: new Map(), lastLog: undefined };
const { id: channelId } = start;

const blockAt = (blockNumber: number) => ({ blockNumber, blockHash: repeated("0b", 32) as Hash });

/** What one block tells, by a number. */
function factsAt(blockNumber: number, kind: number): ChainFact {
  const position = {
    ...blockAt(blockNumber),
    logIndex: kind,
    transactionHash: repeated("0f", 32) as Hash,
  };
  const amount = BigInt(blockNumber + kind);
  const variablePart = { outcome: SHARES, appData: "0x", turnNum: kind, isFinal: false } as const;
  const candidate = { variablePart, signatures: [] };
  const facts: readonly ChainFact[] = [
    { type: "DepositDetected", channelId, asset: COIN, holdings: amount, position },
    { type: "DepositDetected", channelId, asset: TOKEN, holdings: amount, position },
    {
      type: "ChallengeRegistered",
      channelId,
      finalizesAtSec: blockNumber,
      candidate,
      proof: [],
      position,
    },
    { type: "ChallengeCleared", channelId, turnNum: kind, position },
    { type: "ChallengeExpired", channelId, block: blockAt(blockNumber), blockTimeSec: blockNumber },
    {
      type: "AllocationUpdated",
      channelId,
      asset: COIN,
      holdings: 0n,
      initialHoldings: amount,
      indices: [],
      position,
    },
    { type: "ChannelConcluded", channelId, finalizesAtSec: blockNumber, position },
    {
      type: "HoldingsRead",
      channelId,
      amounts: [{ asset: COIN, holdings: amount }],
      block: blockAt(blockNumber),
    },
  ];
  return facts[kind % facts.length] as ChainFact;
}

type ChainFact = HoldingsEvent | HoldingsReading | ChallengeEvent | TakenBackEvent;

const tell = (channel: Channel, events: readonly ChainFact[]): Channel =>
  events.reduce(evolveFact, channel);

function evolveFact(channel: Channel, event: ChainFact): Channel {
  switch (event.type) {
    case "HoldingsRead":
      return evolveReading(channel, event);
    case "ChainFactsTakenBack":
      return takeFactsBack(channel, event);
    case "ChallengeRegistered":
    case "ChallengeCleared":
    case "ChallengeExpired":
      return evolveChallenge(channel, event);
    default:
      return evolveHoldings(channel, event);
  }
}

const takenBack = (blockNumber: number): ChainFact => {
  return { type: "ChainFactsTakenBack", channelId, fork: blockAt(blockNumber) };
};

/** All that a channel has from the chain. */
const factsOf = ({ adjudication, concluded, holdings, lastLog, paidOut }: Channel) => {
  return { adjudication, concluded, holdings, lastLog, paidOut };
};

/** Blocks in their order, each with some facts. */
const blocks = fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { maxLength: 12 });

const eventsOf = (kinds: readonly (readonly number[])[], first = 1): readonly ChainFact[] =>
  kinds.flatMap((each, index) => each.map((kind) => factsAt(first + index, kind)));

describe("facts that are taken back", () => {
  property(
    "leave what was told up to the fork, and what comes then is told as if for the first time",
    () => {
      fc.assert(
        fc.property(blocks, blocks, fc.nat(12), (old, other, fork) => {
          const shared = eventsOf(old.slice(0, fork));
          const gone = eventsOf(old.slice(fork), fork + 1);
          const anew = eventsOf(other, fork + 1);
          const reorganised = tell(start, [...shared, ...gone, takenBack(fork), ...anew]);
          expect(factsOf(reorganised)).toEqual(factsOf(tell(start, [...shared, ...anew])));
        }),
      );
    },
  );

  property("can be taken back again, further and further down", () => {
    fc.assert(
      fc.property(blocks, fc.nat(12), fc.nat(12), (old, one, two) => {
        const [low, high] = [Math.min(one, two), Math.max(one, two)];
        const all = tell(start, eventsOf(old));
        const twice = tell(all, [takenBack(high), takenBack(low)]);
        expect(factsOf(twice)).toEqual(factsOf(tell(start, eventsOf(old.slice(0, low)))));
        expect(toldAbove(twice, low)).toBe(false);
      }),
    );
  });

  unit("that came late, of an older block, go with the block that was told before them", () => {
    const late = tell(start, [factsAt(12, 4), factsAt(10, 7)]);
    expect(toldAbove(late, 11)).toBe(true);
    expect(factsOf(tell(late, [takenBack(9)]))).toEqual(factsOf(start));
    expect(tell(late, [takenBack(11)]).adjudication).toEqual(start.adjudication);
  });

  unit("are remembered for so many blocks, and no longer", () => {
    const near = tell(start, [factsAt(1, 0), factsAt(REORG_DEPTH_MAX, 1)]);
    expect(near.remembered.map(({ blockNumber }) => blockNumber)).toEqual([1, REORG_DEPTH_MAX]);
    const far = tell(near, [factsAt(REORG_DEPTH_MAX + 1, 0)]);
    expect(far.remembered).toHaveLength(2);
    expect(far.remembered[0]?.blockNumber).toBe(REORG_DEPTH_MAX);
  });
});

describe("a channel whose money was taken back", () => {
  unit("is shaken until the chain tells of the money again", () => {
    const funded = tell(start, [factsAt(5, 0)]);
    const shaken = tell(funded, [takenBack(4)]);
    expect([isShaken(funded), isShaken(shaken)]).toEqual([false, true]);
    expect(isShaken(tell(shaken, [factsAt(4, 0)]))).toBe(true);
    expect(isShaken(tell(shaken, [factsAt(6, 0)]))).toBe(false);
    expect(isShaken(tell(shaken, [factsAt(5, 7), factsAt(5, 0)]))).toBe(false);
  });

  unit("is not shaken by a payout that was taken back", () => {
    const paid = tell(start, [factsAt(5, 0), factsAt(6, 5)]);
    expect(isShaken(tell(paid, [takenBack(5)]))).toBe(false);
  });
});
