/** What a virtual channel may still come to, and what opening it may cost, by logs that a person can reckon. */
import { describe, expect } from "bun:test";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { externalDestination } from "../../src/channel/destination.ts";
import { virtualFundId } from "../../src/channel/objective-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { assertDefined } from "../../src/primitives/assert.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import { unit } from "../../test/kind.ts";
import { repeated } from "../../test/sample-messages.ts";
import { endingsOf, lossMax } from "./due.ts";
import { promisesIn } from "./promises.ts";

const PARTICIPANTS = ["a1", "1e", "b0"].map((one) => repeated(one, 20) as Address);
const CHANNEL = repeated("c1", 32) as ChannelId;
const SIGNATURE = repeated("51", 65) as Signature;
const HASH = repeated("bb", 32) as Hash;

function paying(left: bigint, right: bigint): Outcome {
  const [alice, , bob] = PARTICIPANTS.map(externalDestination);
  const claims = [
    { destination: assertDefined(alice, "hers"), amount: left },
    { destination: assertDefined(bob, "his"), amount: right },
  ];
  const allocations = claims.map((one) => ({ ...one, allocationType: 0, metadata: "0x" as Hex }));
  return [{ asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations }];
}

/** Irene signs the opening and the final state. */
function signed(turnNum: number, outcome: Outcome, isFinal: boolean): NodeEvent {
  const objectiveId = virtualFundId(CHANNEL);
  const variablePart = { outcome, appData: "0x", turnNum, isFinal } as const;
  return {
    type: "StateSigned",
    channelId: CHANNEL,
    objectiveId,
    variablePart,
    signature: SIGNATURE,
  };
}

const blockAt = (blockNumber: number) => ({ blockNumber, blockHash: HASH });

/** Who takes part in the channel, between Alice and Bob over Irene, who gets 1. */
function created(myIndex: number): NodeEvent {
  return {
    type: "ChannelCreated",
    channelId: CHANNEL,
    fixedPart: {
      participants: PARTICIPANTS,
      channelNonce: 1n,
      appDefinition: repeated("a9", 20) as Address,
      challengeDurationSec: 300,
    },
    myIndex,
    outcome: paying(6n, 4n),
    appData: "0x",
    use: {
      type: "Virtual",
      profile: "enforceable",
      fees: [1n],
      left: repeated("c2", 32) as ChannelId,
      right: repeated("c3", 32) as ChannelId,
    },
  };
}

const OPENED: readonly NodeEvent[] = [created(1), signed(1, paying(6n, 4n), false)];
const FINAL = signed(9, paying(2n, 8n), true);
const CONCLUDED: NodeEvent & { readonly type: "ChannelConcluded" } = {
  type: "ChannelConcluded",
  channelId: CHANNEL,
  finalizesAtSec: 100,
  position: { ...blockAt(7), logIndex: 0, transactionHash: HASH },
};

/** What the first participant gets in each way to end. */
function lefts(events: readonly NodeEvent[]): readonly (bigint | undefined)[] {
  const channel = assertDefined(promisesIn(events).get(CHANNEL), "the channel");
  return endingsOf(channel).map(([exit]) => exit?.allocations[0]?.amount);
}

describe("the ways in which a virtual channel may end", () => {
  unit("are all that vouchers can prove, as long as others may keep the final state back", () => {
    expect(lefts([...OPENED, FINAL])).toEqual([6n, 2n, 0n, 10n]);
  });

  unit("are the final state alone once the chain has been shown it", () => {
    expect(lefts([...OPENED, FINAL, CONCLUDED])).toEqual([2n]);
  });

  unit("are open again when the block is gone in which it was shown", () => {
    const gone = { type: "ChainFactsTakenBack", channelId: CHANNEL, fork: blockAt(6) } as const;
    const kept = { ...gone, fork: blockAt(7) } as const;
    expect(lefts([...OPENED, FINAL, CONCLUDED, gone])).toHaveLength(4);
    expect(lefts([...OPENED, FINAL, CONCLUDED, kept])).toEqual([2n]);
  });

  unit("are all of them where she has no final state to which she is bound", () => {
    expect(lefts([...OPENED, CONCLUDED])).toHaveLength(3);
  });
});

describe("the states that a party has promised", () => {
  unit("rest on what peers have shown of a lost log, with her own signature on it", () => {
    const base = { outcome: paying(6n, 4n), appData: "0x", turnNum: 5, isFinal: false } as const;
    const shown: NodeEvent = {
      type: "ChannelResynced",
      channelId: CHANNEL,
      objectiveId: undefined,
      variablePart: base,
      signatures: [undefined, SIGNATURE, SIGNATURE],
      updatesAsked: 0,
    };
    const step = { channelId: CHANNEL, turnNum: 6, baseTurnNum: 5, changes: [] };
    const proposed: NodeEvent = { type: "ProposalSigned", ...step, signature: SIGNATURE };
    const states = promisesIn([created(1), shown, proposed]).get(CHANNEL)?.states;
    expect([...(states?.get(5)?.signatures.keys() ?? [])]).toEqual([1, 2]);
    expect(states?.get(6)?.variablePart).toEqual({ ...base, turnNum: 6 });
  });
});

