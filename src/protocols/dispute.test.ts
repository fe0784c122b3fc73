/** Each rung of a dispute: what it asks for, once, and how often it tries. */
import { describe, expect } from "bun:test";
import {
  COIN,
  disputeWith,
  exitOf,
  finalChannel,
  finalTarget,
  runningChannel,
  runningLedger,
  SHARES,
  STATE_HASH,
  TOKEN,
  target,
} from "../../test/disputed-channel.ts";
import { invariant, unit } from "../../test/kind.ts";
import { SAMPLE_SIGNATURE } from "../../test/sample-messages.ts";
import type { Adjudication } from "../channel/adjudication.ts";
import type { Channel } from "../channel/channel.ts";
import { crank, type DisputeWait, ladder } from "./dispute.ts";
import type { ChainCall, EffectId } from "./effects.ts";
import type { TransactionStatus } from "./objective.ts";
import type { Context } from "./protocol.ts";
import { evolveSubject, type ProtocolEvent, type Subject } from "./subject.ts";

const CONTEXT: Context = {
  sign: () => SAMPLE_SIGNATURE,
  recoverSigner: () => undefined,
  appOf: () => undefined,
};

type Asked = { readonly id: EffectId; readonly call: ChainCall };

/** What a crank asks of the chain. It records nothing by itself. */
function askedBy(subject: Subject): { readonly asked: readonly Asked[]; readonly wait: string } {
  const { effects, events, waitingFor } = crank(subject, CONTEXT);
  expect(events).toEqual([]);
  const asked = effects.flatMap((effect) =>
    effect.type === "SubmitTransaction" ? [{ id: effect.id, call: effect.call }] : [],
  );
  expect(asked).toHaveLength(effects.length);
  return { asked, wait: waitingFor };
}

const disputing = (channel: Channel, targets: readonly Channel[] = []): Subject => ({
  objective: disputeWith(),
  channel,
  targets,
});

/** The subject once the transactions that it asks for have come to this. */
function after(subject: Subject, status: TransactionStatus): Subject {
  const before = [...subject.objective.transactions];
  const now = askedBy(subject).asked.map(({ id }) => [id, status] as const);
  return { ...subject, objective: disputeWith([...before, ...now]) };
}

function challenged(turnNum: number): Adjudication {
  return {
    type: "Challenged",
    finalizesAtSec: 900,
    turnNum,
    stateHash: STATE_HASH,
    outcome: SHARES,
    appData: "0x",
  };
}

/** Each rung, and a subject that rests there with something to ask for, if the rung ever asks. */
const RESTING: Readonly<Record<DisputeWait, Subject>> = {
  StateOnChain: disputing(runningChannel()),
  ChallengeExpired: disputing({ ...runningChannel(), adjudication: challenged(5) }),
  GuaranteesReclaimed: disputing(
    finalChannel(runningLedger(SHARES), [exitOf(COIN, 50n, 40n, { 1: 10n })]),
    [finalTarget(1, 7n, 3n)],
  ),
  PaidOut: disputing(finalChannel(runningChannel(), SHARES)),
};

describe("the ladder of a dispute", () => {
  invariant("is climbed rung by rung, and a second crank asks for nothing", () => {
    expect(ladder.map(({ waitingFor }) => waitingFor)).toEqual(Object.keys(RESTING) as never);
    for (const [rung, subject] of Object.entries(RESTING)) {
      expect(askedBy(subject).wait).toBe(rung);
      expect(askedBy(subject).asked).toHaveLength(rung === "ChallengeExpired" ? 0 : 1);
      for (const status of ["Requested", "Submitted", "Confirmed"] as const) {
        expect(askedBy(after(subject, status))).toEqual({ asked: [], wait: rung });
      }
    }
  });

  invariant("tries each deed three times, and again when the chain tells something new", () => {
    for (const rung of ["StateOnChain", "GuaranteesReclaimed"] as const) {
      let subject = RESTING[rung];
      for (let count = 0; count < 3; count++) {
        expect(askedBy(subject).asked).toHaveLength(1);
        subject = after(subject, "Failed");
      }
      expect(askedBy(subject)).toEqual({ asked: [], wait: rung });
      const lastLog = { blockNumber: 8, logIndex: 0 };
      const told = { ...subject, channel: { ...subject.channel, lastLog } };
      expect(askedBy(told).asked).toHaveLength(1);
    }
  });
});

describe("what is shown", () => {
  unit("is the newest state that all signed, in time for a challenge that it answers", () => {
    const [open] = askedBy(disputing(runningChannel())).asked;
    expect(open?.call).toMatchObject({ type: "Challenge", proof: [], deadlineSec: undefined });
    expect(open?.call).toMatchObject({ candidate: { variablePart: { turnNum: 5 } } });

    const older = { ...runningChannel(), adjudication: challenged(4) };
    const [answer] = askedBy(disputing(older)).asked;
    expect(answer?.call).toMatchObject({ type: "Challenge", deadlineSec: 900 });
  });

  unit("is the final state where there is one, whatever was challenged with", () => {
    for (const adjudication of [challenged(9), undefined]) {
      const channel = runningChannel(SHARES, true);
      const subject = disputing(adjudication ? { ...channel, adjudication } : channel);
      expect(askedBy(subject).asked[0]?.call).toMatchObject({ type: "Conclude" });
    }
  });

  unit("is nothing when my newest state, or a newer one, is on the chain already", () => {
    for (const turnNum of [5, 6]) {
      const subject = disputing({ ...runningChannel(), adjudication: challenged(turnNum) });
      expect(askedBy(subject)).toEqual({ asked: [], wait: "ChallengeExpired" });
    }
  });

  unit("is nothing before the prefund is complete", () => {
    const subject = disputing({ ...runningChannel(), supported: undefined });
    expect(askedBy(subject)).toEqual({ asked: [], wait: "StateOnChain" });
  });
});

