/** What a virtual channel wants of the ledger channels on its two sides. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import {
  agree,
  changeOf,
  contextOf,
  countersign,
  FOLLOWERS_ACCOUNT,
  hear,
  LEADERS_ACCOUNT,
  learn,
  openPair,
  PARTIES,
  propose,
  refused,
  shares,
} from "../../test/ledger-pair.ts";
import { type Channel, createChannel, ledgerOf, supportedState } from "../channel/channel.ts";
import { virtualFundId, withdrawalId } from "../channel/objective-id.ts";
import { stateHash } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import {
  additionFor,
  agreeOn,
  feeOn,
  isFreed,
  isGuaranteed,
  leaveLedgers,
  mayHold,
  removalFor,
  sharesOf,
  sidesOf,
  virtualUseOf,
} from "./guarantees.ts";
import type { Objective } from "./objective.ts";
import type { ProtocolEvent, Subject } from "./subject.ts";

const TARGET = `0xc${"7".repeat(63)}` as Channel["id"];
const STRANGER = `0x${"b0".repeat(20)}` as Address;

/** The payer's side of a channel that her ledger with the first of two intermediaries funds. */
function payersSubject(right: Channel): Subject {
  const channel = createChannel({
    type: "ChannelCreated",
    channelId: TARGET,
    fixedPart: { ...right.fixedPart, participants: [...PARTIES, STRANGER, STRANGER] },
    myIndex: 0,
    outcome: right.fundingOutcome.map((exit) => ({
      ...exit,
      allocations: exit.allocations.map((one, at) => ({ ...one, amount: at === 0 ? 5n : 3n })),
    })),
    appData: "0x",
    use: {
      type: "Virtual",
      profile: "enforceable",
      fees: [2n, 1n],
      left: undefined,
      right: right.id,
    },
  });
  const objective = { id: virtualFundId(TARGET), channelId: TARGET } as Objective;
  return { channel, objective, right };
}

/** The ledger after the payer agreed to what she wants of it. */
const wanting = (ledger: Channel): Channel => {
  const { channel } = payersSubject(ledger);
  return agree(ledger, additionFor(channel, "right", ledger));
};

/** The payer's ledger with the guarantee in it, signed by both: as she has it, and as the hub has it. */
function bothSides(): readonly [Channel, Channel] {
  const [before, hearer] = openPair();
  const [proposed, message] = propose(wanting(before));
  const willing = agree(hearer, additionFor(payersSubject(before).channel, "right", before));
  return countersign(proposed, hear(willing, message));
}

/** The signature of one side on the end of a ledger: all that it funds goes over to another one. */
function finalSignedBy(side: number, ledger: Channel): ProtocolEvent {
  const { turnNum } = supportedState(ledger).variablePart;
  const variablePart = {
    outcome: ledger.fundingOutcome,
    appData: "0x",
    turnNum: turnNum + 1,
    isFinal: true,
  } as const;
  const signature = contextOf(side).sign(stateHash(ledger.id, variablePart));
  const objectiveId = withdrawalId(ledger.id, 7n);
  return { type: "StateSigned", channelId: ledger.id, objectiveId, variablePart, signature };
}

describe("additionFor, removalFor and feeOn", () => {
  const [ledger, follower] = openPair();
  const { channel } = payersSubject(ledger);

  unit(
    "name the participants in the order of the virtual channel, and the fees of all that follow",
    () => {
      const addition = additionFor(channel, "right", ledger);

      expect(addition).toEqual({
        type: "Add",
        target: TARGET,
        guarantee: { left: LEADERS_ACCOUNT, right: FOLLOWERS_ACCOUNT },
        shares: shares(5n, 3n),
        fee: 3n,
      });
      expect(additionFor({ ...channel, myIndex: 1 }, "left", follower)).toEqual(addition);
      expect([
        feeOn({ ...channel, myIndex: 1 }, "right"),
        feeOn({ ...channel, myIndex: 3 }, "left"),
      ]).toEqual([1n, 0n]);
    },
  );

  unit("give the fee back only for a channel that never was open", () => {
    const outcome = channel.fundingOutcome;

    expect(removalFor(channel, "right", outcome, false)).toMatchObject({
      refund: 3n,
      shares: sharesOf(outcome),
    });
    expect(removalFor(channel, "right", outcome, true)).toMatchObject({ refund: 0n });
  });
});

