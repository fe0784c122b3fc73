/** What judges the cases, judged itself on logs that a person can reckon. */

import { describe, expect } from "bun:test";
import { dueOf, lossMax } from "../../sim/checkers/due.ts";
import { changedBy, promisesIn } from "../../sim/checkers/promises.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { ChannelUse } from "../../src/channel/channel-use.ts";
import { type Destination, externalDestination } from "../../src/channel/destination.ts";
import { applyProposal } from "../../src/channel/ledger-outcome.ts";
import type { LedgerProposal } from "../../src/channel/ledger-proposal.ts";
import { directFundId } from "../../src/channel/objective-id.ts";
import type { Allocation, Outcome } from "../../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Signature } from "../../src/crypto/signature.ts";
import type { NodeEvent } from "../../src/events/event.ts";
import { unit } from "../kind.ts";
import { repeated } from "../sample-messages.ts";
import { isPaid, type Verdict } from "./play.ts";

const PARTICIPANTS = ["a1", "b0"].map((one) => repeated(one, 20) as Address);
const [ALICE, BOB] = PARTICIPANTS.map(externalDestination) as [Destination, Destination];
const CHANNEL = repeated("c1", 32) as ChannelId;
const TARGET = repeated("c2", 32) as ChannelId;
const SIGNATURE = repeated("51", 65) as Signature;

const claim = (destination: Destination, amount: bigint): Allocation => {
  return { destination, amount, allocationType: 0, metadata: "0x" };
};
const paying = (...allocations: readonly Allocation[]): Outcome => [
  { asset: ZERO_ADDRESS, assetMetadata: { assetType: 0, metadata: "0x" }, allocations },
];

function created(outcome: Outcome, use: ChannelUse = { type: "Direct" }): NodeEvent {
  const appDefinition = repeated("a9", 20) as Address;
  const fixedPart = {
    participants: PARTICIPANTS,
    channelNonce: 1n,
    appDefinition,
    challengeDurationSec: 300,
  };
  const about = { channelId: CHANNEL, fixedPart, myIndex: 0, outcome, appData: "0x" } as const;
  return { type: "ChannelCreated", ...about, use };
}

/** Alice is 0, and her log tells it. */
function signed(by: 0 | 1, turnNum: number, outcome: Outcome, isFinal = false): NodeEvent {
  const objectiveId = directFundId(CHANNEL);
  const variablePart = { outcome, appData: "0x", turnNum, isFinal } as const;
  const about = { channelId: CHANNEL, objectiveId, variablePart, signature: SIGNATURE };
  return by === 0 ? { type: "StateSigned", ...about } : { type: "StateReceived", by, ...about };
}

function dueIn(events: readonly NodeEvent[], held: bigint): readonly (bigint | undefined)[] {
  const amounts = new Map([[CHANNEL, new Map([[ZERO_ADDRESS, held]])]]);
  const { least, most } = dueOf(promisesIn(events), amounts);
  return [least.get(ZERO_ADDRESS), most.get(ZERO_ADDRESS)];
}

const opening = paying(claim(ALICE, 6n), claim(BOB, 4n));
const opened = [created(opening), signed(0, 1, opening), signed(1, 1, opening)];

describe("what is due", () => {
  unit("is what the newest state of all pays, in its order, as far as there is money", () => {
    expect(dueIn(opened, 10n)).toEqual([6n, 6n]);
    expect(dueIn(opened, 5n)).toEqual([5n, 5n]);
    const moved = paying(claim(ALICE, 9n), claim(BOB, 1n));
    const later = [...opened, signed(0, 2, moved), signed(1, 2, moved)];
    expect(dueIn(later, 10n)).toEqual([9n, 9n]);
  });

  unit("is the least of what she has signed since, and nothing that others offer alone", () => {
    const less = paying(claim(ALICE, 2n), claim(BOB, 8n));
    expect(dueIn([...opened, signed(0, 2, less)], 10n)).toEqual([2n, 6n]);
    expect(dueIn([...opened, signed(1, 2, less)], 10n)).toEqual([6n, 6n]);
    expect(lossMax(promisesIn([...opened, signed(0, 2, less)]), ZERO_ADDRESS)).toBe(4n);
  });

  unit("may be what a final state says, whatever its turn", () => {
    const less = paying(claim(ALICE, 1n), claim(BOB, 9n));
    const final = [created(opening), signed(0, 0, less, true), ...opened.slice(1)];
    expect(dueIn(final, 10n)).toEqual([1n, 6n]);
  });

  unit("is nothing while nobody else has signed anything", () => {
    expect(dueIn([created(opening), signed(0, 0, opening)], 6n)).toEqual([0n, 6n]);
  });

  unit("leaves out a guarantee whose channel nobody can end", () => {
    const guarantee = {
      ...claim(TARGET as string as Destination, 3n),
      allocationType: 2,
      metadata: `${ALICE}${BOB.slice(2)}` as Allocation["metadata"],
    };
    const ledger = paying(guarantee, claim(ALICE, 4n), claim(BOB, 3n));
    const use: ChannelUse = { type: "Ledger", profile: "enforceable" };
    const events = [created(opening, use), signed(0, 2, ledger), signed(1, 2, ledger)];
    expect(dueIn(events, 10n)).toEqual([4n, 4n]);
  });
});

describe("the states of a ledger", () => {
  unit("change by proposals as those of the nodes do", () => {
    const guarantee = { left: BOB, right: ALICE };
    const shares = [{ asset: ZERO_ADDRESS, left: 2n, right: 1n }];
    const proposals: readonly LedgerProposal[] = [
      { type: "Add", target: TARGET, guarantee, shares, fee: 1n },
      { type: "TopUp", by: 0, asset: ZERO_ADDRESS, amount: 5n },
      { type: "Merge", by: 0, asset: ZERO_ADDRESS },
      { type: "Remove", target: TARGET, shares, refund: 1n },
    ];
    let outcome = opening;
    for (const proposal of proposals) {
      const theirs = applyProposal("enforceable", CHANNEL, outcome, proposal);
      expect(theirs).toEqual({ ok: true, value: changedBy(outcome, proposal) });
      outcome = changedBy(outcome, proposal);
    }
    expect(outcome).toEqual(paying(claim(ALICE, 11n), claim(BOB, 4n)));
  });
});

describe("a verdict", () => {
  const fair: Verdict = {
    asset: "ETH",
    gained: -2n,
    deposited: 6n,
    least: 4n,
    most: 4n,
    lossMax: 2n,
  };

  unit("is bad when she got less than is due, or lost more than she gave away", () => {
    expect(isPaid(fair, true)).toBe(true);
    expect(isPaid({ ...fair, gained: -3n }, false)).toBe(false);
    expect(isPaid({ ...fair, lossMax: 1n }, false)).toBe(false);
  });

  unit("is bad when she got more than any state says, unless strangers put more in", () => {
    expect([
      isPaid({ ...fair, gained: -1n }, true),
      isPaid({ ...fair, gained: -1n }, false),
    ]).toEqual([false, true]);
  });
});