describe("guarantees", () => {
  const outcome = [exitOf(COIN, 30n, 30n, { 1: 10n, 2: 20n, 3: 10n })];
  const ledger = finalChannel(runningLedger(outcome), outcome);

  unit("are reclaimed one at a time, by what their channels pay", () => {
    const subject = disputing(ledger, [finalTarget(2, 15n, 5n), finalTarget(3, 1n, 9n)]);
    const [first, ...others] = askedBy(subject).asked;
    expect(others).toEqual([]);
    expect(first?.call).toMatchObject({ type: "Reclaim", targetId: target(2) });
    expect(first?.call).toMatchObject({ indexOfTargetInSource: 1, targetAssetIndex: 0 });
    expect(first?.call).toMatchObject({ sourceOutcome: outcome, sourceStateHash: STATE_HASH });
    expect(askedBy(after(subject, "Submitted")).asked).toEqual([]);
  });

  unit(
    "wait for channels that are not final, or whose end nobody knows, and let others pass",
    () => {
      const running = { ...runningChannel(), id: target(1) };
      const unknown = { ...finalTarget(2, 0n, 0n), ...finalChannel(runningChannel(), undefined) };
      const waiting = disputing(ledger, [running, { ...unknown, id: target(2) }]);
      expect(askedBy(waiting)).toEqual({ asked: [], wait: "GuaranteesReclaimed" });

      const more = { ...waiting, targets: [...(waiting.targets ?? []), finalTarget(3, 1n, 9n)] };
      expect(askedBy(more).asked[0]?.call).toMatchObject({ targetId: target(3) });
    },
  );

  unit("of which one is refused for ever do not keep the next one back", () => {
    let subject = disputing(ledger, [finalTarget(1, 9n, 9n), finalTarget(2, 15n, 5n)]);
    for (let count = 0; count < 3; count++) subject = after(subject, "Failed");
    expect(askedBy(subject).asked[0]?.call).toMatchObject({ targetId: target(2) });
  });

  unit("of a ledger that holds nothing any more are worth nothing", () => {
    const subject = disputing({ ...ledger, holdings: new Map() });
    expect(askedBy(subject)).toEqual({ asked: [], wait: "Nothing" });
  });
});

describe("a payout", () => {
  unit("pays all, and after three refusals my part, asset by asset", () => {
    let subject = RESTING.PaidOut;
    const types: string[] = [];
    const assets: number[] = [];
    for (let count = 0; count < 12; count++) {
      const [one] = askedBy(subject).asked;
      if (one === undefined) break;
      types.push(one.call.type);
      if (one.call.type === "Transfer") {
        assets.push(one.call.assetIndex);
        expect(one.call.indices).toEqual([0]);
      }
      subject = after(subject, "Failed");
    }
    const all = ["TransferAllAssets", "TransferAllAssets", "TransferAllAssets"];
    expect(types).toEqual([...all, ...new Array<string>(6).fill("Transfer")]);
    expect(assets).toEqual([0, 0, 0, 1, 1, 1]);
  });

  unit("is over when nothing of what is held is mine, though others can be paid", () => {
    const paid = [exitOf(COIN, 0n, 40n), exitOf(TOKEN, 0n, 40n)];
    const channel = finalChannel(runningChannel(), paid);
    expect(askedBy(disputing(channel))).toEqual({ asked: [], wait: "Nothing" });
  });

  unit("is none for a virtual channel, which holds nothing", () => {
    const use = { type: "Virtual", profile: "enforceable", fees: [], left: undefined } as const;
    const channel = {
      ...finalChannel(runningChannel(), SHARES),
      use: { ...use, right: undefined },
    };
    expect(askedBy(disputing(channel))).toEqual({ asked: [], wait: "Nothing" });
  });
});

describe("a dispute that a reorganisation has undone", () => {
  unit("goes on from the transactions that it has made", () => {
    const { channel, objective } = after(RESTING.PaidOut, "Submitted");
    const { channelId, goal, id: objectiveId } = objective;
    const again: ProtocolEvent[] = [
      { type: "ObjectiveCompleted", objectiveId, channelId },
      { type: "ObjectiveCreated", objectiveId, channelId, goal, openedBy: 0 },
      { type: "ObjectiveApproved", objectiveId, channelId },
    ];
    const reopened = again.reduce(evolveSubject, { channel, objective });
    expect(reopened.objective.status).toBe("Approved");
    expect(askedBy(reopened)).toEqual({ asked: [], wait: "PaidOut" });
  });
});