describe("agreeOn", () => {
  unit("agrees once on each side that there is, and not to what is made already", () => {
    const [ledger] = openPair();
    const subject = payersSubject(ledger);
    const addition = additionFor(subject.channel, "right", ledger);
    const { events } = agreeOn(subject, () => addition);
    const removal = removalFor(subject.channel, "right", subject.channel.fundingOutcome, false);

    expect(events).toMatchObject([
      { type: "ProposalAgreed", channelId: ledger.id, proposal: addition },
    ]);
    expect(agreeOn(payersSubject(learn(ledger, events)), () => addition).events).toEqual([]);
    expect(agreeOn(subject, () => removal).events).toEqual([]);
    expect(sidesOf(subject).map(([side]) => side)).toEqual(["right"]);
  });

  unit("does not agree again to what is made in a ledger that is ending", () => {
    const [open] = bothSides();
    const subject = payersSubject(open);
    const addition = additionFor(subject.channel, "right", open);
    const ending = payersSubject(learn(open, [finalSignedBy(0, open)]));

    expect(agreeOn(subject, () => addition).events).toEqual([]);
    expect(agreeOn(ending, () => addition).events).toEqual([]);
    expect(isGuaranteed(ending)).toBe(false);
  });

  unit("agrees anew where the follower has refused it to another objective", () => {
    const wanted = wanting(openPair()[0]);
    const blocked = refused(propose(wanted)[0], 2);
    const subject = payersSubject(blocked);
    const addition = additionFor(subject.channel, "right", blocked);
    const other = { ...subject.objective, id: "VirtualDefund-" as Objective["id"] };

    expect(agreeOn(subject, () => addition).events).toEqual([]);
    expect(agreeOn({ ...subject, objective: other }, () => addition).events).toHaveLength(1);
  });
});

describe("isGuaranteed, isFreed and mayHold", () => {
  const [before] = openPair();
  const [proposed] = propose(wanting(before));
  const { channel } = payersSubject(before);
  const [open, theirs] = bothSides();

  unit(
    "a guarantee is there once both have signed it, and may be from the first signature on",
    () => {
      expect([before, proposed, open].map((ledger) => isGuaranteed(payersSubject(ledger)))).toEqual(
        [false, false, true],
      );
      expect([before, proposed, open].map((ledger) => isFreed(payersSubject(ledger)))).toEqual([
        true,
        false,
        false,
      ]);
      expect([before, proposed, theirs].map((ledger) => mayHold(ledger, channel))).toEqual([
        false,
        true,
        true,
      ]);
    },
  );

  unit("a guarantee that a state which waits lacks is not there", () => {
    const removal = removalFor(channel, "right", channel.fundingOutcome, false);
    const [leaving] = propose(agree(open, removal));

    expect([isGuaranteed(payersSubject(leaving)), isFreed(payersSubject(leaving))]).toEqual([
      false,
      false,
    ]);
  });
});

describe("leaveLedgers", () => {
  const about = { objectiveId: virtualFundId(TARGET), amounts: [] };
  const [ledger] = openPair();
  const kept = learn(wanting(ledger), [
    { type: "CapacityReserved", channelId: ledger.id, ...about },
  ]);
  const typesOf = (one: Channel): readonly string[] =>
    leaveLedgers(payersSubject(one)).map(({ type }) => type);

  unit(
    "withdraws what nobody signed, takes out again what somebody did, and frees the money",
    () => {
      const [proposed] = propose(kept);

      expect(typesOf(ledger)).toEqual([]);
      expect(typesOf(kept)).toEqual(["ProposalWithdrawn", "CapacityReleased"]);
      expect(typesOf(proposed)).toEqual(["ProposalAgreed", "CapacityReleased"]);
      expect(
        ledgerOf(learn(proposed, leaveLedgers(payersSubject(proposed)))).agreed.get(TARGET),
      ).toMatchObject({
        proposal: removalFor(
          payersSubject(ledger).channel,
          "right",
          payersSubject(ledger).channel.fundingOutcome,
          false,
        ),
      });
    },
  );
});

describe("virtualUseOf", () => {
  unit("is for virtual channels alone", () => {
    const [ledger] = openPair();

    expect(virtualUseOf(payersSubject(ledger).channel).fees).toEqual([2n, 1n]);
    expect(() => virtualUseOf(ledger)).toThrow("virtual");
    expect(changeOf(additionFor(payersSubject(ledger).channel, "right", ledger)).objectiveId).toBe(
      virtualFundId(TARGET),
    );
  });
});
