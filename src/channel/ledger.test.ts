/** What a ledger channel remembers besides its states, and when it forgets it. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../test/kind.ts";
import {
  addition,
  changeOf,
  ledgerOutcome,
  removal,
  TOKEN,
  targetAt,
} from "../../test/ledger-pair.ts";
import { ZERO_ADDRESS } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import {
  advanceLedger,
  applyChanges,
  createLedger,
  evolveLedger,
  FOLLOWER,
  isMadeIn,
  isSettled,
  LEADER,
  type Ledger,
  topUpOf,
} from "./ledger.ts";
import type { LedgerEvent, LedgerProposal } from "./ledger-proposal.ts";
import type { Outcome } from "./outcome.ts";

const channelId = targetAt(999);
const EMPTY = ledgerOutcome([[60n, 40n]]);
const { objectiveId } = changeOf(addition(1));
const topUp = { type: "TopUp", by: 0, asset: ZERO_ADDRESS, amount: 9n } as const;
const merge = { type: "Merge", by: 0, asset: ZERO_ADDRESS } as const;

const after = (...events: readonly LedgerEvent[]): Ledger =>
  events.reduce(evolveLedger, createLedger("enforceable"));

const agreed = (proposal: LedgerProposal): LedgerEvent => ({
  type: "ProposalAgreed",
  channelId,
  ...changeOf(proposal),
});

const signed = (
  turnNum: number,
  baseTurnNum: number,
  ...proposals: readonly LedgerProposal[]
): LedgerEvent => ({
  type: "ProposalReceived",
  channelId,
  by: LEADER,
  turnNum,
  baseTurnNum,
  changes: proposals.map(changeOf),
  signature: "0x" as Signature,
});

const refused = (turnNum: number): LedgerEvent => ({
  type: "ProposalRefused",
  channelId,
  by: FOLLOWER,
  turnNum,
  code: "No",
});

const reserved: LedgerEvent = { type: "CapacityReserved", channelId, objectiveId, amounts: [] };

const withChanges = (...proposals: readonly LedgerProposal[]): Outcome => {
  const outcome = applyChanges("enforceable", channelId, EMPTY, proposals.map(changeOf));
  if (!outcome.ok) throw new Error(outcome.reason.code);
  return outcome.value;
};

const flagsOf = ({ agreed: all }: Ledger): unknown =>
  [...all.values()].map(({ isAlone, isBlocked }) => [isAlone, isBlocked]);

describe("evolveLedger", () => {
  unit("remembers what is set aside until it is released", () => {
    expect([...after(reserved).reserved.keys()]).toEqual([objectiveId]);
    expect(
      after(reserved, { type: "CapacityReleased", channelId, objectiveId }).reserved.size,
    ).toBe(0);
  });

  unit("puts what is agreed to anew behind what was agreed to before", () => {
    const ledger = after(agreed(addition(1)), agreed(addition(2)), agreed(removal(1)));

    expect([...ledger.agreed.keys()]).toEqual([targetAt(2), targetAt(1)]);
    expect(ledger.agreed.get(targetAt(1))?.proposal.type).toBe("Remove");
  });

  unit("forgets what its objective withdraws, and nothing else", () => {
    const withdrawn: LedgerEvent = { type: "ProposalWithdrawn", channelId, objectiveId };

    expect([...after(agreed(addition(1)), agreed(addition(2)), withdrawn).agreed.keys()]).toEqual([
      targetAt(2),
    ]);
  });

  unit("remembers a state once, whoever signs it, and refuses with it what is built on it", () => {
    const ledger = after(
      signed(2, 1, addition(1)),
      signed(2, 1),
      signed(3, 2),
      signed(4, 1),
      refused(2),
    );
    const late = evolveLedger(ledger, signed(5, 3));

    expect(ledger.waiting.get(2)?.changes).toHaveLength(1);
    expect([...late.waiting.values()].map(({ isRefused }) => isRefused)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  unit(
    "lets changes of a refused batch go alone, and one that was refused alone not at all",
    () => {
      const both = [agreed(addition(1)), agreed(addition(2))];
      const batch = [...both, signed(2, 1, addition(1), addition(2)), refused(2)];
      const alone = [...batch, signed(3, 1, addition(1)), refused(3)];

      expect(flagsOf(after(...batch))).toEqual([
        [true, false],
        [true, false],
      ]);
      expect(flagsOf(after(...alone))).toEqual([
        [true, true],
        [true, false],
      ]);
      expect(flagsOf(after(agreed(removal(1)), signed(2, 1, addition(1)), refused(2)))).toEqual([
        [false, false],
      ]);
    },
  );
});

describe("advanceLedger", () => {
  const outcome = withChanges(addition(1));
  const before = after(
    reserved,
    agreed(addition(1)),
    agreed(addition(2)),
    signed(2, 1, addition(1)),
    signed(3, 2),
  );

  unit(
    "settles what the supported state and all above it have, and forgets the states below",
    () => {
      const ledger = advanceLedger(before, 2, outcome, [outcome]);

      expect([...ledger.waiting.keys()]).toEqual([3]);
      expect([...ledger.agreed.keys()]).toEqual([targetAt(2)]);
      expect(ledger.reserved.size).toBe(0);
      expect(ledger.settled).toEqual([objectiveId]);
    },
  );

  adversarial("settles no guarantee that a state above lacks: its money stays set aside", () => {
    const ledger = advanceLedger(before, 2, outcome, [EMPTY]);

    expect([...ledger.agreed.keys()]).toEqual([targetAt(1), targetAt(2)]);
    expect([ledger.reserved.size, ledger.settled]).toEqual([1, []]);
  });

  unit("settles a removal once no state could bring the guarantee back", () => {
    const leaving = after(agreed(removal(1)));

    expect(advanceLedger(leaving, 2, EMPTY, [outcome]).settled).toEqual([]);
    expect(advanceLedger(leaving, 2, EMPTY, []).settled).toEqual([objectiveId]);
  });
});

describe("isMadeIn and isSettled", () => {
  unit("an addition is made with all its assets, a removal without any", () => {
    const two = {
      ...addition(1),
      shares: [...addition(1).shares, { asset: TOKEN, left: 1n, right: 1n }],
    };
    const outcome = withChanges(addition(1));

    expect([isMadeIn(outcome, addition(1)), isMadeIn(outcome, two)]).toEqual([true, false]);
    expect([isMadeIn(outcome, removal(1)), isMadeIn(EMPTY, removal(1))]).toEqual([false, true]);
    expect(isSettled(addition(1), outcome, [outcome])).toBe(true);
    expect(isSettled(addition(1), outcome, [EMPTY])).toBe(false);
  });

  unit("the other side's top-up, or another amount, is not mine", () => {
    const running = withChanges(topUp);

    expect(isMadeIn(running, topUp)).toBe(true);
    expect(isMadeIn(running, { ...topUp, by: 1 })).toBe(false);
    expect(isMadeIn(running, { ...topUp, amount: 8n })).toBe(false);
    expect([isMadeIn(running, merge), isMadeIn(running, { ...merge, by: 1 })]).toEqual([
      false,
      true,
    ]);
    expect(isMadeIn(withChanges(topUp, merge), merge)).toBe(true);
    expect([topUpOf(running, topUp), topUpOf(EMPTY, topUp)]).toEqual([9n, undefined]);
    expect(topUpOf(running, { asset: TOKEN })).toBeUndefined();
  });
});

describe("applyChanges", () => {
  unit("makes one change behind the other, or says which reason stops it", () => {
    const changes = [addition(1), removal(1), addition(1)].map(changeOf);
    const wrong = applyChanges("enforceable", channelId, EMPTY, [
      ...changes,
      changeOf(addition(1)),
    ]);

    expect(applyChanges("enforceable", channelId, EMPTY, changes)).toEqual({
      ok: true,
      value: withChanges(addition(1)),
    });
    expect(wrong).toMatchObject({ ok: false, reason: { code: "GuaranteeExists" } });
  });
});
