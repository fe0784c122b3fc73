/** What a reorganisation took back is marked by what it was, and so is what somebody else did first. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { playDirect } from "../../test/played-channels.ts";
import type { Channel } from "../channel/channel.ts";
import { disputeId } from "../channel/objective-id.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { countMarks } from "../primitives/mark.ts";
import type { MarkName } from "../primitives/marks.ts";
import { createObjective } from "../protocols/objective.ts";
import { markStranger, markTakenBack } from "./chain-marks.ts";

const network = playDirect(2, [0]);
const { state } = network.node(0);
const channel = assertDefined([...state.channels.values()][0], "the channel");
const funded: Channel = {
  ...channel,
  adjudication: { type: "Open", turnNumRecord: 0 },
  concluded: false,
  paidOut: new Set(),
  holdings: new Map([[ZERO_ADDRESS, 10n]]),
};
const shown = { turnNum: 5, stateHash: "0x" as never, outcome: [], appData: "0x" as const };
const challenged: Channel = {
  ...funded,
  adjudication: { type: "Challenged", finalizesAtSec: 1, ...shown },
};
const final: Channel = { ...funded, adjudication: { type: "Final", ...shown } };
const reclaimed: Channel = { ...final, adjudication: { type: "Final", ...shown, outcome: [] } };

function marksOf(work: () => void): readonly MarkName[] {
  const seen: MarkName[] = [];
  const stop = countMarks((name) => seen.push(name));
  try {
    work();
  } finally {
    stop();
  }
  return seen;
}

describe("what a reorganisation takes back", () => {
  const cases: readonly (readonly [MarkName, before: Channel, after: Channel])[] = [
    ["reorg/deposit-taken-back", funded, { ...funded, holdings: new Map() }],
    ["reorg/challenge-taken-back", challenged, funded],
    ["reorg/answer-taken-back", funded, challenged],
    ["reorg/conclusion-taken-back", { ...funded, concluded: true }, funded],
    [
      "reorg/payout-taken-back",
      { ...final, paidOut: new Set([ZERO_ADDRESS]), holdings: new Map() },
      final,
    ],
    ["reorg/reclaim-taken-back", reclaimed, final],
  ];

  for (const [name, before, after] of cases) {
    unit(`is marked as ${name}, and as nothing else`, () => {
      expect(marksOf(() => markTakenBack(before, after))).toEqual([name]);
    });
  }

  unit("is nothing where the facts are the same", () => {
    expect(marksOf(() => markTakenBack(funded, funded))).toEqual([]);
  });
});

describe("what somebody else did first", () => {
  const { id: channelId } = channel;
  const position = { blockNumber: 1, blockHash: "0x", logIndex: 0, transactionHash: "0x" } as never;
  const concluded = { type: "ChannelConcluded", channelId, finalizesAtSec: 1, position } as const;
  const id = disputeId(channelId);
  const created = createObjective({
    type: "ObjectiveCreated",
    objectiveId: id,
    channelId,
    goal: { type: "Dispute" },
    openedBy: 0,
  });
  const dispute = { ...created, status: "Approved" } as const;
  const tablesWith = (objective: typeof dispute): typeof state => {
    return { ...state, objectives: new Map([[id, objective]]) };
  };

  unit("is marked while this node disputes the channel and has not asked for the same", () => {
    expect(marksOf(() => markStranger(tablesWith(dispute), concluded))).toEqual([
      "chain/concluded-by-another",
    ]);
  });

  unit("is not marked without a dispute, nor where this node has asked for it", () => {
    const asked = {
      ...dispute,
      transactions: new Map([[`${id}/conclude@1/0` as never, "Submitted"]]),
    };

    expect(marksOf(() => markStranger(state, concluded))).toEqual([]);
    expect(marksOf(() => markStranger(tablesWith(asked as never), concluded))).toEqual([]);
  });
});
