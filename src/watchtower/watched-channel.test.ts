/** What a tower knows of a channel, and forgets when its blocks vanish. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { property, unit } from "../../test/kind.ts";
import { repeated, SAMPLE_CHANNEL_ID, SAMPLE_VARIABLE_PART } from "../../test/sample-messages.ts";
import type { Destination } from "../channel/destination.ts";
import { REORG_DEPTH_MAX } from "../channel/remembered-facts.ts";
import { stateHash } from "../channel/state.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import type { SightEvent } from "./tower-event.ts";
import { expire, isExpired, seeLog, turnBack, unseenChannel, wasSeen } from "./watched-channel.ts";

const channelId = SAMPLE_CHANNEL_ID;
const { outcome } = SAMPLE_VARIABLE_PART;
const hash = repeated("b0", 32) as Hash;
const at = (blockNumber: number, logIndex = 0) => ({
  blockNumber,
  blockHash: hash,
  logIndex,
  transactionHash: hash,
});
const challengeAt = (blockNumber: number, turnNum = 5): SightEvent => ({
  type: "ChallengeSeen",
  channelId,
  finalizesAtSec: 600,
  variablePart: { ...SAMPLE_VARIABLE_PART, turnNum },
  position: at(blockNumber),
});
const answerAt = (blockNumber: number): SightEvent => ({
  type: "AnswerSeen",
  channelId,
  turnNum: 9,
  position: at(blockNumber),
});
const payoutAt = (blockNumber: number, indices: readonly number[] | undefined): SightEvent => ({
  type: "PayoutSeen",
  channelId,
  assetIndex: 0,
  initialHoldings: 2n ** 260n,
  finalHoldings: 0n,
  indices,
  position: at(blockNumber),
});
const see = (...events: readonly SightEvent[]) =>
  events.reduce((channel, event) => seeLog(channel, event, undefined), unseenChannel(channelId));

describe("a challenge", () => {
  unit("is over in the second that it names, and not before", () => {
    const channel = see(challengeAt(3));
    expect([isExpired(channel, 599), isExpired(channel, 600)]).toEqual([false, true]);
    expect(expire(channel, at(9)).adjudication).toEqual({
      type: "Final",
      turnNum: 5,
      stateHash: stateHash(channelId, { ...SAMPLE_VARIABLE_PART, turnNum: 5 }),
      outcome,
    });
    expect(isExpired(see(challengeAt(3), answerAt(4)), 600)).toBe(false);
  });

  unit("is over for whoever sees a payout behind it", () => {
    const { adjudication } = see(challengeAt(3), payoutAt(90, []));
    expect(adjudication.type).toBe("Final");
    const paid = adjudication.type === "Final" ? adjudication.outcome?.[0]?.allocations : undefined;
    expect(paid?.every(({ amount }) => amount === 0n)).toBe(true);
  });
});

describe("what is paid", () => {
  unit(
    "is unknown once a payout does not tell whom it paid, or after a conclusion that no client knew",
    () => {
      const unclear = see(challengeAt(3), payoutAt(90, undefined)).adjudication;
      expect(unclear).toMatchObject({ type: "Final", outcome: undefined });
      const concluded: SightEvent = { type: "ConclusionSeen", channelId, position: at(4) };
      expect(see(concluded).adjudication).toMatchObject({ type: "Final", outcome: undefined });
      const known = seeLog(unseenChannel(channelId), concluded, outcome).adjudication;
      expect(known).toMatchObject({ type: "Final", stateHash: `0x${"00".repeat(32)}`, outcome });
    },
  );
});

describe("a payout by a contract whose call does not tell", () => {
  const claims = (amounts: readonly bigint[]) => {
    const claim = { destination: repeated("d1", 32) as Destination, allocationType: 0 };
    const allocations = amounts.map((amount) => ({ ...claim, amount, metadata: "0x" as const }));
    const assetMetadata = { assetType: 0, metadata: "0x" } as const;
    return [{ asset: ZERO_ADDRESS, assetMetadata, allocations }];
  };
  const paidOf = (amounts: readonly bigint[], finalHoldings: bigint) => {
    const variablePart = { ...SAMPLE_VARIABLE_PART, outcome: claims(amounts) };
    const shown: SightEvent = { ...challengeAt(3), variablePart } as SightEvent;
    const paid = { ...payoutAt(90, undefined), initialHoldings: 10n, finalHoldings } as SightEvent;
    const { adjudication } = see(shown, paid);
    return adjudication.type === "Final" ? adjudication.outcome : "not final";
  };

  unit("is told by its sum, where only one comes to it", () => {
    expect(paidOf([6n, 4n], 6n)).toEqual(claims([6n, 0n]));
    expect(paidOf([6n, 4n], 0n)).toEqual(claims([0n, 0n]));
    expect(paidOf([5n, 5n], 5n)).toBeUndefined();
    expect(paidOf([6n, 4n], 7n)).toBeUndefined();
  });
});

describe("a log", () => {
  unit("was seen when it stands at or before the last one", () => {
    const channel = seeLog(see(), { ...answerAt(7), position: at(7, 4) }, undefined);
    expect(
      [at(6, 9), at(7, 3), at(7, 4), at(7, 5), at(8, 0)].map((one) => wasSeen(channel, one)),
    ).toEqual([true, true, true, false, false]);
    expect(wasSeen(see(), at(0))).toBe(false);
  });
});

describe("blocks that vanish", () => {
  const event = fc
    .tuple(fc.constantFrom("challenge", "answer", "payout", "conclude"), fc.nat(5))
    .map(([kind, gap]) => ({ kind, gap }));
  const told = (
    kinds: readonly { readonly kind: string; readonly gap: number }[],
    from: number,
  ) => {
    let blockNumber = from;
    let logIndex = 0;
    return kinds.map(({ gap, kind }): SightEvent => {
      logIndex = gap === 0 ? logIndex + 1 : 0;
      blockNumber += gap;
      const position = at(blockNumber, logIndex);
      if (kind === "challenge") return { ...challengeAt(0, blockNumber), position };
      if (kind === "answer") return { ...answerAt(0), position };
      if (kind === "conclude") return { type: "ConclusionSeen", channelId, position };
      return { ...payoutAt(0, [0]), position };
    });
  };

  property("leave what the others told, as if they had never been", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.nat(60), (kinds, fork) => {
        const events = told(kinds, 1);
        const kept = events.filter(({ position }) => position.blockNumber <= fork);
        const { remembered: _, ...after } = turnBack(see(...events), at(fork));
        const { remembered: __, ...never } = see(...kept);
        expect(after).toEqual(never);
      }),
    );
  });

  unit("are remembered as far back as a reorganisation can reach, and no further", () => {
    const channel = see(challengeAt(1), answerAt(2), challengeAt(2 + REORG_DEPTH_MAX));
    expect(channel.remembered.map(({ blockNumber }) => blockNumber)).toEqual([2 + REORG_DEPTH_MAX]);
  });
});