describe("what opening a virtual channel may cost the one who pays the fee", () => {
  const [mine, bobs, irenes] = [undefined, 2, 1].map((by): NodeEvent => {
    const postfund = signed(1, paying(6n, 4n), false);
    return by === undefined ? postfund : ({ ...postfund, type: "StateReceived", by } as NodeEvent);
  }) as [NodeEvent, NodeEvent, NodeEvent];
  const refused: NodeEvent = {
    type: "ObjectiveRejected",
    objectiveId: virtualFundId(CHANNEL),
    channelId: CHANNEL,
    by: 2,
    code: "PolicyRefused",
  };
  const lossOf = (...events: readonly NodeEvent[]): bigint =>
    lossMax(promisesIn([created(0), ...events]), ZERO_ADDRESS);

  unit("is the fee once she has signed the postfund, as it may be open", () => {
    expect([lossOf(), lossOf(bobs), lossOf(mine)]).toEqual([0n, 0n, 1n]);
  });

  unit("is nothing when another takes no part, as long as not all have signed the postfund", () => {
    expect([lossOf(mine, refused), lossOf(mine, irenes, refused)]).toEqual([0n, 0n]);
    expect(lossOf(mine, irenes, refused, bobs)).toBe(1n);
  });

  unit("is the fee again when the chain is shown the postfund, and when it decides", () => {
    const postfund = {
      outcome: paying(6n, 4n),
      appData: "0x",
      turnNum: 1,
      isFinal: false,
    } as const;
    const shown: NodeEvent = {
      ...CONCLUDED,
      type: "ChallengeRegistered",
      candidate: { variablePart: postfund, signatures: [] },
      proof: [],
    };
    expect(lossOf(mine, refused, shown)).toBe(1n);
    expect(lossOf(mine, { ...refused, code: "ChannelDisputed" })).toBe(1n);
  });
});

/** A game of Alice, who brought in 6, and Bob, who brought in 4: Alice's log. */
const GAME: readonly NodeEvent[] = [
  {
    ...(created(0) as NodeEvent & { readonly type: "ChannelCreated" }),
    fixedPart: {
      participants: PARTICIPANTS.filter((_, index) => index !== 1),
      channelNonce: 1n,
      appDefinition: repeated("a9", 20) as Address,
      challengeDurationSec: 300,
    },
    use: { type: "MessageLog", hasTwin: true },
  },
  ...[0, 1].flatMap((turnNum) => both(turnNum, paying(6n, 4n))),
];
const ALL_HERS = signed(2, paying(10n, 0n), false);

function byBob(turnNum: number, outcome: Outcome): NodeEvent {
  const { objectiveId, variablePart } = signed(turnNum, outcome, false) as NodeEvent & {
    readonly type: "StateSigned";
  };
  const about = { channelId: CHANNEL, objectiveId, variablePart, signature: SIGNATURE };
  return { type: "StateReceived", by: 1, ...about };
}

function both(turnNum: number, outcome: Outcome): readonly NodeEvent[] {
  return [byBob(turnNum, outcome), signed(turnNum, outcome, false)];
}

function challengedWith(turnNum: number): NodeEvent {
  const { variablePart } = signed(turnNum, paying(6n, 4n), false) as NodeEvent & {
    readonly type: "StateSigned";
  };
  const { finalizesAtSec, position } = CONCLUDED;
  const candidate = { variablePart, signatures: [] };
  const about = { channelId: CHANNEL, finalizesAtSec, candidate, proof: [], position };
  return { type: "ChallengeRegistered", ...about };
}

/** The most that Alice may be poorer by. */
function loss(...events: readonly NodeEvent[]): bigint {
  return lossMax(promisesIn([...GAME, ...events]), ZERO_ADDRESS);
}

describe("what a game may cost a player", () => {
  unit("is all that she brought in once the other one has moved, signed by her or not", () => {
    expect(loss()).toBe(0n);
    expect(loss(ALL_HERS, byBob(2, paying(10n, 0n)), byBob(3, paying(0n, 10n)))).toBe(6n);
  });

  unit("is less than nothing once she has moved: she can show that alone", () => {
    expect(loss(ALL_HERS)).toBe(-4n);
    expect(loss(...both(2, paying(10n, 0n)), ...both(3, paying(0n, 10n)))).toBe(6n);
  });

  unit("stays what it was by a move in a dispute, until the chain has seen it", () => {
    expect(loss(challengedWith(1), ALL_HERS)).toBe(0n);
    expect(loss(challengedWith(1), ALL_HERS, challengedWith(2))).toBe(-4n);
  });

  unit("is no more for a final state that the other one alone has signed", () => {
    const { variablePart, ...rest } = byBob(2, paying(0n, 10n)) as NodeEvent & {
      readonly type: "StateReceived";
    };
    expect(loss({ ...rest, variablePart: { ...variablePart, isFinal: true } })).toBe(0n);
  });
});
