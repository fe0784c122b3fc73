/** A channel that the chain decides, as one of its two participants knows it, made by hand. */
import type { Adjudication } from "../src/channel/adjudication.ts";
import { type Channel, createChannel } from "../src/channel/channel.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { encodeGuarantee } from "../src/channel/guarantee.ts";
import { createLedger } from "../src/channel/ledger.ts";
import { disputeId } from "../src/channel/objective-id.ts";
import { ALLOCATION_TYPE, type Allocation, type Outcome } from "../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { EffectId } from "../src/protocols/effects.ts";
import {
  createObjective,
  evolveObjective,
  type Objective,
  type TransactionStatus,
} from "../src/protocols/objective.ts";
import {
  repeated,
  SAMPLE_CHANNEL_ID,
  SAMPLE_FIXED_PART,
  SAMPLE_SIGNATURE,
} from "./sample-messages.ts";

/** The two assets of the channel, in the order of its outcome. */
export const COIN: Address = ZERO_ADDRESS;
export const TOKEN: Address = repeated("70", 20) as Address;

/** The hash of a challenged state. */
export const STATE_HASH: Hash = repeated("5a", 32) as Hash;

const [ALICE, BOB] = SAMPLE_FIXED_PART.participants.map(externalDestination);

/** A virtual channel that the ledger may guarantee. */
export const target = (number: number): ChannelId =>
  `0x${"cc".repeat(31)}${number.toString(16).padStart(2, "0")}` as ChannelId;

const simple = (
  destination: Allocation["destination"] | undefined,
  amount: bigint,
): Allocation => ({
  destination: destination ?? externalDestination(ZERO_ADDRESS),
  amount,
  allocationType: ALLOCATION_TYPE.simple,
  metadata: "0x",
});

/** What the two have of an asset, behind guarantees of the amounts in `guaranteed`, by number of their target. */
export function exitOf(
  asset: Address,
  alice: bigint,
  bob: bigint,
  guaranteed: Readonly<Record<number, bigint>> = {},
): Outcome[number] {
  const parties = { left: simple(ALICE, 0n).destination, right: simple(BOB, 0n).destination };
  const guarantees = Object.entries(guaranteed).map(([number, amount]) => ({
    destination: target(Number(number)) as string as Allocation["destination"],
    amount,
    allocationType: ALLOCATION_TYPE.guarantee,
    metadata: encodeGuarantee(parties),
  }));
  return {
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [...guarantees, simple(ALICE, alice), simple(BOB, bob)],
  };
}

/** 60 and 40 of each asset. */
export const SHARES: Outcome = [exitOf(COIN, 60n, 40n), exitOf(TOKEN, 60n, 40n)];

/** Alice's running channel at turn 5, with all of its money. */
export function runningChannel(outcome: Outcome = SHARES, isFinal = false): Channel {
  const opened = createChannel({
    type: "ChannelCreated",
    channelId: SAMPLE_CHANNEL_ID,
    fixedPart: SAMPLE_FIXED_PART,
    myIndex: 0,
    outcome: SHARES,
    appData: "0x",
    use: { type: "Direct" },
  });
  return {
    ...opened,
    supported: {
      variablePart: { outcome, appData: "0x", turnNum: 5, isFinal },
      signatures: [SAMPLE_SIGNATURE, SAMPLE_SIGNATURE],
    },
    pending: new Map(),
    holdings: new Map([
      [COIN, 100n],
      [TOKEN, 100n],
    ]),
    lastLog: { blockNumber: 7, logIndex: 1 },
  };
}

/** The same, as a ledger. */
export function runningLedger(outcome: Outcome): Channel {
  return { ...runningChannel(outcome), ledger: createLedger("enforceable") };
}

/** With this outcome final after a challenge. */
export function finalChannel(channel: Channel, outcome: Outcome | undefined): Channel {
  const adjudication: Adjudication = { type: "Final", turnNum: 5, stateHash: STATE_HASH, outcome };
  return { ...channel, adjudication };
}

/** The final virtual channel with that number, which pays these shares of the coin. */
export function finalTarget(number: number, left: bigint, right: bigint): Channel {
  return { ...finalChannel(runningChannel(), [exitOf(COIN, left, right)]), id: target(number) };
}

/** Alice's dispute, with what became of its transactions. */
export function disputeWith(
  transactions: readonly (readonly [EffectId, TransactionStatus])[] = [],
): Objective {
  const about = { objectiveId: disputeId(SAMPLE_CHANNEL_ID), channelId: SAMPLE_CHANNEL_ID };
  const goal = { type: "Dispute" } as const;
  const created = createObjective({ type: "ObjectiveCreated", ...about, goal, openedBy: 0 });
  const approved = evolveObjective(created, { type: "ObjectiveApproved", ...about });
  return { ...approved, transactions: new Map(transactions) };
}
