/** What the chain tells, folded into a channel. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import {
  repeated,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
  SAMPLE_OUTCOME,
} from "../../test/sample-messages.ts";
import { type Address, ZERO_ADDRESS } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { type Channel, createChannel, phaseOf } from "./channel.ts";
import { type Destination, externalDestination } from "./destination.ts";
import {
  evolveChallenge,
  evolveHoldings,
  type HoldingsEvent,
  held,
  isUsedUp,
  myPlaces,
  paysMe,
} from "./holdings.ts";
import { totalOf } from "./outcome.ts";
import { isShaken, takeFactsBack } from "./remembered-facts.ts";

const TOKEN = repeated("70", 20) as Address;
const channelId = SAMPLE_CHANNEL_ID;
const position = {
  blockNumber: 1,
  blockHash: repeated("b0", 32) as Hash,
  logIndex: 0,
  transactionHash: repeated("f0", 32) as Hash,
};
const opened = createChannel({
  type: "ChannelCreated",
  channelId,
  fixedPart: SAMPLE_FIXED_PART,
  myIndex: 0,
  outcome: SAMPLE_OUTCOME,
  appData: "0x",
  use: { type: "Direct" },
});

const deposited = (asset: Address, holdings: bigint): HoldingsEvent => ({
  type: "DepositDetected",
  channelId,
  asset,
  holdings,
  position,
});
const paidOut = (asset: Address, holdings: bigint): HoldingsEvent => ({
  type: "AllocationUpdated",
  channelId,
  asset,
  holdings,
  initialHoldings: holdings,
  indices: [],
  position,
});

describe("a reorganisation", () => {
  const inBlock = (event: HoldingsEvent, blockNumber: number): HoldingsEvent => ({
    ...event,
    position: { ...position, blockNumber },
  });
  const takenBack = (channel: Channel, blockNumber: number): Channel =>
    takeFactsBack(channel, {
      type: "ChainFactsTakenBack",
      channelId,
      fork: { blockNumber, blockHash: position.blockHash },
    });
  const funded = [
    inBlock(deposited(ZERO_ADDRESS, 5n), 1),
    inBlock(deposited(ZERO_ADDRESS, 8n), 3),
  ].reduce(evolveHoldings, opened);

  unit("shakes a channel until its money is told again, or is paid out", () => {
    const shaken = takenBack(funded, 2);
    const told = evolveHoldings(shaken, inBlock(deposited(ZERO_ADDRESS, 8n), 4));
    const paid = evolveHoldings(shaken, inBlock(paidOut(ZERO_ADDRESS, 0n), 4));

    expect([isShaken(funded), isShaken(shaken)]).toEqual([false, true]);
    expect([isShaken(told), isShaken(paid)]).toEqual([false, false]);
  });

  unit("that takes no money away shakes nothing, whatever is paid out later", () => {
    const paidToken = evolveHoldings(funded, inBlock(paidOut(TOKEN, 0n), 5));
    const back = takenBack(paidToken, 4);
    const paid = evolveHoldings(back, inBlock(paidOut(ZERO_ADDRESS, 0n), 6));

    expect([isShaken(back), isShaken(paid)]).toEqual([false, false]);
    expect(back.missed.size).toBe(0);
  });
});

describe("myPlaces", () => {
  unit("finds my balance in a ledger that opened with guarantees before it", () => {
    const claim = (to: string, allocationType: number) => {
      const destination = repeated(to, 20).replace("0x", `0x${"00".repeat(12)}`) as Destination;
      return { destination, amount: 3n, allocationType, metadata: "0x" as const };
    };
    const assetMetadata = { assetType: 0, metadata: "0x" } as const;
    const paying = (allocations: readonly ReturnType<typeof claim>[]) => [
      { asset: TOKEN, assetMetadata, allocations },
    ];
    const [guarantee, mine, theirs] = [claim("91", 2), claim("a1", 0), claim("b1", 0)];
    const ledger = { ...opened, fundingOutcome: paying([guarantee, mine, theirs]) };
    const funded = evolveHoldings(ledger, deposited(TOKEN, 9n));
    expect(myPlaces(funded, paying([theirs, mine]), 0)).toEqual([1]);
    expect(myPlaces(funded, paying([guarantee, theirs]), 0)).toEqual([]);
  });
});

describe("a ledger that took another one's place", () => {
  const NEVER = { agreed: new Map(), reserved: new Map(), waiting: new Map(), settled: [] };
  const predecessor = repeated("9e", 32) as Channel["id"];
  const ledger = { ...NEVER, profile: "enforceable", successor: undefined, predecessor } as const;
  const [first] = SAMPLE_OUTCOME;
  const fundingOutcome = first === undefined ? [] : [first];
  const asset = first?.asset ?? ZERO_ADDRESS;
  const total = fundingOutcome.reduce((sum, exit) => sum + totalOf(exit), 0n);
  const challenged = (channel: Channel, blockNumber: number): Channel =>
    evolveChallenge(channel, {
      type: "ChallengeRegistered",
      channelId,
      finalizesAtSec: 100,
      candidate: {
        variablePart: { outcome: fundingOutcome, appData: "0x", turnNum: 1, isFinal: false },
        signatures: [],
      },
      proof: [],
      position: { ...position, blockNumber },
    });
  const paidFrom = (channel: Channel, initialHoldings: bigint, blockNumber: number): Channel =>
    evolveHoldings(channel, {
      ...{
        type: "AllocationUpdated",
        channelId,
        asset,
        holdings: 0n,
        initialHoldings,
        indices: [],
      },
      position: { ...position, blockNumber },
    });
  const next: Channel = { ...opened, fundingOutcome, ledger };

  unit("is used up once it has paid all that it owed, whatever is challenged with then", () => {
    const paid = paidFrom(challenged(next, 2), total, 3);
    const again = challenged(paid, 4);

    expect([isUsedUp(next), isUsedUp(paid), isUsedUp(again)]).toEqual([false, true, true]);
    expect(isUsedUp(evolveHoldings(again, deposited(asset, 1n)))).toBe(false);
  });

  unit("is not while it may get more from the one before", () => {
    const paid = paidFrom(challenged(next, 2), total - 1n, 3);

    expect([isUsedUp(paid), isUsedUp(challenged(paid, 4))]).toEqual([false, false]);
    expect(isUsedUp({ ...paid, ledger: { ...ledger, predecessor: undefined } })).toBe(true);
  });

  unit("is not once the block that told of the payout is gone", () => {
    const paid = paidFrom(challenged(next, 2), total, 3);
    const fork = { blockNumber: 2, blockHash: position.blockHash };
    const back = takeFactsBack(paid, { type: "ChainFactsTakenBack", channelId, fork });

    expect([paid.paidInFull, back.paidInFull]).toEqual([true, false]);
  });
});

describe("evolveHoldings", () => {
  unit("nothing seen counts as zero", () => {
    expect(held(opened, ZERO_ADDRESS)).toBe(0n);
  });

  unit("a deposit sets what is held of its asset, and of no other", () => {
    const channel = [deposited(ZERO_ADDRESS, 6n), deposited(ZERO_ADDRESS, 10n)].reduce(
      evolveHoldings,
      opened,
    );

    expect(held(channel, ZERO_ADDRESS)).toBe(10n);
    expect(held(channel, TOKEN)).toBe(0n);
    expect(channel.paidOut.size).toBe(0);
  });

  unit("a payout sets what is left, and is remembered for its asset alone", () => {
    const channel = [deposited(TOKEN, 5n), deposited(ZERO_ADDRESS, 9n), paidOut(TOKEN, 0n)].reduce(
      evolveHoldings,
      opened,
    );

    expect(held(channel, TOKEN)).toBe(0n);
    expect(held(channel, ZERO_ADDRESS)).toBe(9n);
    expect([...channel.paidOut]).toEqual([TOKEN]);
  });

  unit("a concluded channel is concluded, whatever it holds", () => {
    const concluded = evolveHoldings(evolveHoldings(opened, deposited(ZERO_ADDRESS, 1n)), {
      type: "ChannelConcluded",
      channelId,
      finalizesAtSec: 0,
      position,
    });

    expect(phaseOf(concluded)).toBe("Concluded");
    expect(held(concluded, ZERO_ADDRESS)).toBe(1n);
  });

  unit("a withdrawal alone changes nothing: what is left is told by another fact", () => {
    const before = evolveHoldings(opened, deposited(TOKEN, 5n));
    const after = evolveHoldings(before, {
      type: "WithdrawCompleted",
      channelId,
      asset: TOKEN,
      destination: repeated("d1", 32) as Destination,
      amount: 5n,
      position,
    });

    expect(after).toEqual(before);
  });

  unit("the channel before the fact stays as it was", () => {
    const before = evolveHoldings(opened, deposited(TOKEN, 5n));
    evolveHoldings(before, paidOut(TOKEN, 1n));

    expect(held(before, TOKEN)).toBe(5n);
    expect(before.paidOut.size).toBe(0);
    expect(opened.holdings.size).toBe(0);
  });
});

describe("a challenge that ended between two blocks that were read", () => {
  const destination = `0x${"00".repeat(12)}${"a1".repeat(20)}` as Destination;
  const claim = { destination, amount: 7n, allocationType: 0, metadata: "0x" } as const;
  const assetMetadata = { assetType: 0, metadata: "0x" } as const;
  const outcome = [{ asset: TOKEN, assetMetadata, allocations: [claim] }];
  const variablePart = { outcome, appData: "0x", turnNum: 5, isFinal: false } as const;
  const challenged = evolveChallenge(opened, {
    type: "ChallengeRegistered",
    channelId,
    finalizesAtSec: 600,
    candidate: { variablePart, signatures: [] },
    proof: [],
    position,
  });

  unit("is over once somebody was paid, who is paid no more", () => {
    const { adjudication } = evolveHoldings(challenged, {
      type: "AllocationUpdated",
      channelId,
      asset: TOKEN,
      holdings: 0n,
      initialHoldings: 7n,
      indices: [],
      position: { ...position, blockNumber: 2 },
    });

    expect(adjudication).toMatchObject({
      type: "Final",
      turnNum: 5,
      outcome: [{ allocations: [{ amount: 0n }] }],
    });
  });

  unit("is over once a guarantee was reclaimed", () => {
    const { adjudication } = evolveHoldings(challenged, {
      type: "GuaranteeReclaimed",
      channelId,
      asset: TOKEN,
      target: SAMPLE_CHANNEL_ID,
      left: 0n,
      right: 0n,
      position: { ...position, blockNumber: 2 },
    });

    expect(adjudication).toMatchObject({ type: "Final", turnNum: 5 });
  });
});

describe("paysMe", () => {
  const allocation = (byte: string, amount: bigint) => ({
    destination: externalDestination(repeated(byte, 20) as Address),
    amount,
    allocationType: 0,
    metadata: "0x" as const,
  });
  const outcome = [
    {
      asset: TOKEN,
      assetMetadata: { assetType: 0, metadata: "0x" as const },
      allocations: [allocation("a1", 6n), allocation("b2", 4n)],
    },
  ];
  const variablePart = { outcome, appData: "0x" as const, turnNum: 0, isFinal: false };
  const holding = (myIndex: number, amount: bigint): Channel => ({
    ...opened,
    myIndex,
    fundingOutcome: outcome,
    supported: { variablePart, signatures: [] },
    holdings: new Map([[TOKEN, amount]]),
  });

  unit("is true for who is paid first, as soon as there is anything", () => {
    expect([0n, 1n, 10n].map((amount) => paysMe(holding(0, amount)))).toEqual([false, true, true]);
  });

  unit("is true for who is paid second only behind the first one's part", () => {
    const said = [0n, 6n, 7n, 10n].map((amount) => paysMe(holding(1, amount)));
    expect(said).toEqual([false, false, true, true]);
  });

  unit("is false before any state is supported", () => {
    expect(paysMe({ ...holding(0, 10n), supported: undefined })).toBe(false);
  });
});
