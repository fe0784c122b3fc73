/** What Irene may lose between Alice and Bob, once the chain has decided, and has decided again after a reorg. */
import { describe, expect } from "bun:test";
import type { AdjudicatorEvent } from "../../src/chain/adjudicator-logs.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { type Destination, externalDestination } from "../../src/channel/destination.ts";
import { directFundId } from "../../src/channel/objective-id.ts";
import type { Allocation, Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import type { EffectId } from "../../src/protocols/effects.ts";
import { unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { ETH } from "../assets.ts";
import { Solvency } from "./solvency.ts";

const [ALICE, BOB, IRENE] = ["a1", "b0", "1e"].map((one) => repeated(one, 20) as Address) as [
  Address,
  Address,
  Address,
];
const [LEFT, RIGHT, TARGET] = ["c1", "c2", "f1"].map((one) => repeated(one, 32) as ChannelId) as [
  ChannelId,
  ChannelId,
  ChannelId,
];
const LEDGER = { type: "Ledger", profile: "enforceable" } as const;
const VIRTUAL = {
  type: "Virtual",
  profile: "enforceable",
  fees: [0n],
  left: LEFT,
  right: RIGHT,
} as const;
const SIGNATURE = repeated("51", 65) as Signature;
const HASH = repeated("bb", 32) as Hash;
const position = {
  blockNumber: 9,
  blockHash: HASH,
  transactionIndex: 0,
  transactionHash: HASH,
  logIndex: 0,
};

/** All that the channel of Alice and Bob has, on its left at first. */
const SHARE = 10n;

/** When the two challenges can be answered no more, in seconds. */
const FINAL_SEC = 100;

function paying(allocations: readonly Allocation[]): Outcome {
  return [{ asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}

function claims(left: Address, right: Address, amounts: readonly [bigint, bigint]): Allocation[] {
  return [left, right].map((one, index): Allocation => {
    const destination = externalDestination(one);
    return { destination, amount: amounts[index] ?? 0n, allocationType: 0, metadata: "0x" };
  });
}

/** A ledger in which all stands behind the channel of Alice and Bob. */
function guaranteeing(left: Address, right: Address): Outcome {
  const metadata = `${externalDestination(left)}${externalDestination(right).slice(2)}`;
  const guarantee: Allocation = {
    destination: TARGET as string as Destination,
    amount: SHARE,
    allocationType: 2,
    metadata: metadata as Allocation["metadata"],
  };
  return paying([guarantee, ...claims(left, right, [0n, 0n])]);
}

const isVirtual = (channelId: ChannelId): boolean => channelId === TARGET;

/** Irene knows of a channel, and all have signed what it pays. */
function created(
  channelId: ChannelId,
  participants: readonly Address[],
  outcome: Outcome,
): NodeEvent[] {
  const appDefinition = repeated("a9", 20) as Address;
  const event: NodeEvent = {
    type: "ChannelCreated",
    channelId,
    fixedPart: { participants, channelNonce: 1n, appDefinition, challengeDurationSec: 300 },
    myIndex: participants.indexOf(IRENE),
    outcome,
    appData: "0x",
    use: isVirtual(channelId) ? VIRTUAL : LEDGER,
  };
  return [event, ...signedByAll(channelId, participants, { outcome, turnNum: 1 })];
}

function signedByAll(
  channelId: ChannelId,
  participants: readonly Address[],
  state: { readonly outcome: Outcome; readonly turnNum: number },
): NodeEvent[] {
  const variablePart = { ...state, appData: "0x", isFinal: false } as const;
  const about = {
    channelId,
    objectiveId: directFundId(channelId),
    variablePart,
    signature: SIGNATURE,
  };
  return participants.map((one, by) =>
    one === IRENE ? { type: "StateSigned", ...about } : { type: "StateReceived", by, ...about },
  );
}

const LEFT_STATE = guaranteeing(ALICE, IRENE);
const RIGHT_STATE = guaranteeing(IRENE, BOB);
const TARGET_STATE = paying(claims(ALICE, BOB, [SHARE, 0n]));

/** Irene has put all of the right ledger in. */
const OPENED: readonly NodeEvent[] = [
  ...created(LEFT, [ALICE, IRENE], LEFT_STATE),
  ...created(RIGHT, [IRENE, BOB], RIGHT_STATE),
  ...created(TARGET, [ALICE, IRENE, BOB], TARGET_STATE),
  {
    type: "TransactionRequested",
    channelId: RIGHT,
    objectiveId: directFundId(RIGHT),
    effectId: "deposit" as EffectId,
    call: {
      type: "Deposit",
      channelId: RIGHT,
      asset: ZERO_ADDRESS,
      expectedHeld: 0n,
      amount: SHARE,
    },
  },
];

/** Since the channel paid Bob nothing, Alice has everything back on the left. */
const GUARANTEE_GONE: readonly NodeEvent[] = signedByAll(LEFT, [ALICE, IRENE], {
  outcome: paying(claims(ALICE, IRENE, [SHARE, 0n])),
  turnNum: 2,
});

const deposited = (channelId: ChannelId): AdjudicatorEvent => {
  return { type: "Deposited", position, channelId, asset: ZERO_ADDRESS, holdings: SHARE };
};

function challenged(channelId: ChannelId, outcome: Outcome): AdjudicatorEvent {
  const variablePart = { outcome, appData: "0x", turnNum: 1, isFinal: false } as const;
  const candidate = { variablePart, signatures: [] };
  const about = { position, channelId, finalizesAtSec: FINAL_SEC };
  return { type: "ChallengeRegistered", ...about, candidate, proof: [] };
}

/** A block that Irene has a transaction in. */
function mined(number: number, logs: readonly AdjudicatorEvent[]) {
  const receipts = [{ from: IRENE, gasUsed: 1n, feeWei: 1n, succeeded: true }];
  return { number, isOnTime: true, receipts, logs };
}

const CHALLENGES: readonly AdjudicatorEvent[] = [
  challenged(RIGHT, RIGHT_STATE),
  challenged(TARGET, TARGET_STATE),
];

const isHere = (): boolean => false;
const isAway = (): boolean => true;

/** The right ledger and the channel are final, and Irene has removed the guarantee on the left since. */
function settled(): Solvency {
  const solvency = new Solvency(new Map([["irene", IRENE]]), [ETH]);
  const found = OPENED.flatMap((event) => solvency.sawEvent("irene", event));
  found.push(...solvency.sawBlock(mined(1, [LEFT, RIGHT].map(deposited)), 10, () => 0n));
  found.push(...solvency.sawBlock(mined(2, CHALLENGES), 20, () => 0n));
  found.push(...solvency.sawTime(FINAL_SEC, isHere));
  found.push(...GUARANTEE_GONE.flatMap((event) => solvency.sawEvent("irene", event)));
  expect(found).toEqual([]);
  return solvency;
}

describe("what the chain has decided", () => {
  unit("counts at once, all of it, when a reorg above has it read again", () => {
    const solvency = settled();
    solvency.sawReorg({ fork: 2, depth: 1 });
    expect(solvency.sawTime(FINAL_SEC, isHere)).toEqual([]);
  });

  unit("is told when it is another after a reorg, and of nobody who was away", () => {
    const found = [isHere, isAway].map((wasAway) => {
      const solvency = settled();
      solvency.sawReorg({ fork: 1, depth: 1 });
      const other = challenged(TARGET, paying(claims(ALICE, BOB, [0n, SHARE])));
      const block = mined(2, [challenged(RIGHT, RIGHT_STATE), other]);
      solvency.sawBlock(block, 20, () => 0n);
      return solvency.sawTime(FINAL_SEC, wasAway).map(({ message }) => message);
    });
    expect(found).toEqual([
      ["irene has put in 10 wei of ETH and signed away 0 at the most; others can leave her with 0"],
      [],
    ]);
  });
});
